"""A year's out-of-pocket payment as a formula of the year's spending, in the language of studies.

It holds for one product bought all year under one benefit. What ``plan_year`` settles month by month comes to
the same total, because limits run through the year whatever the months are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from costmodel.errors import CostModelError
from costmodel.formulas import evaluate, parse
from costmodel.populations.payments.benefits import Benefit
from costmodel.populations.payments.claims import FloatArray
from costmodel.populations.payments.terms import CENTS, PhaseTerms, Terms, terms

_STANDARD = "min(oop_cap, min(deductible, gross_year) + coinsurance * max(0, gross_year - deductible))"


@dataclass(frozen=True)
class ClosedForm:
    """A formula of ``gross_year`` (and of ``fills_year`` where copays are paid), and the values it names.

    Attributes
    ----------
    text : str
        In the language of ``study.toml``.
    values : mapping of str to float
        What the other names of the text stand for, in the benefit's currency.
    """

    text: str
    values: Mapping[str, float]

    def __call__(self, gross_year: ArrayLike, fills_year: ArrayLike = 12.0) -> FloatArray:
        """Return the year's out-of-pocket payment, in currency, shaped like ``gross_year``."""
        gross = np.asarray(gross_year, dtype=np.float64)
        fills = np.broadcast_to(np.asarray(fills_year, dtype=np.float64), gross.shape)
        arrays = {"gross_year": gross.reshape(-1, 1, 1), "fills_year": fills.reshape(-1, 1, 1)}
        found = evaluate(parse(self.text), {**self.values, **arrays}, name="out_of_pocket_year")
        return np.broadcast_to(found, (gross.size, 1, 1)).reshape(gross.shape)


@dataclass(frozen=True)
class Segment:
    """A stretch of the year's gross spending in which the patient pays one share of it; currency."""

    start: float
    end: float
    share: float


def closed_form(benefit: Benefit, product: str) -> ClosedForm:
    """Return the year's out-of-pocket formula of one product.

    Raises
    ------
    CostModelError
        There is none: a copay stands beside other phases, so that the total depends on the months.

    Examples
    --------
    >>> from costmodel.populations.payments import benefit
    >>> form = closed_form(benefit("part_d", 2026), "brand")
    >>> form.text
    'min(oop_cap, min(deductible, gross_year) + coinsurance * max(0, gross_year - deductible))'
    >>> form.values
    {'deductible': 615.0, 'coinsurance': 0.25, 'oop_cap': 2100.0}
    >>> form([500.0, 3600.0, 14400.0])
    array([ 500.  , 1361.25, 2100.  ])
    """
    own = terms(benefit, product)
    flat = _flat(own)
    if flat is not None:
        return flat
    pieces = segments(benefit, product)
    if _is_standard(pieces):
        deductible, initial = pieces[0].end, pieces[1]
        cap = deductible + initial.share * (initial.end - initial.start)
        values = {"deductible": deductible, "coinsurance": initial.share, "oop_cap": _clean(cap)}
        return ClosedForm(_STANDARD, values)
    return ClosedForm(" + ".join(_term(piece) for piece in pieces if piece.share) or "0 * gross_year", {})


def segments(benefit: Benefit, product: str) -> tuple[Segment, ...]:
    """Return the shares that a patient pays of the year's spending, from its first dollar to its last.

    A phase that ends at an out-of-pocket cap ends at the spending that reaches it: for brand drugs in the
    coverage gap that is sooner, because the manufacturer's discount counts.

    Raises
    ------
    CostModelError
        A copay, charge or price makes the share depend on the fill.
    """
    own = terms(benefit, product)
    pieces, start, counted = [], 0.0, 0.0
    for phase in own.phases:
        share = _share(phase, benefit, product)
        rate = phase.coinsurance + (phase.manufacturer if phase.counts_discount else 0.0)
        left = phase.until_out_of_pocket - counted
        reach = start + left / rate if rate else (start if left <= 0 else math.inf)
        end = max(start, min(phase.until_gross, reach))
        if end > start:
            pieces.append(Segment(start / CENTS, end / CENTS, share))
            counted += rate * (end - start)
        start = end
    return tuple(pieces)


def _share(phase: PhaseTerms, benefit: Benefit, product: str) -> float:
    flat = phase.copay or phase.subsidised_copay or not phase.counts_to_gross
    if flat:
        raise CostModelError(
            f"{benefit} has no closed form for '{product}': a copay per fill makes the year depend on its "
            "months; settle it with plan_year"
        )
    return min(phase.coinsurance, phase.subsidised_coinsurance) if phase.subsidised else phase.coinsurance


def _flat(own: Terms) -> ClosedForm | None:
    """Return the formula of a benefit of one phase whose patient pays by the fill."""
    if own.price is not None or own.charge is not None:
        amount = own.price if own.price is not None else own.charge
        return ClosedForm("fills_year * charge", {"charge": (amount or 0.0) / CENTS})
    only = own.phases[0]
    if len(own.phases) > 1 or only.coinsurance or only.subsidised:
        return None
    values = {"copay": only.copay / CENTS}
    if own.coupon:
        values["coupon"] = own.coupon / CENTS
        return ClosedForm("fills_year * max(0, min(copay, gross_year / fills_year) - coupon)", values)
    return ClosedForm("fills_year * min(copay, gross_year / fills_year)", values)


def _is_standard(pieces: tuple[Segment, ...]) -> bool:
    shape = [piece.share for piece in pieces]
    return len(shape) == 3 and shape[0] == 1 and 0 < shape[1] < 1 and shape[2] == 0  # noqa: PLR2004


def _term(piece: Segment) -> str:
    upper = "gross_year" if math.isinf(piece.end) else f"min(gross_year, {piece.end!r})"
    body = f"max(0, {upper} - {piece.start!r})" if piece.start else upper
    return body if piece.share == 1 else f"{piece.share!r} * {body}"


def _clean(amount: float) -> float:
    """Return an amount of money without the last digits that adding and dividing left behind."""
    return round(amount, 9)
