"""A study of two drugs in two segments with a budget: small enough to be worked by hand."""

from dataclasses import replace

import costmodel as cm

ROWS = """name,value,low,high,distribution,basis,unit,price_year,currency,source,status
price_old,100,,,gamma,se=10,USD/year,2026,USD,,assumed
price_new,40,,,fixed,,USD/year,2026,USD,,assumed
share_on,1,,,fixed,,proportion,,,,assumed
copay,10,,,fixed,,USD/year,2026,USD,,assumed
"""
SEGMENTS = "name,label,size,copay\na,A,100,\nb,B,50,20\n"
STUDY = """title = "Old and new"
currency = "USD"
price_year = 2026
time = { horizon_years = 1, within_cycle = "start" }

[strategies.old]
set = { price = "price_old", p_stop = 0.5 }

[strategies.new]
set = { price = "price_new", p_stop = 0.25 }

[states]
names = ["on", "off"]
start = { on = "share_on", off = "complement" }

[[transitions]]
from = "on"
to = "off"
probability = "p_stop"

[[payoffs]]
measure = "drug"
kind = "cost"
states = ["on"]
value = "price - copay"

[[payoffs]]
measure = "copays"
kind = "cost"
states = ["on"]
value = "copay"

[[payoffs]]
measure = "years_on"
kind = "event"
states = ["on"]
value = 1

[perspectives]
payer = ["drug"]
patient = ["copays"]
everyone = ["drug", "copays"]

[budget]
years = 2
payer = "payer"
patient = "patient"
incident = 0.3
starters = { share_on = 0.8 }

[budget.changes.switch]
without = "old"
with = "new"
"""


def study(folder, *edits, text=STUDY):
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text)
    (folder / "parameters.csv").write_text(ROWS)
    (folder / "segments.csv").write_text(SEGMENTS)
    return cm.read_study(folder)


def budgeted(found, **values):
    """Return the study with other keys of [budget]."""
    budget = found.spec.budget.model_copy(update=values)
    return replace(found, spec=found.spec.model_copy(update={"budget": budget}))
