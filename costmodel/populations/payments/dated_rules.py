"""The Medicaid rebate's rules with the days they hold for, from the bundled table."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import NamedTuple

from costmodel.datasets import data_root, read_dataset
from costmodel.errors import CostModelError

_FOREVER = "2262-01-01"


class _DatedRule(NamedTuple):
    name: str
    product: str
    first: dt.date
    last: dt.date
    value: float


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
    own = [rule for rule in _rules(data_root()) if rule.name == name and rule.product in (product, "any")]
    found = [rule.value for rule in own if rule.first <= day <= rule.last]
    if len(found) == 1:
        return found[0]
    if missing is not None and not found:
        return missing
    raise CostModelError(f"{len(found)} rules '{name}' for '{product}' on {day}; must be one")


@cache
def _rules(_root: Path) -> tuple[_DatedRule, ...]:
    """Return the table's rows, read once per data root."""
    table = read_dataset("populations/medicaid_rebate_rules")
    days = table["from_date"].dt.date, table["until_date"].fillna(_FOREVER).dt.date
    columns = (table["rule"], table["product"], *days, table["value"])
    return tuple(_DatedRule(*row) for row in zip(*columns, strict=True))
