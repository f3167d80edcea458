"""A plan year month by month: accumulators, other drugs, a switch of product, part of a year enrolled.

Patients are settled in blocks that stay in the processor's cache, on as many threads as asked for; neither
changes a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.populations.payments.benefits import Benefit
from costmodel.populations.payments.claims import Accumulators, FloatArray, Grain, rounded, settle_claims
from costmodel.populations.payments.terms import CENTS, Terms, fees, terms

if TYPE_CHECKING:
    import pandas as pd

MONTHS = 12
PAYERS = ("patient", "plan", "government", "manufacturer")
"""Who bears the gross amount of a claim; the order of the first axis of a plan year's arrays."""

_BLOCK = 1 << 15
_LARGEST = 5e6


@dataclass(frozen=True)
class Spending:
    """What one product costs each patient in each month, before anyone has paid.

    Parameters
    ----------
    gross : array_like
        Gross amount per month in the benefit's currency: one number, (12,), (n, 1) or (n, 12).
    product : {"brand", "generic", "tier_1", "tier_2", "tier_3", "tier_4"}
    fills : array_like
        Fills per month, broadcast like ``gross``; copays are paid per fill. No gross amount, no copay.
    label : str
        For results by product; the product's name by default.
    """

    gross: ArrayLike
    product: str
    fills: ArrayLike = 1.0
    label: str = ""


@dataclass(frozen=True, eq=False)
class PlanYear:
    """Who paid what in a plan year.

    Attributes
    ----------
    benefit : Benefit
    paid : array, (payer, month, n) or (payer, n)
        Cents, the payers in the order of :data:`PAYERS`; whole cents, or multiples of 2**-20 cent.
    gross : array, (month, n) or (n,)
        Cents that pharmacies were paid: the payers' exact sum.
    fee : float
        Cents of fees that a patient enrolled all year pays for periods rather than fills. They are in
        ``paid``: the patient's to the government, which pays so much less.
    labels : tuple of str
        The products, in the order in which their claims were settled.
    """

    benefit: Benefit
    paid: FloatArray
    gross: FloatArray
    fee: float = 0.0
    labels: tuple[str, ...] = field(default=())

    def of(self, payer: str) -> FloatArray:
        """Return what a payer paid per patient over the year, in currency, (n,)."""
        place = PAYERS.index(one_of(payer, PAYERS, "payer"))
        amounts = self.paid[place]
        return np.asarray((amounts.sum(axis=0) if amounts.ndim > 1 else amounts) / CENTS, dtype=np.float64)

    def by_month(self, payer: str) -> FloatArray:
        """Return what a payer paid in each month, in currency, (n, 12).

        Raises
        ------
        CostModelError
            The year was settled with ``by="year"``.
        """
        place = PAYERS.index(one_of(payer, PAYERS, "payer"))
        if self.paid.ndim < 3:  # noqa: PLR2004
            raise CostModelError('only totals of the year were kept; settle with by="month"')
        return np.asarray(self.paid[place].T / CENTS, dtype=np.float64)

    @property
    def imbalance(self) -> float:
        """Largest difference between the payers' sum and the gross amount, in cents: exactly 0."""
        return float(np.abs(self.paid.sum(axis=0) - self.gross).max(initial=0.0))

    def frame(self) -> pd.DataFrame:
        """Return the mean per patient, in currency: one row per month (or the year), one column per payer."""
        import pandas as pd

        monthly = self.paid.ndim > 2  # noqa: PLR2004
        means = self.paid.mean(axis=-1) / CENTS
        index = range(1, MONTHS + 1) if monthly else ["year"]
        frame = pd.DataFrame(np.atleast_2d(means.T), columns=list(PAYERS), index=index)
        frame["gross"] = np.atleast_1d(self.gross.mean(axis=-1)) / CENTS
        return frame.rename_axis("month" if monthly else "period")


