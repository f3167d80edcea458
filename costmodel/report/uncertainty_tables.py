"""How sure a study's decision is, and how far it rests on values that nobody published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from costmodel.analysis.acceptability import acceptability, evpi
from costmodel.analysis.event_rates import event_rates
from costmodel.analysis.information import evppi
from costmodel.errors import CostModelError
from costmodel.report.findings import DOUBTFUL, Findings, perspective_label
from costmodel.report.style import number
from costmodel.report.text import escape_markdown
from costmodel.study.quantities import share_words
from costmodel.study.sample import Sample
from costmodel.study.savings import Savings

if TYPE_CHECKING:
    import pandas as pd

    from costmodel.model import Outcomes

EFFECT = "qaly"
NOT_READ = "All that were not read"
_WORDS = {"read": "Read in a source", "recalled": "Recalled", "elicited": "Elicited", "assumed": "Assumed"}
_SHOW = number(2)
_ALL = 0.995


def decides(found: Findings, sample: Sample) -> bool:
    """Return whether a study asks for a decision: a willingness to pay, QALYs and several draws."""
    return (
        found.study.spec.analysis.wtp is not None
        and EFFECT in sample.outcomes.measures
        and sample.outcomes.n_draws > 1
    )


def _wtp(found: Findings) -> float:
    wtp = found.study.spec.analysis.wtp
    if wtp is None:
        raise CostModelError(
            f"study '{found.study.name}' states no willingness to pay: set wtp in [analysis]"
        )
    return wtp


def knowledge_table(found: Findings, sample: Sample) -> pd.DataFrame:
    """Return what it would be worth to know the inputs for certain, by how they are known now.

    Parameters
    ----------
    found : Findings
    sample : Sample
        With the study's willingness to pay; see :func:`decides`.

    Returns
    -------
    DataFrame
        One row per status of inputs, and one for all that were not read in a source: how many inputs there
        are and how many vary, the value of perfect information on those (EVPPI, money per person, all
        segments, headline perspective) with its standard error, its share of the value of perfect
        information on everything, and what speaks against the regression. Inputs that do not vary have none.
    """
    import pandas as pd

    parameters = found.study.parameters
    varying = [name for name, item in parameters.items() if item.distribution != "fixed"]
    members = {
        label: [name for name, item in parameters.items() if item.status == status]
        for status, label in _WORDS.items()
    }
    members[NOT_READ] = [name for name, item in parameters.items() if item.status in DOUBTFUL]
    counts = pd.DataFrame(
        {
            "Inputs": list(members),
            "Number": [len(names) for names in members.values()],
            "Uncertain": [sum(name in varying for name in names) for names in members.values()],
        }
    )
    groups = {
        label: [name for name in names if name in varying]
        for label, names in members.items()
        if any(name in varying for name in names)
    }
    value = evppi(
        sample.outcomes,
        sample.draws,
        groups,
        _wtp(found),
        perspective=found.perspective,
        effect=EFFECT,
    )
    names = {"group": "Inputs", "evppi": "EVPPI", "se": "Standard error", "share": "Share of EVPI"}
    known = value[[*names, "doubt"]].rename(columns=names | {"doubt": "Doubt"})
    joined = counts[counts["Number"] > 0].merge(known, on="Inputs", how="left")
    return joined.assign(Doubt=joined["Doubt"].fillna(""))


def against(sample: Sample, versus: str) -> Outcomes:
    """Return a sample's outcomes with increments taken against a strategy of choice."""
    return replace(sample.outcomes, comparator=versus)


def knowledge_section(found: Findings, sample: Sample, table: pd.DataFrame) -> str:
    """Return how sure the decision is and how much of the doubt lies in inputs that were not read.

    Parameters
    ----------
    found : Findings
    sample : Sample
    table : DataFrame
        Of :func:`knowledge_table`.
    """
    wtp, outcomes = _wtp(found), sample.outcomes
    curve = acceptability(outcomes, wtp, perspective=found.perspective, effect=EFFECT)
    best = curve[curve["optimal"]].iloc[0]
    perfect = float(evpi(outcomes, wtp, perspective=found.perspective, effect=EFFECT)[0])
    rest = table[table["Inputs"] == NOT_READ].iloc[0]
    money = found.currency
    label = escape_markdown(found.strategy_label(str(best["strategy"])))
    perspective = perspective_label(found.perspective).lower()
    told = (
        f"At {wtp:,.0f} {money} per QALY ({perspective} perspective, all segments by size), {label} has the "
        f"highest expected net benefit and is best in {share_words(float(best['probability']))} of "
        f"{outcomes.n_draws:,} draws. To know every input for certain would be worth {_SHOW(perfect)} "
        f"{money} per person."
    )
    if rest.isna()["EVPPI"]:
        return told + " Every input that is uncertain was read in a source."
    share = "all of it" if rest["Share of EVPI"] >= _ALL else f"{rest['Share of EVPI']:.0%} of it"
    doubt = " The regression behind this is in doubt, so take it as rough." if rest["Doubt"] else ""
    return (
        f"{told} The {rest['Uncertain']:,.0f} uncertain inputs that were recalled, elicited or assumed carry "
        f"{share}: {_SHOW(rest['EVPPI'])} (standard error {_SHOW(rest['Standard error'])}).{doubt} A small "
        f"value says that the choice between these strategies is clear, not that the numbers are."
    )


def event_rows(found: Findings, sample: Sample) -> pd.DataFrame:
    """Return events per 1,000 person-years by strategy, for :func:`costmodel.report.interval_panels`."""
    rates = event_rates(sample.outcomes)
    return rates.assign(
        row=rates["event"].map(found.measure_label), series=rates["strategy"].map(found.strategy_label)
    ).rename(columns={"rate": "value"})[["row", "series", "value", "low", "high"]]


def event_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`event_rows` with one column per strategy; intervals in brackets."""
    shown = rows.assign(
        text=[f"{one.value:.3g} ({one.low:.3g} to {one.high:.3g})" for one in rows.itertuples()]
    )
    return _wide(shown).rename_axis("Event").reset_index()


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the column ``text`` with one row per row and one column per series, in their order."""
    table = rows.set_index(["row", "series"])["text"].unstack()  # noqa: PD010 - text has no average
    names, series = (list(dict.fromkeys(rows[column])) for column in ("row", "series"))
    return table.loc[names, series].rename_axis(columns=None)


def purchase_rows(found: Findings, bought: Savings) -> pd.DataFrame:
    """Return what savings could pay for, as :func:`costmodel.report.interval_figure` draws it."""
    section = found.study.spec.report.savings
    assert section is not None
    names = {
        "made": f"Saved already ({found.strategy_label(section.made[1])})",
        "left": f"Still to be saved ({found.strategy_label(section.left[1])})",
    }
    table = bought.purchases
    return table.assign(row=table["label"], series=table["saving"].map(names)).rename(
        columns={"bought": "value"}
    )[["row", "series", "value", "low", "high"]]


def purchase_table(found: Findings, bought: Savings) -> pd.DataFrame:
    """Return what savings could pay for, one row per purchase: its cost, how many of it, and the note."""
    rows = purchase_rows(found, bought)
    counts = rows.assign(
        text=[f"{one.value:,.0f} ({one.low:,.0f} to {one.high:,.0f})" for one in rows.itertuples()]
    )
    first = bought.purchases.drop_duplicates("label").set_index("label")
    table = _wide(counts).assign(Note=first["note"])
    table.insert(0, f"Cost of one, {found.currency}", first["cost"])
    return table.rename_axis("Bought").reset_index()
