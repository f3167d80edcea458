"""Parameters taken from the evidence table, with its interval, source, status and doubts."""

from __future__ import annotations

from typing import Any

from costmodel.checks import did_you_mean
from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.inputs.parameter import Parameter

TABLE = "evidence/parameters"
_DISTRIBUTIONS = ("beta", "gamma", "lognormal", "normal")


def evidence_parameter(evidence_id: str, name: str | None = None) -> Parameter:
    """Return a row of the evidence table as a parameter.

    Parameters
    ----------
    evidence_id : str
        Such as ``epi_pd_12m``.
    name : str, optional
        What the parameter is called; the id if left out.

    Returns
    -------
    Parameter
        Its distribution is the table's, through the 95 % interval, where both are stated; fixed otherwise.
        Status, source and doubts come along: a recalled value stays recalled.

    Raises
    ------
    CostModelError
        There is no such row (the nearest is named), or it holds no number.

    Examples
    --------
    >>> panic = evidence_parameter("epi_pd_12m", "p_panic")
    >>> panic.value, panic.low, panic.high, panic.status
    (0.027, 0.023, 0.031, 'read')
    """
    rows = read_dataset(TABLE).set_index("id")
    if evidence_id not in rows.index:
        raise CostModelError(
            f"evidence '{evidence_id}' is unknown; {did_you_mean(evidence_id, list(rows.index))}"
        )
    row = rows.loc[evidence_id]
    value, low, high = (_number(row[key]) for key in ("value_number", "low_95", "high_95"))
    if value is None:
        raise CostModelError(f"evidence '{evidence_id}' holds no number: {row['value']}")
    drawn = low is not None and high is not None and row["distribution"] in _DISTRIBUTIONS
    year = _number(row["price_year"])
    return Parameter(
        name=name or evidence_id,
        value=value,
        low=low,
        high=high,
        distribution=str(row["distribution"]) if drawn else "fixed",
        basis="95%" if drawn else "",
        unit=str(row["unit"]),
        price_year=None if year is None else int(year),
        currency=str(row["currency"]),
        source=f"table:{TABLE}",
        locator=evidence_id,
        status=str(row["status"]),
        note="; ".join(text for text in (str(row["source_citation"]), str(row["flag"])) if text),
    )


def _number(cell: Any) -> float | None:
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return None
    return None if number != number else number  # noqa: PLR0124 - a missing number differs from itself
