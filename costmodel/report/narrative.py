"""The sentences between a report's figures and tables, computed from the results they speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from costmodel.report.findings import Findings, day, perspective_label, price_statistic
from costmodel.report.style import Formatter, money, number
from costmodel.report.text import escape_markdown

if TYPE_CHECKING:
    import pandas as pd

PRICE_FORMATS: Mapping[str, str | Formatter] = {
    "Brand": money(4),
    "Generic": money(4),
    "Difference": money(4),
    "Ratio": ",.1f",
    "Saving": ".1%",
}
"""How the columns of :func:`price_table` are written."""

_BASES = {"unit": "1 {unit}", "mg": "1 mg", "ddd": "1 DDD", "30 days, 1 a day": "30 days, 1 {unit} a day"}


def price_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return brand against generic by strength and basis, with the headers a reader sees."""
    import pandas as pd

    rows = [
        {
            "Strength": f"{item['strength_mg']:g} mg {item['form']}",
            "For": _BASES.get(item["basis"], item["basis"]).format(unit=item["unit"]),
            "Brand": item["brand"],
            "Generic": item["generic"],
            "Difference": item["difference"],
            "Ratio": item["ratio"],
            "Saving": item["saving"],
        }
        for item in pairs.sort_values("strength_mg", kind="stable").to_dict("records")
    ]
    return pd.DataFrame(rows)


def price_section(found: Findings, pairs: pd.DataFrame) -> str:
    """Return the opening of the price section."""
    unit = pairs[pairs["basis"] == "unit"].sort_values("strength_mg")
    first, last = unit.iloc[0], unit.iloc[-1]
    text = (
        f"{str(first['molecule']).capitalize()}, {first['form']}: the brand costs "
        f"{unit['ratio'].min():,.0f} to {unit['ratio'].max():,.0f} times as much as the generic of the same "
        f"strength ({first['strength_mg']:g} to {last['strength_mg']:g} mg; @fig-prices, @tbl-prices). "
        f"Prices are {first['price_type']} prices of {day(first['as_of'])} in {first['currency']}."
    )
    notes = dict.fromkeys(
        item.note for name, item in found.study.bound.items() if name in _PRICES and item.note
    )
    return "## Prices\n\n" + text + "".join(f" {escape_markdown(note)}." for note in notes)


_PRICES = ("price_brand", "price_generic")


def price_note(found: Findings, pairs: pd.DataFrame) -> str:
    """Return the note under the price table: counts of products, what a DDD is."""
    unit = pairs[pairs["basis"] == "unit"].sort_values("strength_mg")
    counts = "; ".join(
        f"{row['strength_mg']:g} mg: {row['n_brand']} brand, {row['n_generic']} generic"
        for row in unit.to_dict("records")
    )
    note = f"{unit['currency'].iloc[0]}. Products listed: {counts}."
    if (unit[["n_brand", "n_generic"]] > 1).any(axis=None):
        note += f" Of several products the {price_statistic(found.study)} is taken."
    ddd = found.ddd_mg
    if ddd is not None:
        note += f" DDD: WHO's defined daily dose, {ddd:g} mg, an epilepsy dose."
    return note


def separate_perspectives(found: Findings) -> list[str]:
    """Return the perspectives that split the headline's cost between them, without counting any twice.

    Empty where no set of perspectives adds up to the headline perspective's cost.
    """
    import numpy as np

    outcomes = found.outcomes
    chosen: list[str] = []
    taken = set(outcomes.perspectives[found.perspective])
    for name, members in outcomes.perspectives.items():
        if name != found.perspective and not taken & set(members):
            chosen.append(name)
            taken |= set(members)
    if not chosen:
        return []
    whole = sum(outcomes.cost(name) for name in chosen)
    return chosen if np.allclose(np.asarray(whole), outcomes.cost(found.perspective)) else []


def cost_section(found: Findings) -> str:
    """Return the opening of the section on costs."""
    model = found.study.model(found.scenario)
    time = model.time
    measures = found.outcomes.measures
    effects = [
        found.measure_label(name).lower() for name in found.outcomes.effects if measures[name] != "event"
    ]
    same = f" All strategies give the same {' and '.join(effects)}: only costs differ."
    equal = same if effects and _equal(found) else ""
    years = "one year" if time.horizon_years == 1 else f"{time.horizon_years:g} years"
    return (
        f"Costs are per person over {years}, in {found.money}, for {len(found.outcomes.segments)} "
        f"segment{'s' if len(found.outcomes.segments) != 1 else ''} (@tbl-costs; the headline segment in "
        f"@tbl-components; increments in @tbl-increments).{equal}"
    )


def _equal(found: Findings) -> bool:
    from costmodel.analysis.incremental import increments

    labels = {item.label for item in increments(found.outcomes)}
    return bool(found.outcomes.effects) and labels <= {"equal effects: cost-minimisation", "equal"}


def cost_note(found: Findings) -> str:
    """Return the note under the cost table: what each perspective adds up."""
    return (
        "; ".join(
            f"{perspective_label(name)}: {' + '.join(found.measure_label(item).lower() for item in members)}"
            for name, members in found.outcomes.perspectives.items()
        )
        + ". Gross of rebates unless a name says net."
    )


def scenario_section(found: Findings, table: pd.DataFrame) -> str:
    """Return the opening of the section on scenarios."""
    low, high = table["Difference"].min(), table["Difference"].max()
    segment = escape_markdown(found.segment_label(found.segment))
    return (
        f"@fig-scenarios and @tbl-scenarios show the headline comparison "
        f"({segment}, {perspective_label(found.perspective).lower()}) "
        f"when one thing changes at a time. The difference in cost lies between {_signed(low)} and "
        f"{_signed(high)} {found.currency} per person."
    )


def _signed(value: float) -> str:
    return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")


def input_section(found: Findings) -> str:
    """Return the opening of the section on inputs: how many there are and how they are known."""
    counts = Counter(item.status for item in found.study.parameters.values())
    parts = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    tables = (
        f" {len(found.study.bound)} come from tables by a query (@tbl-bound)." if found.study.bound else ""
    )
    return (
        f"The study has {len(found.study.parameters)} inputs: {parts}.{tables} "
        "`costmodel trace STUDY NAME` follows any of them to its source."
    )


def money_columns(frame: pd.DataFrame) -> dict[str, Formatter]:
    """Return a format of two decimals for every column of numbers."""
    from pandas.api.types import is_numeric_dtype

    return {str(name): number(2) for name in frame.columns if is_numeric_dtype(frame[name])}
