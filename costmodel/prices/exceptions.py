"""Curated exceptions to "same form": which forms of a medicine may stand for one another, and which never.

Lists of this kind go stale, so each rule has the day from which it holds, a source, and the day on which it
was last reviewed; a use of a rule that nobody reviewed within the year before the price says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from costmodel.datasets import read_dataset
from costmodel.errors import Faults
from costmodel.prices.errors import PriceError

RULES = ("same", "apart")
EXCEPTION_COLUMNS = (
    *("molecule", "strength_mg", "form_a", "form_b", "rule", "reason", "source", "valid_from", "reviewed"),
)
"""The columns of a table of exceptions; blank ``strength_mg`` means every strength, ``valid_from`` always."""

STALE = pd.Timedelta(days=365)


@dataclass(frozen=True)
class FormRules:
    """What the exceptions say of one medicine at one date.

    Parameters
    ----------
    joined : dict of str to str
        The words for the group of each form that stands with others, ``capsule / tablet``.
    notes : dict of str to str
        Each form's rules in words.
    warnings : dict of str to str
        Each form's rules that were not reviewed within a year before the price.
    """

    joined: dict[str, str]
    notes: dict[str, str]
    warnings: dict[str, str]


def read_exceptions(exceptions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return checked exceptions: the bundled ones, or those given.

    Raises
    ------
    DataError
        A column is missing, a rule unknown, a form set against itself, or a reason, source or date missing.

    Examples
    --------
    >>> rules = read_exceptions()
    >>> set(rules["rule"]), bool(rules["reviewed"].notna().all())
    ({'apart'}, True)
    """
    given = read_dataset("equivalence_exceptions") if exceptions is None else exceptions
    faults = Faults("equivalence exceptions")
    for name in EXCEPTION_COLUMNS:
        if name not in given.columns:
            faults.add("column is missing", column=name, remedy=f"add the column '{name}'")
    faults.raise_if_any("the equivalence exceptions cannot be used")
    frame = given.reset_index(drop=True)
    for name in ("valid_from", "reviewed"):
        dates = pd.to_datetime(frame[name].replace("", None), format="ISO8601", errors="coerce")
        frame[name] = dates
    frame["strength_mg"] = pd.to_numeric(frame["strength_mg"].replace("", None), errors="coerce")
    for n, one in enumerate(frame.to_dict("records")):
        _check(one, given.iloc[n], n + 1, faults)
    faults.raise_if_any("the equivalence exceptions cannot be used")
    return frame


def _check(one: dict[Any, Any], given: pd.Series[Any], row: int, faults: Faults) -> None:
    if one["rule"] not in RULES:
        faults.add("must be same or apart", row=row, column="rule", found=one["rule"])
    if one["form_a"] == one["form_b"]:
        faults.add("must be two forms", row=row, column="form_b", found=one["form_b"])
    for name in ("molecule", "form_a", "form_b", "reason", "source"):
        if not str(one[name] or "").strip():
            faults.add("must have a value", row=row, column=name, remedy="an exception needs its grounds")
    blank = pd.isna(given["valid_from"]) or given["valid_from"] == ""
    for name in ("reviewed", *(() if blank else ("valid_from",))):
        if pd.isna(one[name]):
            faults.add("must be a date", row=row, column=name, found=given[name], remedy="write YYYY-MM-DD")


def form_rules(exceptions: pd.DataFrame, molecule: str, strength_mg: float, date: dt.date) -> FormRules:
    """Return what checked exceptions say of a medicine's forms at the date of a price.

    "Same" is an equivalence: with tablet and capsule, and capsule and film, all three are one.

    Raises
    ------
    PriceError
        Forms that one rule keeps apart are joined by others.

    Examples
    --------
    >>> found = form_rules(read_exceptions(), "clonazepam", 2.0, dt.date(2026, 4, 29))
    >>> found.joined, found.notes["tablet"].split(":")[0]
    ({}, 'apart from orally disintegrating tablet')
    """
    day = pd.Timestamp(date)
    held = exceptions[
        (exceptions["molecule"] == molecule)
        & (exceptions["strength_mg"].isna() | (exceptions["strength_mg"] == strength_mg))
        & ~(exceptions["valid_from"] > day)
    ].to_dict("records")
    groups = _joined(held)
    for one in held:
        if one["rule"] == "apart" and one["form_b"] in groups.get(one["form_a"], ()):
            raise PriceError(
                f"equivalence exceptions: {molecule} {one['form_a']} and {one['form_b']} are kept apart by "
                "one rule and joined by others; correct one of them"
            )
    notes: dict[str, list[str]] = {}
    warnings: dict[str, list[str]] = {}
    for form, words, one in _words(held):
        notes.setdefault(form, []).append(f"{words}: {one['reason']}")
        if day - one["reviewed"] > STALE:
            old = f"the rule '{words}' was last reviewed {one['reviewed']:%Y-%m-%d}"
            warnings.setdefault(form, []).append(f"{old}, more than a year before the price")
    return FormRules(
        {form: " / ".join(sorted(group)) for form, group in groups.items()},
        {form: "; ".join(texts) for form, texts in notes.items()},
        {form: "; ".join(texts) for form, texts in warnings.items()},
    )


def _joined(rules: list[dict[Any, Any]]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for one in rules:
        if one["rule"] == "same":
            first, second = one["form_a"], one["form_b"]
            group = groups.get(first, {first}) | groups.get(second, {second})
            groups |= dict.fromkeys(group, group)
    return groups


def _words(rules: list[dict[Any, Any]]) -> Iterator[tuple[str, str, dict[Any, Any]]]:
    for one in rules:
        what = "same as" if one["rule"] == "same" else "apart from"
        yield one["form_a"], f"{what} {one['form_b']}", one
        yield one["form_b"], f"{what} {one['form_a']}", one
