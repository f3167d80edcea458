"""Why spending changed: the part of prices, of quantity and of the mix of products, to the last cent.

Method: Bennet's indicator, "The theory of measurement of changes in cost of living", Journal of the Royal
Statistical Society 1920;83:455-462, as in Diewert, "Index number theory using differences rather than
ratios", American Journal of Economics and Sociology 2005;64:311-360 (both recalled). It weighs both dates
alike, so that looking from the later date to the earlier one gives the same parts with the other sign.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from costmodel.checks import did_you_mean, one_of
from costmodel.prices.errors import PriceError
from costmodel.prices.query import several, tally

METHODS = ("bennet", "laspeyres")
PARTS = ("price", "quantity", "mix", "new product", "vanished product")

_SHARED = ("currency", "basis", "unit", "row_level")


def decompose_spending(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    by: Sequence[str] = ("product",),
    method: str = "bennet",
    detail: bool = False,
) -> pd.DataFrame:
    """Split a change in spending into price, quantity and mix; new and vanished products stand apart.

    Parameters
    ----------
    before, after : pandas.DataFrame
        One row per product: the columns of ``by``, ``units`` and ``spending``. Columns ``currency``,
        ``basis``, ``unit`` and ``row_level``, where present, must hold one value in both.
    by : sequence of str, default ("product",)
        What tells products apart; a row of each frame with the same values is the same product.
    method : {"bennet", "laspeyres"}
        ``bennet`` weighs price changes by the mean of both dates' units and the rest by the mean of both
        dates' prices; ``laspeyres`` weighs price changes by the later units and the rest by the earlier
        prices.
    detail : bool, default False
        One row per product and part rather than per part.

    Returns
    -------
    pandas.DataFrame
        ``part`` (``price``, ``quantity``, ``mix``, ``new product``, ``vanished product``), ``change`` in
        money, which adds up to spending after less spending before; ``products``, ``method``; with
        ``detail`` the columns of ``by`` in place of ``products``.

    Raises
    ------
    PriceError
        A column is missing, a product stands twice, a figure is missing or negative, something was
        paid for no units, or the two dates differ in currency, basis, unit or level.

    Notes
    -----
    Over products sold at both dates, with units q, prices p = spending / units, Q = sum q, P = mean
    price, and a bar for the mean of both dates: price = sum qbar dp; quantity = Pbar dQ;
    mix = sum (pbar - Pbar) dq. A product is new or vanished when it has no units at one of the dates;
    its whole spending is then its part, because it has no price there.

    Examples
    --------
    >>> before = pd.DataFrame({"product": ["brand", "generic"], "units": [10, 90], "spending": [30, 9]})
    >>> after = pd.DataFrame({"product": ["brand", "generic"], "units": [5, 115], "spending": [20, 11.5]})
    >>> decompose_spending(before, after)[["part", "change"]].head(3).round(4).values.tolist()
    [['price', 7.5], ['quantity', 6.525], ['mix', -21.525]]
    """
    one_of(method, METHODS, "method")
    keys = list(by)
    _check_shared(before, after)
    joined = (
        _figures(before, keys, "before")
        .add_suffix("0")
        .join(_figures(after, keys, "after").add_suffix("1"), how="outer")
    )
    parts = _parts(joined.fillna(0.0), method)
    long = pd.concat(
        [values.rename("change").reset_index().assign(part=part) for part, values in parts.items()]
    )
    if detail:
        return long.assign(method=method)[[*keys, "part", "change", "method"]].reset_index(drop=True)
    sums = long.groupby("part")["change"].agg(["sum", "size"]).reindex(PARTS, fill_value=0)
    result = sums.rename(columns={"sum": "change", "size": "products"}).reset_index()
    return result.astype({"change": float}).assign(method=method)


def _check_shared(before: pd.DataFrame, after: pd.DataFrame) -> None:
    for name in _SHARED:
        values = [*before.get(name, []), *after.get(name, [])]
        if several(values):
            raise PriceError(
                f"{name} must be one at both dates; found {tally(values)}: select or convert, because the "
                "parts would hold the difference between them"
            )


def _figures(frame: pd.DataFrame, keys: list[str], when: str) -> pd.DataFrame:
    for name in (*keys, "units", "spending"):
        if name not in frame.columns:
            raise PriceError(f"{when}: '{name}' is not a column; {did_you_mean(name, list(frame.columns))}")
    twice = frame.duplicated(keys)
    if twice.any():
        found = ", ".join(str(value) for value in frame.loc[twice, keys].iloc[0])
        raise PriceError(
            f"{when}: '{found}' stands twice; add up its rows, or name in by what tells them apart"
        )
    figures = frame.set_index(keys)[["units", "spending"]].astype(float)
    bad = ~(np.isfinite(figures) & (figures >= 0)).all(axis=1)
    free = (figures["units"] == 0) & (figures["spending"] > 0)
    for wrong, rule in ((bad, "must be finite and at least 0"), (free, "cannot pay for 0 units")):
        if wrong.any():
            first = figures.index[int(np.argmax(np.asarray(wrong)))]
            raise PriceError(f"{when}: units and spending of '{first}' {rule}")
    return figures


def _parts(both: pd.DataFrame, method: str) -> dict[str, pd.Series[float]]:
    q0, q1, s0, s1 = (both[name] for name in ("units0", "units1", "spending0", "spending1"))
    stays = (q0 > 0) & (q1 > 0)
    new, gone = s1[~stays & (q1 > 0)], -s0[~stays & (q0 > 0)]
    q0, q1, s0, s1 = q0[stays], q1[stays], s0[stays], s1[stays]
    p0, p1 = s0 / q0, s1 / q1
    mean0, mean1 = s0.sum() / q0.sum() if len(q0) else 0.0, s1.sum() / q1.sum() if len(q1) else 0.0
    if method == "bennet":
        weight, price, mean = (q0 + q1) / 2, (p0 + p1) / 2, (mean0 + mean1) / 2
    else:
        weight, price, mean = q1, p0, mean0
    parts = (weight * (p1 - p0), mean * (q1 - q0), (price - mean) * (q1 - q0), new, gone)
    return dict(zip(PARTS, parts, strict=True))
