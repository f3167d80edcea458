"""Settle fills: who pays whom for each, the deductible and the cap running from fill to fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import did_you_mean
from costmodel.errors import Faults
from costmodel.populations.payments.benefits import Benefit
from costmodel.populations.payments.claims import Accumulators, FloatArray, Shares, settle_claims
from costmodel.populations.payments.flows import FLOWS, Settlement
from costmodel.populations.payments.rebates import NetAmount, net_of_rebate
from costmodel.populations.payments.terms import CENTS, terms

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("patient", "product", "gross")
_OPTIONAL = {"fills": 1.0, "acquisition": 0.0, "wholesale": 0.0, "spread": 0.0, "rebate": np.nan}
_KNOWN = (*_NEEDED, *_OPTIONAL, "rebate_low", "rebate_high", "date")
_SHARED = ("patient", "coupon", "payment", "subsidy", "reinsurance", "discount")


def settle(fills: pd.DataFrame, benefit: Benefit) -> Settlement:
    """Settle fills of one plan year, each patient's in the order of their dates (else of the rows).

    Parameters
    ----------
    fills : pandas.DataFrame
        One row per fill, amounts in the benefit's currency, rounded to whole cents:

        - ``patient``: an identifier;
        - ``product``: ``brand`` or ``generic``, or the tier under a benefit that goes by tiers;
        - ``gross``: what is billed, see :func:`gross_amount`; a flat price takes its place;
        - ``fills`` (optional): fills in the row, 1 by default;
        - ``date`` (optional): day of the fill, in the benefit's year;
        - ``acquisition``, ``wholesale`` (optional): what the pharmacy and the wholesaler bought it for;
        - ``spread`` (optional): what a benefit manager keeps of it;
        - ``rebate`` (optional): paid to the payer later; missing where it is not known, and then bounded by
          ``rebate_low`` and ``rebate_high`` (by default nothing and all that the payer pays).
    benefit : Benefit

    Returns
    -------
    Settlement
        Its flows sum to zero in every fill, exactly: they are whole cents, and the payer pays what is left.

    Raises
    ------
    DataError
        Every fault of the fills at once, with its row.

    Examples
    --------
    >>> import pandas as pd
    >>> from costmodel.populations.payments import benefit, settle
    >>> fills = pd.DataFrame({"patient": "a", "product": "brand", "gross": [600.0, 100.0]})
    >>> done = settle(fills, benefit("part_d", 2026))
    >>> done.flows()[["fill", "from", "to", "amount"]].values.tolist()[1:]
    [[1, 'patient', 'pharmacy', 36.25], [1, 'plan', 'pharmacy', 63.75], [1, 'manufacturer', 'plan', 8.5]]
    >>> done.net_cents().sum(axis=1)
    array([0, 0])
    """
    columns = _columns(fills, benefit)
    count = len(fills)
    shared = np.zeros((count, len(_SHARED)))
    codes, people = _coded(fills["patient"])
    kinds, products = _coded(fills["product"])
    state = Accumulators.start(len(people))
    for rows in _turns(_rounds(fills), kinds):
        # one fill of each patient at most, so that no accumulator is written to twice
        who, product = codes[rows], str(products[kinds[rows[0]]])
        own = Accumulators(state.gross[who], state.out_of_pocket[who])
        amounts = columns["gross"][rows], columns["fills"][rows]
        shared[rows] = _in_order(settle_claims(*amounts, terms(benefit, product), own))
        state.gross[who], state.out_of_pocket[who] = own.gross, own.out_of_pocket
    names = products[kinds]
    cents = _flow_cents(shared, columns, names, benefit)
    payment = shared[:, 2] - shared[:, 3:].sum(axis=1)
    payer = _payer_amount(payment / CENTS, columns)
    return Settlement(benefit, cents, payer, people[codes], names)


def _coded(labels: pd.Series[Any]) -> tuple[NDArray[np.intp], NDArray[np.str_]]:
    """Return each label's code, and the labels as text in the order of their codes."""
    codes, uniques = labels.factorize()
    return np.asarray(codes, dtype=np.intp), np.array([str(one) for one in uniques], dtype=np.str_)


def _turns(order: NDArray[np.intp], kinds: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield the fills that can be settled together: every patient's n-th, one product at a time."""
    key = order * (int(kinds.max(initial=0)) + 1) + kinds
    rows = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[rows])) + 1
    yield from (part for part in np.split(rows, starts) if part.size)


def _in_order(share: Shares) -> FloatArray:
    payment = share.payer + share.subsidy + share.reinsurance + share.discount
    return np.column_stack(
        [share.patient, share.coupon, payment, share.subsidy, share.reinsurance, share.discount]
    )


