"""The Medicaid rebate's rules with the days they hold for, from the bundled table."""

from __future__ import annotations

import datetime as dt

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError


def rule_in_force(name: str, product: str, day: dt.date, *, missing: float | None = None) -> float:
    """Return the value of the rule in force on a day, or ``missing`` where there is none.

    Parameters
    ----------
    name : {"basic_share", "inflation_applies", "total_cap", "penny_price"}
    product : {"brand", "generic", "any"}
    day : date
    missing : float, optional
        Returned where no rule holds; an error otherwise.

    Examples
    --------
    >>> rule_in_force("basic_share", "brand", dt.date(2026, 1, 1))
    0.231
    """
    table = read_dataset("populations/medicaid_rebate_rules")
    own = table[(table["rule"] == name) & table["product"].isin((product, "any"))]
    days = own["from_date"].dt.date, own["until_date"].dt.date
    inside = [start <= day and (end != end or day <= end) for start, end in zip(*days, strict=True)]  # noqa: PLR0124
    found = own["value"][inside]
    if len(found) == 1:
        return float(found.iloc[0])
    if missing is not None and found.empty:
        return missing
    raise CostModelError(f"{len(found)} rules '{name}' for '{product}' on {day}; must be one")
