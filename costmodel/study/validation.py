"""Predictions of a study beside what was observed: agreement and disagreement alike are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults
from costmodel.inputs import Draws
from costmodel.study.claims import read_claims
from costmodel.study.quantities import Quantity, evaluate_quantities
from costmodel.study.read import Study
from costmodel.study.sample import Sample
from costmodel.tables import Column, read_csv, typed

if TYPE_CHECKING:
    import pandas as pd

VALIDATION_FILE = "validation.csv"
_COLUMNS = (
    Column("id", kind="name", required=True, optional=False),
    Column("title", required=True, optional=False, remedy="say what was observed, where and when"),
    Column("quantity", required=True, optional=False, remedy="name a quantity of claims.toml"),
    Column("observed", kind="number", required=True, optional=False),
    Column("low", kind="number", remedy="the lower end of the interval of what was observed"),
    Column("high", kind="number", remedy="the upper end of the interval of what was observed"),
    Column("source", remedy="a key of references.bib"),
    Column("explanation", remedy="why prediction and observation differ"),
)


@dataclass(frozen=True)
class Observation:
    """A row of validation.csv; ``low`` and ``high`` are None where nothing is known of its error."""

    id: str
    title: str
    quantity: str
    observed: float
    low: float | None
    high: float | None
    source: str
    explanation: str


def read_validation(study: Study) -> tuple[Observation, ...]:
    """Read and check the validation.csv of a study's folder.

    Raises
    ------
    CostModelError
        The study has no validation.csv, or no claims.toml, which names the quantities.
    DataError
        All its faults, each with line, rule and remedy.
    """
    path = study.folder / VALIDATION_FILE
    if not path.is_file():
        raise CostModelError(f"study '{study.name}' has no {VALIDATION_FILE} in its folder")
    quantities = list(read_claims(study).quantities)
    faults = Faults(VALIDATION_FILE)
    raw = read_csv(path)
    table = typed(raw, _COLUMNS, faults)
    if not raw.rows:
        faults.add("must hold at least one observation", remedy="add a row, or delete the file")
    seen: set[str] = set()
    rows = [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]
    for row, line in zip(rows, raw.lines, strict=True):
        _check_names(row, line, quantities, list(study.bibliography), faults)
        _check_interval(row, line, faults)
        if row["id"] in seen:
            faults.add("an id may be used only once", row=line, column="id", found=row["id"])
        seen.add(row["id"])
    faults.raise_if_any(f"the validation of study '{study.name}' cannot be used")
    texts = ("source", "explanation")
    return tuple(Observation(**{**row, **{name: row[name] or "" for name in texts}}) for row in rows)


def _check_names(
    row: dict[str, Any], line: int, quantities: list[str], sources: list[str], faults: Faults
) -> None:
    places = (
        ("quantity", quantities, "is no quantity of claims.toml"),
        ("source", sources, "is not in references.bib"),
    )
    for column, choices, words in places:
        name = row[column]
        if name and name not in choices:
            faults.add(words, row=line, column=column, found=name, remedy=did_you_mean(name, choices))


def _check_interval(row: dict[str, Any], line: int, faults: Faults) -> None:
    low, high, observed = row["low"], row["high"], row["observed"]
    if low is None and high is None:
        return
    if low is None or high is None:
        missing = "low" if low is None else "high"
        remedy = "give both ends of the interval or none"
        faults.add("an interval has two ends", row=line, column=missing, found="an empty cell", remedy=remedy)
    elif observed is not None and not low <= observed <= high:
        faults.add(
            "must hold what was observed",
            row=line,
            column="low",
            found=f"{low:g} to {high:g} around {observed:g}",
        )


def validation(
    study: Study,
    *,
    draws: Draws | None = None,
    scenario: str | None = None,
    quantities: Mapping[str, Quantity] | None = None,
) -> pd.DataFrame:
    """Compare what a study predicts with what was observed.

    Parameters
    ----------
    study : Study
        With a validation.csv and a claims.toml in its folder.
    draws : Draws, optional
        The study's own number of draws if left out.
    scenario : str, optional
    quantities : mapping of str to Quantity, optional
        Those of claims that were judged before, so that the study is not evaluated again; ``draws`` and
        ``scenario`` are then theirs.

    Returns
    -------
    pandas.DataFrame
        A row per observation, in the file's order: ``id, title, quantity``; ``prediction``, the mean over
        draws, and ``prediction_low, prediction_high``, their 95 % interval; ``observed, low, high``;
        ``verdict``: ``inside the interval``, ``outside the interval`` or ``no interval``, of the mean in
        the interval of what was observed; ``ratio``, prediction over observation, missing unless both are
        above 0; ``words``; ``recalled``, ``source``, ``explanation``. A prediction outside the interval
        without an explanation says so.

    Raises
    ------
    CostModelError, DataError
        As :func:`read_validation` and :func:`costmodel.study.claims.claims`.
    """
    import pandas as pd

    observations = read_validation(study)
    wanted = {one.quantity for one in observations}
    if quantities is None:
        sections = {name: one for name, one in read_claims(study).quantities.items() if name in wanted}
        sample = Sample.of(study, scenario, draws=draws)
        quantities = evaluate_quantities(study, sections, sample=sample)
    rows = [_row(one, quantities[one.quantity]) for one in observations]
    return pd.DataFrame(rows).astype({"low": "Float64", "high": "Float64", "ratio": "Float64"})


def _row(one: Observation, quantity: Quantity) -> dict[str, object]:
    prediction = quantity.mean
    ratio = prediction / one.observed if prediction > 0 and one.observed > 0 else None
    verdict = _verdict(one, prediction)
    return {
        "id": one.id,
        "title": one.title,
        "quantity": one.quantity,
        "prediction": prediction,
        "prediction_low": quantity.low,
        "prediction_high": quantity.high,
        "observed": one.observed,
        "low": one.low,
        "high": one.high,
        "verdict": verdict,
        "ratio": ratio,
        "words": _words(one, verdict, ratio, prediction),
        "recalled": ", ".join(quantity.recalled),
        "source": one.source,
        "explanation": one.explanation,
    }


def _verdict(one: Observation, prediction: float) -> str:
    if one.low is None or one.high is None:
        return "no interval"
    return "inside the interval" if one.low <= prediction <= one.high else "outside the interval"


def _words(one: Observation, verdict: str, ratio: float | None, prediction: float) -> str:
    size = (
        f"{ratio:.3g} times what was observed"
        if ratio is not None
        else f"{prediction - one.observed:+.4g} off"
    )
    if verdict == "inside the interval":
        return f"inside the interval; {size}"
    if verdict == "no interval":
        return f"no interval is known; {size}"
    unexplained = "" if one.explanation else "; not explained"
    return f"outside the interval; {size}{unexplained}"
