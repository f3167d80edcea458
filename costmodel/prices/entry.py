"""What a generic costs beside its brand by the number of producers: published curves, scenarios, the market.

The curves differ in whose price they measure. Manufacturers' prices fall furthest; what pharmacies or plans
pay falls less. None is the price of one medicine: each is an average over many, of its years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from costmodel.checks import in_interval, one_of
from costmodel.datasets import read_dataset
from costmodel.prices.competition import marketed_makers
from costmodel.prices.errors import PriceError
from costmodel.prices.matching import match
from costmodel.prices.query import show_all
from costmodel.prices.table import PriceTable

_EVIDENCE = "evidence/parameters"

BEYOND: Mapping[str, str] = {
    "refuse": "a number of producers outside the curve is an error",
    "hold": "the nearest published point is held",
    "extrapolate": "the nearest segment is continued, linear in log(price) over log(n)",
}
"""What is done with numbers of producers that a curve does not reach."""


@dataclass(frozen=True)
class _Curve:
    """Where a curve stands in the evidence: parameter by number of producers."""

    basis: str
    points: Mapping[int, str]
    open_ended: bool


_CURVES: Mapping[str, _Curve] = {
    "fda_manufacturer": _Curve(
        "average manufacturer price (AMP), over the brand's price before entry",
        {1: "price_fda_amp_n1", 2: "price_fda_amp_n2", 4: "price_fda_amp_n4", 6: "price_fda_amp_n6"},
        open_ended=True,
    ),
    "fda_invoice": _Curve(
        "invoice price (National Sales Perspectives), before rebates, over the brand's price before entry",
        {1: "price_fda_nsp_n1", 2: "price_fda_nsp_n2", 4: "price_fda_nsp_n4"},
        open_ended=False,
    ),
    "dave_2017": _Curve(
        "price of a dose in commercial claims, over the brand's in the same year",
        {1: "price_dave_n1", 2: "price_dave_n2", 3: "price_dave_n3"},
        open_ended=False,
    ),
    "part_d_24_months": _Curve(
        "gross Part D price, 24 months after entry at 10 or more, over the brand's price before entry",
        {3: "price_nguyen_n3", 10: "price_nguyen_n10_24m"},
        open_ended=True,
    ),
    "part_d_36_months": _Curve(
        "gross Part D price, 36 months after entry at 10 or more, over the brand's price before entry",
        {3: "price_nguyen_n3", 10: "price_nguyen_n10_36m"},
        open_ended=True,
    ),
}
CURVES: tuple[str, ...] = tuple(_CURVES)
"""Names of the published curves."""


def competition_curves() -> pd.DataFrame:
    """Return the published points of generic price by number of producers.

    Returns
    -------
    pandas.DataFrame
        One row per point: ``curve``, ``n_producers``, ``or_more`` (the point stands for that number and
        all above), ``ratio`` of the generic's price to the brand's, ``basis`` (whose price),
        ``description``, ``population``, ``source``, ``status`` (``read`` or ``recalled``), ``flag``, and the
        ``parameter`` of ``evidence/parameters`` in which it stands.

    Examples
    --------
    >>> curves = competition_curves().set_index(["curve", "n_producers"])
    >>> curves.loc["dave_2017", "ratio"].to_dict()
    {1: 0.87, 2: 0.77, 3: 0.6}
    >>> curves.loc["fda_manufacturer", "status"].to_dict()
    {1: 'read', 2: 'recalled', 4: 'recalled', 6: 'recalled'}
    """
    evidence = {str(one["id"]): one for one in read_dataset(_EVIDENCE).to_dict("records")}
    copied = {"description": "description", "population": "population", "source": "source_citation"}
    copied |= {"status": "status", "flag": "flag"}
    return pd.DataFrame(
        {
            "curve": name,
            "n_producers": count,
            "or_more": curve.open_ended and count == max(curve.points),
            "ratio": float(evidence[parameter]["value_number"]),
            "basis": curve.basis,
            **{column: evidence[parameter][original] for column, original in copied.items()},
            "parameter": parameter,
        }
        for name, curve in _CURVES.items()
        for count, parameter in curve.points.items()
    )


def entry_scenario(
    n_producers: ArrayLike,
    *,
    curve: str | pd.DataFrame,
    beyond: str = "refuse",
    brand_price: float | None = None,
) -> pd.DataFrame:
    """Return what a generic would cost beside its brand with some number of producers.

    Between published points the price is interpolated linearly in log(price) over log(n), and the result
    says so. Where the last point stands for "six or more", it holds above.

    Parameters
    ----------
    n_producers : int or array of int
        At least 1.
    curve : str or pandas.DataFrame
        One of :data:`CURVES`, or points of your own: columns ``n_producers`` and ``ratio``, and if they are
        known ``or_more, basis, source, status, flag``.
    beyond : {"refuse", "hold", "extrapolate"}
        See :data:`BEYOND`.
    brand_price : float, optional
        Of one unit; adds ``generic_price``. For curves over the brand's price before entry, use that price:
        a brand's list price often rises afterwards.

    Returns
    -------
    pandas.DataFrame
        One row per number: ``n_producers``, ``ratio``, ``method`` in words, ``curve``, ``basis``, ``source``,
        ``status`` (``recalled`` when any point used was) and ``flag``.

    Raises
    ------
    PriceError
        A number lies outside the curve, or the points are not usable.

    Examples
    --------
    >>> three = entry_scenario(3, curve="fda_manufacturer").iloc[0]
    >>> f"{three['ratio']:.4f}", three["method"]  # 0.46 · (0.21 / 0.46) ^ (log 1.5 / log 2)
    ('0.2908', 'interpolated between 2 and 4, linear in log(price) over log(n)')
    """
    one_of(beyond, BEYOND, "beyond")
    name, points = _points(curve)
    numbers = np.atleast_1d(np.asarray(n_producers, dtype=float))
    if not (np.isfinite(numbers) & (numbers >= 1) & (numbers == np.floor(numbers))).all():
        raise PriceError(
            f"n_producers must be whole numbers of at least 1; found {np.asarray(n_producers).tolist()}"
        )
    result = pd.DataFrame([_at(int(n), name, points, beyond) for n in numbers])
    if brand_price is not None:
        price = in_interval(brand_price, "brand_price", low=0, open_low=True)
        result.insert(2, "generic_price", result["ratio"] * price)
    return result


def observed_point(table: PriceTable, **query: Any) -> dict[str, Any]:
    """Return the generic-to-brand ratio of one medicine, with how many labelers sell the generic.

    Parameters
    ----------
    table : PriceTable
        With National Drug Codes as ``product_id``, such as ``us/nadac``.
    **query
        What narrows it to one molecule, strength and form.

    Returns
    -------
    dict
        ``n_producers`` (generic labelers), ``ratio`` (generic over brand), ``generic``, ``brand``,
        ``currency``, ``price_type``, and the matched set.

    Raises
    ------
    PriceError
        The rows are not one matched set, or their prices disagree.

    Notes
    -----
    The brand's price is today's. Published curves mostly divide by its price before entry, so the observed
    ratio is lower than theirs wherever the brand has since become dearer.

    Examples
    --------
    >>> from costmodel.prices import prices
    >>> point = observed_point(prices("us/nadac"), strength_mg=2, form="tablet")
    >>> point["n_producers"], round(point["ratio"], 5)  # 0.03881 / 4.26033
    (8, 0.00911)
    """
    rows = table.select(**query)
    pairs = match(rows)
    if len(pairs) != 1:
        raise PriceError(
            f"{len(pairs)} matched sets under {show_all(query)}: narrow them to one molecule, strength, form",
            pairs,
        )
    pair = pairs.iloc[0]
    kept = {name: pair[name] for name in ("molecule", "strength_mg", "form", "currency", "price_type")}
    same = {name: pair[name] for name in ("molecule", "strength_mg", "form")}
    counted = marketed_makers(rows.select(class_="generic", **same).frame, by=("molecule",))
    return {
        "n_producers": int(counted["n_labelers"].iloc[0]),
        "ratio": float(pair["generic_price"] / pair["brand_price"]),
        "generic": float(pair["generic_price"]),
        "brand": float(pair["brand_price"]),
        **kept,
    }


def beside_curves(n_producers: int, ratio: float, *, curves: Sequence[str] = CURVES) -> pd.DataFrame:
    """Return an observed ratio beside what each published curve gives for as many producers.

    Parameters
    ----------
    n_producers : int
    ratio : float
        Price of the generic over that of the brand.
    curves : sequence of str

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`entry_scenario`, with ``observed`` and ``observed_over_curve`` (below 1: the
        market is cheaper than the curve). Where a curve does not reach, its nearest point is held, and
        ``method`` says so.

    Examples
    --------
    >>> table = beside_curves(8, 0.03881 / 4.26033).set_index("curve")
    >>> table["ratio"].round(3).to_dict()
    {'fda_manufacturer': 0.05, 'fda_invoice': 0.27, 'dave_2017': 0.6, 'part_d_24_months': 0.36, \
'part_d_36_months': 0.259}
    """
    in_interval(ratio, "ratio", low=0, open_low=True)
    parts = [entry_scenario(n_producers, curve=name, beyond="hold") for name in curves]
    result = pd.concat(parts, ignore_index=True)
    result.insert(2, "observed", ratio)
    result.insert(3, "observed_over_curve", ratio / result["ratio"])
    return result


def _points(curve: str | pd.DataFrame) -> tuple[str, pd.DataFrame]:
    if isinstance(curve, str):
        table = competition_curves()
        return one_of(curve, CURVES, "curve"), table[table["curve"] == curve].reset_index(drop=True)
    missing = [name for name in ("n_producers", "ratio") if name not in curve]
    if missing:
        raise PriceError(f"a curve needs the columns n_producers and ratio; {', '.join(missing)} is missing")
    blank: Mapping[str, Any] = {"or_more": False, "basis": "", "source": "", "status": "as given", "flag": ""}
    filled = curve.assign(**{name: value for name, value in blank.items() if name not in curve})
    points = filled.sort_values("n_producers", ignore_index=True)
    count, ratio = points["n_producers"].to_numpy(dtype=float), points["ratio"].to_numpy(dtype=float)
    sound = len(points) and (count >= 1).all() and (np.diff(count) > 0).all()
    if not sound or not (np.isfinite(ratio) & (ratio > 0)).all():
        raise PriceError("a curve needs ratios above 0 at different numbers of producers from 1 up")
    return "as given", points


def _at(number: int, name: str, points: pd.DataFrame, beyond: str) -> dict[str, Any]:
    counts = points["n_producers"].to_numpy(dtype=int)
    place = int(np.searchsorted(counts, number))
    if place < len(counts) and counts[place] == number:
        return _row(number, name, points.iloc[[place]], "published")
    if place == len(counts) and points["or_more"].iloc[-1]:
        return _row(number, name, points.iloc[[-1]], f"published for {counts[-1]} or more")
    if 0 < place < len(counts):
        used = points.iloc[place - 1 : place + 1]
        way = (
            f"interpolated between {counts[place - 1]} and {counts[place]}, linear in log(price) over log(n)"
        )
        return _row(number, name, used, way)
    return _outside(number, name, points, beyond)


def _outside(number: int, name: str, points: pd.DataFrame, beyond: str) -> dict[str, Any]:
    counts = points["n_producers"].to_numpy(dtype=int)
    reach = f"the curve '{name}' runs from {counts[0]} to {counts[-1]} producers"
    if beyond == "refuse":
        raise PriceError(f"{reach}; {number} lies beyond it. Name beyond='hold' or beyond='extrapolate'")
    low = number < counts[0]
    if beyond == "hold":
        used = points.iloc[[0 if low else -1]]
        return _row(
            number, name, used, f"held at {used['n_producers'].iloc[0]}: {number} lies beyond the curve"
        )
    if len(points) == 1:
        raise PriceError(f"{reach}: one point has no slope to continue")
    used = points.iloc[:2] if low else points.iloc[-2:]
    ends = " and ".join(str(count) for count in used["n_producers"])
    return _row(number, name, used, f"extrapolated from {ends}, linear in log(price) over log(n)")


def _row(number: int, name: str, used: pd.DataFrame, method: str) -> dict[str, Any]:
    ratio = float(used["ratio"].iloc[0])
    if len(used) > 1:
        (n0, n1), (low, high) = (
            np.log(used["n_producers"].to_numpy(float)),
            np.log(used["ratio"].to_numpy(float)),
        )
        ratio = float(np.exp(low + (high - low) * (np.log(number) - n0) / (n1 - n0)))
    statuses = list(dict.fromkeys(used["status"]))
    return {
        "n_producers": number,
        "ratio": ratio,
        "method": method,
        "curve": name,
        "basis": used["basis"].iloc[0],
        "source": "; ".join(dict.fromkeys(one for one in used["source"] if one)),
        "status": "recalled" if "recalled" in statuses else statuses[0],
        "flag": "; ".join(dict.fromkeys(one for one in used["flag"] if one)),
    }
