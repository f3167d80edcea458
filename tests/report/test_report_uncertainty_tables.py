"""How far a decision rests on inputs that were not read, events and purchases as a report shows them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import costmodel as cm
from costmodel.report import Findings
from costmodel.report.interval_figure import interval_alt, interval_marks, interval_panels
from costmodel.report.uncertainty_tables import (
    NOT_READ,
    decides,
    event_rows,
    event_table,
    knowledge_section,
    knowledge_table,
    purchase_rows,
    purchase_table,
)
from costmodel.study.sample import Sample
from costmodel.study.savings import savings

STUDY = Path(__file__).parents[1] / "study" / "savings"


@pytest.fixture(scope="module")
def found():
    return Findings.of(cm.read_study(STUDY))


@pytest.fixture(scope="module")
def sample(found):
    return Sample.of(found.study)


def with_wtp(found, wtp):
    spec = found.study.spec
    changed = spec.model_copy(update={"analysis": spec.analysis.model_copy(update={"wtp": wtp})})
    return replace(found, study=replace(found.study, spec=changed))


def test_inputs_are_counted_by_how_they_are_known(found, sample):
    table = knowledge_table(found, sample).set_index("Inputs")
    assert table[["Number", "Uncertain"]].T.to_dict("list") == {
        "Read in a source": [1, 0],
        "Recalled": [1, 1],
        "Elicited": [1, 1],
        NOT_READ: [2, 2],
    }
    assert np.isnan(table.loc["Read in a source", "EVPPI"])


def test_the_value_of_knowing_what_was_not_read_is_the_value_of_knowing_all(found, sample):
    table = knowledge_table(found, sample).set_index("Inputs")
    perfect = cm.evpi(sample.outcomes, 50_000, perspective="all")[0]
    assert table.loc[NOT_READ, "EVPPI"] == pytest.approx(perfect, rel=1e-6)
    # the gain is N(0.005, 0.0051) QALY at 50,000 for 200: net benefit N(50, 255) against 0, whose loss is
    # 255 phi(50/255) - 50 Phi(-50/255) = 99.8 - 21.1 = 78.7
    assert table.loc["Recalled", "EVPPI"] == pytest.approx(78.7, abs=1.5)
    assert table.loc["Elicited", "EVPPI"] < 2
    assert (table["Doubt"] == "").all()


def test_the_section_says_what_is_best_how_sure_and_on_what_it_rests(found, sample):
    text = knowledge_section(found, sample, knowledge_table(found, sample))
    assert "At 50,000 USD per QALY (all perspective, all segments by size), Careful has the highest" in text
    assert "The 2 uncertain inputs that were recalled, elicited or assumed carry all of it" in text


def test_at_another_willingness_to_pay_another_strategy_is_best(found, sample):
    low = with_wtp(found, 10_000)
    assert "Cheaper still has the highest" in knowledge_section(low, sample, knowledge_table(low, sample))


def test_without_a_willingness_to_pay_nothing_is_decided(found, sample):
    silent = with_wtp(found, None)
    assert decides(found, sample)
    assert not decides(silent, sample)
    assert not decides(found, sample.with_draws(found.study.draws()))
    with pytest.raises(cm.CostModelError, match="set wtp"):
        knowledge_table(silent, sample)


def test_events_by_strategy_are_those_of_the_rates(american):
    found = Findings.of(american)
    rows = event_rows(found, Sample.of(found.study, draws=found.study.draws()))
    rates = cm.analysis.event_rates(found.outcomes)
    assert rows["value"].to_list() == rates["rate"].to_list()
    table = event_table(rows).set_index("Event")
    assert list(table.columns) == [found.strategy_label(name) for name in found.outcomes.strategies]
    rate = rates.query("event == 'hip_fractures' and strategy == 'generic'")["rate"].item()
    assert table.loc["Hip fractures", "All generic"].startswith(f"{rate:.3g} (")


def test_purchases_stand_with_their_cost_and_note(found):
    bought = savings(found.study, Sample.of(found.study, draws=found.study.draws()))
    table = purchase_table(found, bought).set_index("Bought")
    assert table.loc["Visits", "Cost of one, USD"] == 100
    assert table.loc["Visits", "Saved already (Generic)"] == "8,000 (8,000 to 8,000)"
    assert table.loc["Booklets", "Still to be saved (Cheaper still)"] == "2,000 (2,000 to 2,000)"
    assert table.loc["Booklets", "Note"] == "Printed"
    assert purchase_rows(found, bought)["row"].to_list() == ["Visits", "Booklets"] * 2


ROWS = pd.DataFrame(
    [
        ("Falls", "brand", 10.0, 8.0, 12.0),
        ("Falls", "generic", 11.0, 9.0, 13.0),
        ("Crashes", "brand", 0.5, 0.0, 1.0),
        ("Crashes", "generic", 0.0, 0.0, 0.0),
    ],
    columns=["row", "series", "value", "low", "high"],
)


def test_marks_stand_at_their_values_and_a_zero_has_none_on_a_log_scale():
    ax = interval_marks(ROWS, label="Per 1,000")
    marks = {line.get_label(): line.get_xdata().tolist() for line in ax.lines}
    assert marks == {"brand": [10.0, 0.5], "generic": [11.0]}
    assert ax.get_xscale() == "log"
    assert interval_marks(ROWS, label="Per 1,000", ax=ax) is ax


def test_each_panel_has_a_scale_of_its_own_from_zero():
    figure = interval_panels(ROWS, label="Per 1,000")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["Falls", "Crashes"]
    assert [line.get_xdata()[0] for line in figure.axes[0].lines] == [10.0, 11.0]
    assert all(ax.get_xlim()[0] == 0 for ax in figure.axes)
    assert figure.axes[0].get_xlim()[1] > 10 * figure.axes[1].get_xlim()[1]


def test_the_text_tells_every_number():
    text = interval_alt(ROWS, label="Per 1,000")
    assert "Falls: brand 10 (8 to 12), generic 11 (9 to 13); Crashes: brand 0.5 (0 to 1)" in text


@pytest.mark.parametrize("draw", [interval_marks, interval_panels])
def test_nothing_to_draw_is_said(draw):
    with pytest.raises(cm.CostModelError, match="nothing to draw"):
        draw(ROWS.iloc[:0], label="x")
