"""What a payer deducts from a list price before it pays: dated rules by category.

Rules of payment change and lists of them go stale, so a rule is data with its first and last day, its
source and the day on which somebody last looked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from costmodel.checks import did_you_mean
from costmodel.errors import Faults
from costmodel.prices.errors import PriceError

RULE_COLUMNS = ("category", "rate", "valid_from", "valid_to", "source", "reviewed")
"""The columns of a table of deductions; ``valid_to`` is blank for a rule still in force, ``reviewed`` is the
day on which it was last compared with its source."""

STALE = dt.timedelta(days=365)
"""After this time a rule that nobody looked at again is called old."""


def deduction_rates(
    rules: pd.DataFrame, month: str | dt.date, categories: list[str]
) -> tuple[dict[str, float], list[str]]:
    """Return the deduction that applies to each category in a month, and what is doubtful about it.

    Parameters
    ----------
    rules : pandas.DataFrame
        Columns :data:`RULE_COLUMNS`. ``rate`` is the proportion deducted, 0.05 for five per cent.
    month : date or ISO text
        The first day of the month that is paid for.
    categories : list of str
        The categories that occur.

    Returns
    -------
    rates : dict of str to float
    warnings : list of str
        A month that a category's rules do not cover (the last earlier rule is then used), and a rule not
        reviewed within a year before the month.

    Raises
    ------
    DataError
        A rule has no rate in [0, 1), no source, dates that are none or in the wrong order, or overlaps
        another rule of its category.
    PriceError
        A category has no rule at all, or none that began by the month.

    Examples
    --------
    >>> rules = pd.DataFrame(
    ...     [("brand", 0.05, "2023-04-01", "", "a circular", "2023-04-01")], columns=list(RULE_COLUMNS)
    ... )
    >>> rates, doubts = deduction_rates(rules, "2024-06-01", ["brand"])
    >>> rates, doubts
    ({'brand': 0.05}, ["deduction of 'brand' last reviewed 2023-04-01, more than a year before 2024-06-01"])
    """
    checked, day = _checked(rules), pd.Timestamp(month)
    rates, warnings = {}, []
    for category in dict.fromkeys(categories):
        rule, doubts = _rule(checked, category, day)
        rates[category] = float(rule["rate"])
        warnings += doubts
    return rates, warnings


def _rule(rules: pd.DataFrame, category: str, day: pd.Timestamp) -> tuple[pd.Series[Any], list[str]]:
    own = rules[rules["category"] == category]
    if own.empty:
        raise PriceError(
            f"deductions: no rule for '{category}'; {did_you_mean(category, set(rules['category']))}"
        )
    begun = own[own["valid_from"] <= day]
    if begun.empty:
        first = own["valid_from"].min()
        raise PriceError(
            f"deductions: no rule for '{category}' had begun by {day:%Y-%m-%d}; the first holds from "
            f"{first:%Y-%m-%d}: add the rule before it, with its source"
        )
    rule = begun.sort_values("valid_from").iloc[-1]
    doubts = []
    if pd.notna(rule["valid_to"]) and rule["valid_to"] < day:
        doubts.append(
            f"no deduction of '{category}' covers {day:%Y-%m-%d}; that of {rule['valid_from']:%Y-%m-%d} "
            f"to {rule['valid_to']:%Y-%m-%d} is used"
        )
    if day - rule["reviewed"] > STALE:
        doubts.append(
            f"deduction of '{category}' last reviewed {rule['reviewed']:%Y-%m-%d}, more than a year before "
            f"{day:%Y-%m-%d}"
        )
    return rule, doubts


def _checked(rules: pd.DataFrame) -> pd.DataFrame:
    faults = Faults("deductions")
    for name in RULE_COLUMNS:
        if name not in rules.columns:
            faults.add("column is missing", column=name, remedy=f"add the column '{name}'")
    faults.raise_if_any("the deductions cannot be used")
    rules = rules.reset_index(drop=True)
    dates = {
        name: pd.to_datetime(rules[name].replace("", None), format="ISO8601", errors="coerce")
        for name in ("valid_from", "valid_to", "reviewed")
    }
    rate = pd.to_numeric(rules["rate"], errors="coerce")
    result = rules.assign(rate=rate, **dates)
    for row in range(len(rules)):
        _check_rule(result.iloc[row], rules.iloc[row], row + 1, faults)
    _check_overlaps(result, faults)
    faults.raise_if_any("the deductions cannot be used")
    return result


def _check_rule(one: pd.Series[Any], given: pd.Series[Any], row: int, faults: Faults) -> None:
    if not 0 <= one["rate"] < 1:
        remedy = "write 0.05 for five per cent"
        faults.add("must lie in [0, 1)", row=row, column="rate", found=given["rate"], remedy=remedy)
    if pd.isna(one["source"]) or not str(one["source"]).strip():
        faults.add("must have a source", row=row, column="source", remedy="say where the rule was read")
    for name in ("valid_from", "valid_to", "reviewed"):
        blank = pd.isna(given[name]) or given[name] == ""
        if pd.isna(one[name]) and not (blank and name == "valid_to"):
            faults.add("must be a date", row=row, column=name, found=given[name], remedy="write YYYY-MM-DD")
    if one["valid_to"] < one["valid_from"]:
        faults.add("must not end before it begins", row=row, column="valid_to", found=given["valid_to"])


def _check_overlaps(rules: pd.DataFrame, faults: Faults) -> None:
    ordered = rules.sort_values(["category", "valid_from"])
    groups = ordered.groupby("category")
    before = groups["valid_to"].shift()
    overlap = (groups.cumcount() > 0) & (before.isna() | (ordered["valid_from"] <= before))
    for one in ordered[overlap].itertuples():
        faults.add(
            "a category may have one rule at a time",
            row=int(str(one.Index)) + 1,
            column="valid_from",
            found=f"'{one.category}' from {one.valid_from:%Y-%m-%d}",
            remedy="end the rule before it the day before",
        )
