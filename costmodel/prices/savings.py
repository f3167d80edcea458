"""What generics have saved and what is still to save, from what payers spent; never more than that.

A saving is money that somebody would have spent: it is counted from the spending itself, not from a price of
one product times the volume of another. Inputs that contradict each other are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from costmodel.checks import in_interval
from costmodel.prices.errors import PriceError
from costmodel.prices.query import rows_text
from costmodel.prices.spending import SpendingTable

GROUPS = ("payer", "year", "molecule")
"""What a saving is told apart by; finer where the table tells strengths and forms apart."""

COUNTERFACTUAL = (
    "all units at today's brand price: an upper bound, because without generics the brand's price and the "
    "number of people treated would differ"
)
GROSS = "gross: before rebates, which are larger for brands than for generics, so that a payer saves less"
POOLED = "strengths and forms are pooled, so that part of a price difference may be one of product"

_PRICES = {"price_per_claim": "claims", "price_per_unit": "units"}
"""Columns that a table may have beside its figures, and what each is the price of."""


def substitution_saving(
    *,
    units: float,
    price: float,
    benchmark: float,
    spending: float,
    what: str = "these rows",
    tolerance: float = 0.01,
) -> float:
    """Return what a switch from a price to a benchmark saves; never more than the spending it replaces.

    Parameters
    ----------
    units : float
        Units, fills or claims that were paid for.
    price, benchmark : float
        Money for one of them, now and after the switch.
    spending : float
        Money paid for all of them.
    what : str
        What they are of; errors name it.
    tolerance : float, default 0.01
        How far units x price may lie from spending, as a proportion of it.

    Returns
    -------
    float
        max(0, spending - units x benchmark).

    Raises
    ------
    PriceError
        Units x price is not the spending: the three are not of one product.
    CostModelError
        A number is negative or not finite.

    Examples
    --------
    >>> substitution_saving(units=100, price=3.0, benchmark=0.5, spending=300.0)
    250.0
    >>> substitution_saving(units=9101305, price=8035.09, benchmark=2668.56, spending=191118411.0)
    Traceback (most recent call last):
        ...
    costmodel.prices.errors.PriceError: these rows: 9,101,305 x 8,035.09 = 73,129,804,792 is 383 times the \
