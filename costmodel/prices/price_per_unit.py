"""Price-per-unit savings as OpenPrescribing counts them: everybody at the price of the cheapest decile.

Products with one generic code form a set, the target is the tenth centile of what practices pay for a unit
of the set, and a practice saves what it pays above the target. Sets of one product count too: the same
product is bought at different prices.

Method: R. Croker, A. J. Walker, S. Bacon and others, "New mechanism to identify cost savings in English NHS
prescribing: minimising 'price per unit'", BMJ Open 2018;8:e019643 (recalled); for every detail
OpenPrescribing's own code, ``price_per_unit/savings.py`` and ``substitution_sets.py``, commit 62015f4a.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from costmodel.checks import in_interval, one_of
from costmodel.errors import Faults
from costmodel.prices.deductions import deduction_rates
from costmodel.prices.errors import PriceError

FLOORS: Mapping[str, float] = {"practice": 10.0, "ccg": 200.0, "all_england": 50_000.0}
"""Savings below this, in pounds per set and organisation, are not counted as achievable (OpenPrescribing)."""

_COLUMNS = ("practice", "bnf_code", "net_cost", "quantity")
_CODE_LENGTH = 15


def generic_code(bnf_code: str) -> str:
    """Return the BNF code of the generic presentation that a product is a version of.

    The first nine characters are the chemical, the last two the strength and form of the generic
    equivalent: the generic's code is the chemical, ``AA``, and these two twice. Codes of other lengths
    are devices, and those that end in ``A0`` have no generic: both give an empty text.

    Examples
    --------
    >>> generic_code("0408010A0BBAAAA"), generic_code("0408010A0BBAAA0"), generic_code("21220000221")
    ('0408010A0AAAAAA', '', '')
    """
    equivalent = bnf_code[13:]
    if len(bnf_code) != _CODE_LENGTH or equivalent == "A0":
        return ""
    return f"{bnf_code[:9]}AA{equivalent}{equivalent}"


def swap_groups(swaps: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    """Return, for each code that may be swapped, the smallest code of its group and the labels.

    Swaps are an equivalence: tablets for capsules and capsules for a solution make one group of three.

    Parameters
    ----------
    swaps : iterable of (code, alternative, label)
        Two generic codes that may stand for one another, and words for the change (``Tab / Cap``).

    Raises
    ------
    PriceError
        A code is no generic code, or stands for itself.

    Examples
    --------
    >>> groups = swap_groups([("0408010A0AAAAAA", "0408010A0AAACAC", "Tab / Cap")])
    >>> groups["0408010A0AAACAC"]
    ('0408010A0AAAAAA', 'Tab / Cap')
    """
    groups: dict[str, set[str]] = {}
    known = list(swaps)
    for code, other, _ in known:
        _check_swap(code, other)
        joined = groups.get(code, {code}) | groups.get(other, {other})
        groups |= dict.fromkeys(joined, joined)
    labels: dict[str, set[str]] = {}
    for code, _, label in known:
        labels.setdefault(min(groups[code]), set()).add(label)
    return {code: (min(group), "; ".join(sorted(labels[min(group)]))) for code, group in groups.items()}


def _check_swap(code: str, other: str) -> None:
    for one in (code, other):
        if generic_code(one) != one:
            raise PriceError(f"swaps: '{one}' is no generic code; its generic is '{generic_code(one)}'")
    if code == other:
        raise PriceError(f"swaps: '{code}' is swapped for itself; name two codes")


def price_per_unit_savings(
    prescribing: pd.DataFrame,
    *,
    level: str = "practice",
    organisations: Mapping[str, str] | None = None,
    swaps: Iterable[tuple[str, str, str]] = (),
    centile: float = 10,
    floor: float | None = None,
    deductions: pd.DataFrame | None = None,
    month: str | dt.date | None = None,
    payer: str = "NHS England",
) -> pd.DataFrame:
    """Return what each organisation would save at the price per unit of the cheapest practices.

    Parameters
    ----------
    prescribing : pandas.DataFrame
        One month of the practices to compare, closed and unusual ones left out: ``practice``,
        ``bnf_code``, ``net_cost`` (money), ``quantity`` (units, never packs); and ``category`` where
        deductions are given.
    level : {"practice", "ccg", "all_england"}
        Whose savings are summed; it sets the floor.
    organisations : mapping of str to str, optional
        The organisation of each practice, needed at the level ``ccg``.
    swaps : iterable of (code, alternative, label)
        Generic codes of other forms that may be substituted; see :func:`swap_groups`.
    centile : float, default 10
        Of the prices per unit over practices, interpolated linearly (Hyndman and Fan's type 7).
    floor : float, optional
        Smallest saving of a set that counts; :data:`FLOORS` of the level by default.
    deductions : pandas.DataFrame, optional
        Dated rules by category; see :func:`costmodel.prices.deductions.deduction_rates`. Costs are then
        those after deduction, as OpenPrescribing has counted since 2025.
    month : date or ISO text, optional
        The month of the prescribing, needed with ``deductions``.
    payer : str
        Who keeps the saving.

    Returns
    -------
    pandas.DataFrame
        Per set and organisation, largest saving first: ``set, organisation, products`` (codes in the
        set), ``quantity, spending, price_per_unit, target``; ``gross``, the sum over practices of
        max(0, cost - quantity x target), never above ``spending``; ``achievable``, gross or 0 where
        ``reason_excluded`` says why; ``payer, centile, floor, formulation_swap, warning``. Products
        without a generic code stand with the reason and no saving.

    Raises
    ------
    DataError
        A cost or quantity is negative or no number, or something was paid for no units.
    PriceError
        A column, an organisation or the month is missing.

    Examples
    --------
    >>> rows = [("A", "0408010A0AAAAAA", 10.0, 100), ("B", "0408010A0BBAAAA", 90.0, 100)]
    >>> month = pd.DataFrame(rows, columns=["practice", "bnf_code", "net_cost", "quantity"])
    >>> price_per_unit_savings(month)[["organisation", "target", "gross"]].round(2).values.tolist()
    [['B', 0.18, 72.0], ['A', 0.18, 0.0]]
    """
    one_of(level, FLOORS, "level")
    in_interval(centile, "centile", low=0, high=100)
    least = in_interval(FLOORS[level] if floor is None else floor, "floor", low=0)
    frame, warnings = _deducted(_checked(prescribing), deductions, month)
    groups = swap_groups(swaps)
    own = frame["bnf_code"].map(generic_code)
    frame = frame.assign(
        set=own.map(lambda code: groups.get(code, (code, ""))[0]),
        organisation=_organisations(frame["practice"], level, organisations),
    )
    counted, alone = frame[own != ""], frame[own == ""]
    parts = [_without_generic(alone)] if len(alone) else []
    if len(counted):
        found = _savings(counted, centile)
        found["achievable"] = found["gross"].where(found["gross"] >= least, 0.0)
        both = zip(found["gross"], found["quantity"], strict=True)
        found["reason_excluded"] = [_reason(gross, units, least) for gross, units in both]
        parts.insert(0, found)
    result = pd.concat(parts, ignore_index=True)
    result = result.sort_values(["gross", "set", "organisation"], ascending=[False, True, True])
    labels = dict(groups.values())
    swapped = [labels.get(code, "") for code in result["set"]]
    result = result.assign(payer=payer, centile=float(centile), floor=least, formulation_swap=swapped)
    return result.assign(warning="; ".join(warnings)).reset_index(drop=True)


def _checked(prescribing: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in _COLUMNS if name not in prescribing.columns]
    if missing:
        raise PriceError(f"prescribing needs the columns {', '.join(missing)}")
    if prescribing.empty:
        raise PriceError("prescribing has no rows; the selection before it left none")
    frame = prescribing.copy()
    faults = Faults("prescribing")
    for name in ("practice", "bnf_code"):
        blank = frame[name].map(lambda value: not (isinstance(value, str) and value.strip()))
        for row, found in frame.loc[blank, name].items():
            faults.add("must be a code as text", row=_line(row), column=name, found=found)
    for name in ("net_cost", "quantity"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
        bad = ~(np.isfinite(frame[name]) & (frame[name] >= 0))
        for row, found in prescribing.loc[bad, name].items():
            faults.add("must be a finite number of at least 0", row=_line(row), column=name, found=found)
    free = (frame["quantity"] == 0) & (frame["net_cost"] > 0)
    for row, cost in frame.loc[free, "net_cost"].items():
        faults.add(
            "nothing can cost something",
            row=_line(row),
            column="quantity",
            found=f"0 units at a cost of {cost:g}",
            remedy="give the units dispensed, fractions kept",
        )
    faults.raise_if_any("the prescribing cannot be used")
    return frame


def _line(label: object) -> int | None:
    return int(label) if isinstance(label, (int, np.integer)) else None


def _deducted(
    frame: pd.DataFrame, deductions: pd.DataFrame | None, month: str | dt.date | None
) -> tuple[pd.DataFrame, list[str]]:
    if deductions is None:
        return frame, []
    if month is None or "category" not in frame.columns:
        raise PriceError("deductions need the month and a column 'category' of the prescribing")
    rates, warnings = deduction_rates(deductions, month, list(frame["category"]))
    kept = 1.0 - frame["category"].map(rates)
    return frame.assign(net_cost=frame["net_cost"] * kept), warnings


def _organisations(practices: pd.Series[str], level: str, known: Mapping[str, str] | None) -> Any:
    if level == "practice":
        return practices
    if level == "all_england":
        return "all England"
    missing = sorted(set(practices) - set(known or {}))
    if missing:
        raise PriceError(f"organisations: no entry for the practice {', '.join(missing[:12])}")
    return practices.map(dict(known or {}))


def _savings(frame: pd.DataFrame, centile: float) -> pd.DataFrame:
    keys = ["set", "organisation", "practice"]
    practice = frame.groupby(keys, as_index=False)[["quantity", "net_cost"]].sum()
    practice["price"] = practice["net_cost"] / practice["quantity"].where(practice["quantity"] > 0)
    targets = practice.dropna(subset="price").groupby("set")["price"].quantile(centile / 100)
    practice["target"] = practice["set"].map(targets)
    above = practice["net_cost"] - practice["quantity"] * practice["target"]
    practice["gross"] = above.clip(lower=0).fillna(0.0)
    groups = practice.groupby(["set", "organisation"])
    result = groups[["quantity", "net_cost", "gross"]].sum().rename(columns={"net_cost": "spending"})
    result["price_per_unit"] = result["spending"] / result["quantity"].where(result["quantity"] > 0)
    result = result.reset_index().assign(target=lambda one: one["set"].map(targets))
    products = frame.groupby("set")["bnf_code"].nunique()
    result["products"] = result["set"].map(products).astype(int)
    order = ["set", "organisation", "products", "quantity", "spending", "price_per_unit", "target", "gross"]
    return result[order]


def _reason(gross: float, quantity: float, floor: float) -> str:
    if quantity == 0:
        return "nothing was dispensed"
    if gross == 0:
        return "every practice is at or below the target"
    return f"below the floor of {floor:g}" if gross < floor else ""


def _without_generic(frame: pd.DataFrame) -> pd.DataFrame:
    sums = frame.groupby(["bnf_code", "organisation"], as_index=False)[["quantity", "net_cost"]].sum()
    return pd.DataFrame(
        {
            "set": sums["bnf_code"],
            "organisation": sums["organisation"],
            "products": 1,
            "quantity": sums["quantity"],
            "spending": sums["net_cost"],
            "price_per_unit": sums["net_cost"] / sums["quantity"].where(sums["quantity"] > 0),
            "target": float("nan"),
            "gross": 0.0,
            "achievable": 0.0,
            "reason_excluded": "no generic code: nothing to substitute it with",
        }
    )
