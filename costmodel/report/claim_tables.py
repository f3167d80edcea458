"""Claims with their verdicts, and predictions beside observations, as a report shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel.report.findings import Findings
from costmodel.study.claims import Claims, claims
from costmodel.study.claims_schema import CLAIMS_FILE
from costmodel.study.quantities import Quantity, share_words
from costmodel.study.sample import Sample
from costmodel.study.validation import VALIDATION_FILE, validation

if TYPE_CHECKING:
    import pandas as pd

_FIGURES = 4


@dataclass(frozen=True)
class Argument:
    """The claims of a study judged, and its predictions set beside observations, where it has any.

    Parameters
    ----------
    claims : Claims
    validation : pandas.DataFrame or None
        None where the study has no validation.csv.
    draws : int
        Behind every interval.
    """

    claims: Claims
    validation: pd.DataFrame | None
    draws: int

    @classmethod
    def of(cls, found: Findings, sample: Sample | None = None) -> Argument | None:
        """Judge the claims of the study over a sample; None where it makes none."""
        study = found.study
        if not (study.folder / CLAIMS_FILE).is_file():
            return None
        sample = sample or Sample.of(study, found.scenario)
        observed = (study.folder / VALIDATION_FILE).is_file()
        judged = claims(study, scenario=found.scenario, sample=sample)
        return cls(
            claims=judged,
            validation=validation(study, quantities=judged.quantities) if observed else None,
            draws=sample.draws.n,
        )


def claim_section(argument: Argument) -> str:
    """Return how many claims got which verdict, and how verdicts come about, as a paragraph."""
    frame = argument.claims.frame()
    counted = frame["verdict"].value_counts()
    told = ", ".join(
        f"{counted[name]} {name}"
        for name in ("holds", "holds for some", "not shown", "contradicted")
        if name in counted
    )
    return (
        f"Of {len(frame)} claims: {told}. Each verdict is the first of the rules in claims.toml that the "
        f"numbers meet; other prices or parameters change it. Intervals hold 95 % of "
        f"{argument.draws:,} draws."
    )


def claim_table(argument: Argument) -> pd.DataFrame:
    """Return a row per claim: its statement, verdict, evidence with sources, and weakness."""
    frame = argument.claims.frame()
    shown = frame[["id", "statement", "verdict", "evidence", "sources", "weakness"]]
    shown = shown.assign(sources=shown["sources"].str.replace(", ", "; "))
    names = ["Claim", "Statement", "Verdict", "Evidence", "Source", "Weakness"]
    return shown.set_axis(names, axis="columns")


def quantity_table(argument: Argument) -> pd.DataFrame:
    """Return the numbers behind the verdicts: whose, interval, share of draws above zero, what was not read.

    Recalled inputs are named; of elicited ones there may be dozens, so they are counted. Numbers that are
    only set beside observations stand in :func:`validation_table`.
    """
    import pandas as pd

    told: dict[str, list[str]] = {}
    for verdict in argument.claims.verdicts:
        for one in verdict.quantities:
            told.setdefault(one.name, []).append(verdict.id)
    rows = argument.claims.numbers()
    rows = rows.set_index("name").loc[list(told)].reset_index()
    return pd.DataFrame(
        {
            "Claim": [", ".join(told[name]) for name in rows["name"]],
            "Number": rows["label"],
            "Unit": rows["unit"],
            "Mean": [_plain(value) for value in rows["mean"]],
            "95 % interval": [
                f"{_plain(low)} to {_plain(high)}"
                for low, high in zip(rows["low"], rows["high"], strict=True)
            ],
            "Above 0": [share_words(value) for value in rows["p_positive"]],
            "Not read": [_not_read(argument.claims.quantities[name]) for name in rows["name"]],
        }
    )


def _not_read(quantity: Quantity) -> str:
    parts = [f"recalled: {', '.join(quantity.recalled)}"] if quantity.recalled else []
    parts += [f"{len(quantity.elicited)} elicited"] if quantity.elicited else []
    return "; ".join(parts)


def validation_table(argument: Argument) -> pd.DataFrame:
    """Return a row per observation: prediction, observation, their intervals, verdict and explanation."""
    import pandas as pd

    rows = argument.validation
    if rows is None:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "Observed": rows["title"],
            "Model": _with_interval(rows, "prediction", "prediction_low", "prediction_high"),
            "Observation": _with_interval(rows, "observed", "low", "high"),
            "Verdict": rows["words"],
            "Source": rows["source"],
            "Explanation": rows["explanation"],
        }
    )


def _with_interval(rows: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    """Return numbers as text, each with its interval where there is one that says more than the number."""
    import pandas as pd

    texts = []
    for number, least, most in rows[[value, low, high]].itertuples(index=False):
        ends = "" if pd.isna(least) or least == most else f" ({_plain(least)} to {_plain(most)})"
        texts.append(_plain(number) + ends)
    return texts


def _plain(value: float) -> str:
    return f"{value:,.{_FIGURES}g}" if abs(value) < 10**_FIGURES else f"{value:,.0f}"