spending of 191,118,411: price, volume and spending are not of the same products; take all three from one row
    """
    for value, name in ((units, "units"), (price, "price"), (benchmark, "benchmark"), (spending, "spending")):
        in_interval(value, f"{what}: {name}", low=0)
    if not _agree(units * price, spending, tolerance):
        raise PriceError(f"{what}: {_contradiction(units, price, spending)}")
    return max(0.0, spending - units * benchmark)


def _agree(product: float, spending: float, tolerance: float) -> bool:
    return abs(product - spending) <= tolerance * spending


def _contradiction(count: float, price: float, spending: float) -> str:
    product = count * price
    times = f"{product / spending:,.3g} times the" if spending > 0 else "not the"
    return (
        f"{count:,.10g} x {price:,.10g} = {product:,.0f} is {times} spending of {spending:,.0f}: price, "
        "volume and spending are not of the same products; take all three from one row"
    )


def realised_savings(
    table: SpendingTable,
    *,
    by: Sequence[str] = GROUPS,
    left_out: Mapping[Any, str] | None = None,
) -> pd.DataFrame:
    """Return what generics have saved against the same units at the brand's price.

    Parameters
    ----------
    table : SpendingTable
        Of one ``row_level``: labelers and sums of labelers are never pooled.
    by : sequence of str, default ("payer", "year", "molecule")
        What the savings are told apart by; ``payer`` and ``molecule`` may not be missing.
    left_out : mapping of row to reason, optional
        Rows that are no part of any sum, such as those of :func:`costmodel.prices.implausible_reasons`;
        they stand in the result with their reason and achieve nothing.

    Returns
    -------
    pandas.DataFrame
        Per group: ``units`` and ``spending`` of generics; ``generic_price``, ``brand_price`` (money for
        a unit); ``replaced``, units x brand price; ``gross``, replaced less spending, at least 0;
        ``achieved``, gross or 0 where ``reason_excluded`` says why; ``rows``; ``currency, basis``;
        ``counterfactual``, ``caveat`` and ``note``, which holds the flags of the rows used.

    Raises
    ------
    PriceError
        Rows contradict themselves, or cannot be added up (see :meth:`SpendingTable.total`).

    Examples
    --------
    >>> from costmodel.prices import spending
    >>> part_d = spending("us/part_d_spending").select(row_level="all labelers", year=2022)
    >>> realised_savings(part_d)[["year", "spending", "gross"]].round(0).values.tolist()
    [[2022.0, 77260148.0, 1410329324.0]]
    """
    keys, kept, out = _split(table, by, left_out)
    rows = [
        one | _realised(pair.get("generic"), pair.get("brand"))
        for one, pair in _groups(kept, keys)
        if pair.get("generic") is not None
    ]
    prices = {tuple(row[key] for key in keys): row["brand_price"] for row in rows}
    for one in _left_out_rows(out, keys, "generic"):
        price = prices.get(tuple(one[key] for key in keys), math.nan)
        worth = one["units"] * price
        gross = max(0.0, worth - one["spending"]) if math.isfinite(worth) else 0.0
        own = {"generic_price": _price(one), "brand_price": price, "replaced": worth}
        rows.append(one | own | {"gross": gross, "achieved": 0.0})
    return _finish(rows, keys, _REALISED, table).assign(counterfactual=COUNTERFACTUAL)


_REALISED = ("units", "spending", "generic_price", "brand_price", "replaced", "gross", "achieved")
_REMAINING = ("units", "spending", "brand_price", "benchmark", "gross", "achievable")


def _realised(generic: Any, brand: Any) -> dict[str, Any]:
    price = math.nan if brand is None else float(brand["unit_spending"])
    replaced = generic["units"] * price
    gross = max(0.0, replaced - generic["spending"]) if math.isfinite(replaced) else 0.0
    reason = "" if gross > 0 else "generics are not cheaper than the brand"
    if not math.isfinite(replaced):
        reason = "no price of a brand unit, or no generic units, for this payer and period"
    return {
        **_figures(generic),
        "generic_price": generic["unit_spending"],
        "brand_price": price,
        "replaced": replaced,
        "gross": gross,
        "achieved": gross,
        "reason_excluded": reason,
    }


def remaining_savings(
    table: SpendingTable,
    *,
    by: Sequence[str] = GROUPS,
    benchmark: float | Mapping[str, float] | None = None,
    share: float = 1.0,
    floor: float = 0.0,
    left_out: Mapping[Any, str] | None = None,
) -> pd.DataFrame:
    """Return what would still be saved if the brand's units were bought at the generic's price.

    Parameters
    ----------
    table, by, left_out
        As in :func:`realised_savings`.
    benchmark : float or mapping of str to float, optional
        Money for a unit after the switch, by molecule where there are several; by default what the
        same payer paid for a generic unit in the same group.
    share : float, default 1
        The share of the brand's units that can be switched, in [0, 1].
    floor : float, default 0
        A saving below it is not counted as achievable.

    Returns
    -------
    pandas.DataFrame
        Per group: ``units`` and ``spending`` of the brand, which is the spend replaced; ``brand_price,
        benchmark``; ``gross``, max(0, spending - units x benchmark); ``achievable``, share x gross, or 0
        where ``reason_excluded`` says why; ``rows, currency, basis, caveat, note``. Neither exceeds
        the spending.

    Raises
    ------
    PriceError
        As :func:`realised_savings`; or a molecule has no benchmark.

    Examples
    --------
    >>> from costmodel.prices import spending
    >>> part_d = spending("us/part_d_spending").select(row_level="all labelers", year=2022)
    >>> remaining_savings(part_d)[["payer", "spending", "gross"]].round(0).values.tolist()
    [['Medicare Part D', 3663256.0, 3472999.0]]
    """
    in_interval(share, "share", low=0, high=1)
    in_interval(floor, "floor", low=0)
    keys, kept, out = _split(table, by, left_out)
    rows = []
    for one, pair in _groups(kept, keys):
        if pair.get("brand") is not None:
            target = _benchmark(benchmark, str(one["molecule"]), pair.get("generic"))
            rows.append(one | _remaining(pair["brand"], target, share, floor))
    for one in _left_out_rows(out, keys, "brand"):
        own = {"brand_price": _price(one), "benchmark": math.nan, "gross": 0.0, "achievable": 0.0}
        rows.append(one | own)
    return _finish(rows, keys, _REMAINING, table)


def _benchmark(given: float | Mapping[str, float] | None, molecule: str, generic: Any) -> float:
    if given is None:
        return math.nan if generic is None else float(generic["unit_spending"])
    if isinstance(given, Mapping):
        if molecule not in given:
            raise PriceError(f"benchmark has no price for '{molecule}'; add it, or leave benchmark out")
        return in_interval(given[molecule], f"benchmark of {molecule}", low=0)
    return in_interval(given, "benchmark", low=0)


def _remaining(brand: Any, benchmark: float, share: float, floor: float) -> dict[str, Any]:
    after = brand["units"] * benchmark
    gross = max(0.0, float(brand["spending"] - after)) if math.isfinite(after) else 0.0
    achievable, reason = share * gross, ""
    if not math.isfinite(after):
        reason = "no price of a generic unit, or no brand units, for this payer and period"
    elif gross == 0:
        reason = "the brand is at or below the benchmark"
    elif share == 0:
        reason = "no part of the brand's use can be switched"
    elif achievable < floor:
        achievable, reason = 0.0, f"below the floor of {floor:g}"
    return {
        **_figures(brand),
        "brand_price": brand["unit_spending"],
        "benchmark": benchmark,
        "gross": gross,
        "achievable": achievable,
        "reason_excluded": reason,
        "note": f"{share:.0%} of the brand's use taken as switchable" if share < 1 else "",
    }


def _figures(side: Any) -> dict[str, Any]:
    return {
        "units": float(side["units"]),
        "spending": float(side["spending"]),
        "rows": int(side["n_rows"]),
        "suppressed": int(side["n_suppressed"]),
        "flags": str(side["flags"]),
    }


def _price(row: Mapping[str, Any]) -> float:
    return float(row["spending"] / row["units"]) if row["units"] > 0 else math.nan


def _split(
    table: SpendingTable, by: Sequence[str], left_out: Mapping[Any, str] | None
) -> tuple[list[str], SpendingTable, pd.DataFrame]:
    missing = [name for name in ("payer", "molecule") if name not in by]
    if isinstance(by, str) or missing:
        raise PriceError(
            f"by must be a list of columns with {' and '.join(missing) or 'payer'}: a saving belongs to one "
            "payer and one medicine"
        )
    reasons = dict(left_out or {})
    unknown = [row for row in reasons if row not in table.frame.index]
    if unknown:
        raise PriceError(f"left_out names the row {unknown[0]}, which {table.origin} does not have")
    _check_agreement(table)
    out = table.frame.index.isin(list(reasons))
    frame = table.frame.assign(year=table.frame["period_start"].dt.year)
    gone = frame[out].assign(reason_excluded=[reasons[row] for row in frame.index[out]])
    return list(dict.fromkeys(by)), replace(table, frame=table.frame[~out]), gone


def _check_agreement(table: SpendingTable, tolerance: float = 0.01) -> None:
    for price, count in _PRICES.items():
        if price not in table.frame.columns:
            continue
        for row, one in table.frame.dropna(subset=[price, count, "spending"]).iterrows():
            if not _agree(one[count] * one[price], one["spending"], tolerance):
                words = _contradiction(one[count], one[price], one["spending"])
                raise PriceError(f"{table.origin}, row {row}, {one['product']}: {count} x {price}: {words}")


def _groups(table: SpendingTable, keys: list[str]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    sums = table.total(by=[*keys, "class"])
    found = []
    for key, group in sums.groupby(keys, sort=True, dropna=False):
        sides = {one["class"]: one for _, one in group.iterrows()}
        others = group.loc[~group["class"].isin(["brand", "generic"]), "n_rows"].sum()
        note = f"{rows_text(int(others))} of other classes on neither side" if others else ""
        found.append((dict(zip(keys, key, strict=True)) | {"aside": note}, sides))
    return found


def _left_out_rows(out: pd.DataFrame, keys: list[str], side: str) -> list[dict[str, Any]]:
    own = out[out["class"] == side]
    return [
        {key: one[key] for key in keys}
        | {
            "units": float(one["units"]),
            "spending": float(one["spending"]),
            "rows": 1,
            "reason_excluded": one["reason_excluded"],
            "note": " ".join(text for text in (one["product"], one["labeler"]) if text),
            "flags": one["flag"],
        }
        for _, one in own.iterrows()
    ]


def _finish(
    rows: list[dict[str, Any]], keys: list[str], figures: Sequence[str], table: SpendingTable
) -> pd.DataFrame:
    if not rows:
        raise PriceError(f"{table.origin}: no rows of the class whose savings are asked for; select more")
    pooled = table.frame["form"].eq("") | table.frame["strength_mg"].isna()
    basis = str(table.frame["basis"].iloc[0])
    caveat = "; ".join([*([GROSS] if basis == "gross" else []), *([POOLED] if pooled.any() else [])])
    frame = pd.DataFrame(rows)
    frame["note"] = [_note(row) for row in rows]
    about = {"currency": table.frame["currency"].iloc[0], "basis": basis, "caveat": caveat}
    frame = frame.assign(**{name: value for name, value in about.items() if name not in keys})
    order = [*keys, *figures, "reason_excluded", "rows", *about, "note"]
    return frame[list(dict.fromkeys(order))].sort_values(keys, kind="stable", ignore_index=True)


def _note(row: Mapping[str, Any]) -> str:
    withheld = row.get("suppressed", 0)
    words = [row.get("note", ""), row.get("aside", ""), row.get("flags", "")]
    if withheld and not np.isnan(withheld):
        words.append(f"{rows_text(int(withheld))} with withheld figures not in the sums")
    return "; ".join(word for word in words if word)