def _flow_cents(
    shared: FloatArray, columns: dict[str, FloatArray], products: NDArray[np.str_], benefit: Benefit
) -> NDArray[np.int64]:
    rebate = np.nan_to_num(columns["rebate"])
    card = np.zeros(len(products))
    for product in benefit.products:
        card += terms(benefit, product).card_fee * columns["fills"] * (products == product)
    rest = (rebate, columns["acquisition"], columns["wholesale"], columns["spread"], np.rint(card))
    cents = np.column_stack([shared, *rest])
    assert cents.shape[1] == len(FLOWS)
    return np.asarray(np.rint(cents), dtype=np.int64)


def _payer_amount(gross: FloatArray, columns: dict[str, FloatArray]) -> NetAmount:
    low, high = (columns.get(name) for name in ("rebate_low", "rebate_high"))
    return net_of_rebate(
        np.maximum(gross, 0.0),
        rebate=columns["rebate"] / CENTS,
        rebate_low=0.0 if low is None else low / CENTS,
        rebate_high=None if high is None else high / CENTS,
    )


def _columns(fills: pd.DataFrame, benefit: Benefit) -> dict[str, FloatArray]:
    """Return the numbers of the fills in whole cents (fills as counted), or raise every fault at once."""
    faults = Faults("fills")
    for name in _NEEDED:
        if name not in fills:
            faults.add("column is missing", column=name, found=", ".join(map(str, fills.columns)))
    for name in fills.columns:
        if name not in _KNOWN:
            remedy = did_you_mean(str(name), _KNOWN)
            faults.add("is not a column of fills", column=str(name), remedy=remedy)
    faults.raise_if_any("fills cannot be settled")
    _labels(fills, benefit, faults)
    _dates(fills, benefit, faults)
    columns = {name: _numbers(fills, name, faults) for name in ("gross", *_OPTIONAL)}
    columns |= {
        name: _numbers(fills, name, faults) for name in ("rebate_low", "rebate_high") if name in fills
    }
    if not benefit.payer and "rebate" in fills and np.nan_to_num(columns["rebate"]).any():
        faults.add("a rebate needs a plan or a government to be paid to", column="rebate", found=str(benefit))
    faults.raise_if_any("fills cannot be settled")
    return {name: array if name == "fills" else np.rint(array * CENTS) for name, array in columns.items()}


def _labels(fills: pd.DataFrame, benefit: Benefit, faults: Faults) -> None:
    for row in np.flatnonzero(fills["patient"].isna()):
        faults.add("must name a patient", row=int(row), column="patient", found="nothing")
    for row in np.flatnonzero(~fills["product"].isin(benefit.products)):
        found = fills["product"].iloc[row]
        remedy = did_you_mean(str(found), benefit.products)
        faults.add(
            f"must be a product of {benefit}", row=int(row), column="product", found=found, remedy=remedy
        )


def _dates(fills: pd.DataFrame, benefit: Benefit, faults: Faults) -> None:
    """Note dates outside the plan year, whose limits are others; without limits any date will do."""
    import pandas as pd

    if "date" not in fills:
        return
    try:
        years = pd.to_datetime(fills["date"]).dt.year
    except (ValueError, TypeError) as problem:
        faults.add("must be dates", column="date", found=problem, remedy="write YYYY-MM-DD")
        return
    outside = years.isna() | ((years != benefit.year) & (len(benefit.phases) > 1))
    for row in np.flatnonzero(outside):
        found = fills["date"].iloc[row]
        faults.add(f"must lie in the plan year {benefit.year}", row=int(row), column="date", found=found)


def _numbers(fills: pd.DataFrame, name: str, faults: Faults) -> FloatArray:
    if name not in fills:
        return np.full(len(fills), _OPTIONAL[name])
    try:
        array = fills[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as problem:
        faults.add("must hold numbers", column=name, found=problem)
        return np.zeros(len(fills))
    may_miss = name == "rebate"
    bad = ~((array >= 0) & np.isfinite(array)) & ~(np.isnan(array) & may_miss)
    if name == "fills":
        bad |= array < 1
    for row in np.flatnonzero(bad):
        least = 1 if name == "fills" else 0
        faults.add(
            f"must be a finite number of at least {least}", row=int(row), column=name, found=array[row]
        )
    return np.asarray(array, dtype=np.float64)


def _rounds(fills: pd.DataFrame) -> NDArray[np.intp]:
    """Return each fill's place among its patient's fills, in order of date and then of row."""
    import pandas as pd

    frame = fills.reset_index(drop=True)
    if "date" in frame:
        frame = frame.assign(date=pd.to_datetime(frame["date"])).sort_values("date", kind="stable")
    places = frame.groupby("patient", sort=False).cumcount().sort_index()
    return np.asarray(places.to_numpy(), dtype=np.intp)