def switch_of_product(
    brand: Spending, generic: Spending, month: ArrayLike, *, n: int | None = None
) -> tuple[Spending, Spending]:
    """Return brand and generic spending of patients who switch to the generic in ``month`` (1 to 13).

    Parameters
    ----------
    brand, generic : Spending
        As if the product were taken all year.
    month : array_like of int, () or (n,)
        First month on the generic: 1 is generic all year, 13 brand all year.
    n : int, optional
        Number of patients, where neither the month nor the amounts say it.
    """
    first = np.atleast_1d(np.asarray(month))
    if ((first < 1) | (first > MONTHS + 1) | (first != np.floor(first))).any():
        raise CostModelError(f"month of the switch must be a whole number from 1 to 13; found {first[:5]}")
    before = np.arange(1, MONTHS + 1) < np.broadcast_to(first, (n or len(first),))[:, None]
    return (
        Spending(np.asarray(brand.gross) * before, brand.product, brand.fills, brand.label),
        Spending(np.asarray(generic.gross) * ~before, generic.product, generic.fills, generic.label),
    )


def plan_year(
    benefit: Benefit,
    spending: Sequence[Spending] | Spending,
    *,
    enrolled: ArrayLike | None = None,
    by: str = "month",
    whole_cents: bool = True,
    workers: int = 2,
) -> PlanYear:
    """Settle twelve months of claims for every patient, the deductible and the cap running through the year.

    Parameters
    ----------
    benefit : Benefit
    spending : Spending or sequence of Spending
        Claims of a month are settled in this order: another order moves money between products and months,
        not between the year's payers where all products have the same terms.
    enrolled : array_like of bool, (n, 12) or (12,), optional
        Months in which the patient is enrolled; what is bought in others is not settled here. Deductible and
        cap are those of a whole year however few the months, as in Medicare Part D.
    by : {"month", "year"}
        Whether months are kept; totals of the year need a twelfth of the memory.
    whole_cents : bool
        Whether each claim is rounded to whole cents, as pharmacies do. Otherwise amounts are multiples of
        2**-20 cent, as near to the unrounded formula as makes no difference, and their sums are still exact.
    workers : int
        Threads.

    Returns
    -------
    PlanYear

    Raises
    ------
    CostModelError
        Amounts that are negative or not finite, shapes that do not fit, a product the benefit does not know.

    Examples
    --------
    >>> from costmodel.populations.payments import Spending, benefit, plan_year
    >>> year = plan_year(benefit("part_d", 2026), Spending(300.0, "brand"))
    >>> year.by_month("patient")[0, :4]
    array([300.  , 300.  ,  86.25,  75.  ])
    >>> year.of("patient").item()  # 615 + 25 % of 2,985
    1361.25
    """
    one_of(by, ("month", "year"), "by")
    rows = (spending,) if isinstance(spending, Spending) else tuple(spending)
    mask = None if enrolled is None else _mask(enrolled)
    n = _patients(rows, mask)
    shape = (len(PAYERS), MONTHS, n) if by == "month" else (len(PAYERS), n)
    job = _Job(
        streams=[_stream(row, benefit, n) for row in rows],
        enrolled=None if mask is None else np.broadcast_to(mask, (n, MONTHS)),
        prepaid=fees(benefit),
        rest=PAYERS.index(benefit.payer or "plan"),
        grain="cent" if whole_cents else "fine",
        paid=np.zeros(shape),
        gross=np.zeros(shape[1:]),
    )
    blocks = [slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK)]
    if workers > 1 and len(blocks) > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(job.run, blocks))
    else:
        for block in blocks:
            job.run(block)
    fee = sum(amount * (MONTHS // months) for months, amount in job.prepaid)
    return PlanYear(benefit, job.paid, job.gross, fee, tuple(row.label or row.product for row in rows))


@dataclass(frozen=True)
class _Stream:
    """Gross amounts and fills, broadcast to (n, 12), and the terms they are settled by."""

    gross: NDArray[np.float64]
    fills: NDArray[np.float64]
    terms: Terms


class _Cells(NamedTuple):
    """One month of a block: who is enrolled, and the views that the amounts are added to."""

    month: int
    block: slice
    here: NDArray[np.bool_] | None
    paid: FloatArray
    gross: FloatArray


@dataclass(frozen=True)
class _Job:
    """A plan year to be settled block by block into ``paid`` (payer, month, n) and ``gross`` (month, n)."""

    streams: Sequence[_Stream]
    enrolled: NDArray[np.bool_] | None
    prepaid: Sequence[tuple[int, float]]
    rest: int
    grain: Grain
    paid: FloatArray
    gross: FloatArray

    def run(self, block: slice) -> None:
        """Settle twelve months of a block of patients."""
        size = block.stop - block.start
        state, months_in = Accumulators.start(size), np.zeros(size)
        for month in range(MONTHS):
            here = None if self.enrolled is None else self.enrolled[block, month]
            where = (month, block) if self.gross.ndim > 1 else (block,)
            cells = _Cells(month, block, here, self.paid[:, *where], self.gross[where])
            for stream in self.streams:
                self._claim(stream, cells, state)
            self._prepay(cells.paid, months_in, here)
            months_in += 1 if here is None else here

    def _claim(self, stream: _Stream, cells: _Cells, state: Accumulators) -> None:
        amount = rounded(stream.gross[cells.block, cells.month] * CENTS, self.grain)
        if cells.here is not None:
            amount = amount * cells.here
        if not amount.any():
            return
        fills = stream.fills[cells.block, cells.month]
        share = settle_claims(amount, fills, stream.terms, state, grain=self.grain)
        own = cells.paid
        own[0] += share.patient
        own[2] += share.subsidy + share.reinsurance
        own[3] += share.discount + share.coupon
        own[self.rest] += share.payer
        np.add(cells.gross, share.gross, out=cells.gross)

    def _prepay(self, own: FloatArray, months_in: FloatArray, here: NDArray[np.bool_] | None) -> None:
        """Move a fee from patient to government in the first enrolled month and each period after."""
        for months, amount in self.prepaid:
            due = months_in % months == 0
            due = due if here is None else due & here
            own[0] += amount * due
            own[2] -= amount * due


def _mask(enrolled: ArrayLike) -> NDArray[np.bool_]:
    mask = np.atleast_2d(np.asarray(enrolled))
    if mask.dtype != np.bool_ or mask.ndim != 2 or mask.shape[1] != MONTHS:  # noqa: PLR2004
        raise CostModelError(f"enrolled must be true or false for 12 months, (n, 12); found {mask.shape}")
    return mask


def _patients(rows: Sequence[Spending], mask: NDArray[np.bool_] | None) -> int:
    """Return the number of patients that the shapes agree on."""
    if not rows:
        raise CostModelError("at least one product must be bought; give a Spending")
    shapes = [np.shape(value) for row in rows for value in (row.gross, row.fills)]
    if mask is not None:
        shapes.append(mask.shape)
    try:
        whole = np.broadcast_shapes(*shapes, (1, MONTHS))
    except ValueError:
        text = "amounts, fills and enrolment must fit (n, 12)"
        raise CostModelError(f"{text}; found {', '.join(map(str, shapes))}") from None
    if len(whole) != 2 or whole[1] != MONTHS:  # noqa: PLR2004
        raise CostModelError(f"amounts must have at most 2 axes, patient and month; found {whole}")
    return int(whole[0])


def _stream(row: Spending, benefit: Benefit, n: int) -> _Stream:
    gross, fills = (np.asarray(value, dtype=np.float64) for value in (row.gross, row.fills))
    for what, array, most in (("gross amounts", gross, _LARGEST), ("fills", fills, 1e4)):
        if not (np.isfinite(array).all() and (array >= 0).all() and (array <= most).all()):
            raise CostModelError(f"{what} of '{row.product}' must lie in [0, {most:g}] in every month")
    shape = (n, MONTHS)
    return _Stream(np.broadcast_to(gross, shape), np.broadcast_to(fills, shape), terms(benefit, row.product))
