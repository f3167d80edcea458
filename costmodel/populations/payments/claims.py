"""The arithmetic of one claim for many patients at once: what each party pays of the gross amount.

Every amount is a whole multiple of a grain (a cent, or 2**-20 of one), held in float64. Sums of such numbers
are exact below 2**53 grains, and the payer of the rest pays exactly what is left, so that money is conserved
without a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from costmodel.populations.payments.terms import PhaseTerms, Terms

FloatArray = NDArray[np.float64]
Grain = Literal["cent", "fine"]

FINE = 2.0**20
"""Grains of a cent where amounts are not rounded to whole cents."""


@dataclass
class Accumulators:
    """What has been spent, and what counts as paid out of pocket, since the plan year began; cents, (n,)."""

    gross: FloatArray
    out_of_pocket: FloatArray

    @classmethod
    def start(cls, n: int) -> Accumulators:
        """Return the accumulators of ``n`` patients at the start of a plan year."""
        return cls(np.zeros(n), np.zeros(n))


@dataclass(frozen=True)
class Shares:
    """Who pays what of a claim, each (n,), cents; the six add up to ``gross`` exactly.

    ``gross`` is what the pharmacy is paid: the flat price where the benefit has one. ``payer`` is paid by the
    plan or the government, whichever pays the rest; below zero only where a flat charge exceeds the cost.
    """

    gross: FloatArray
    patient: FloatArray
    subsidy: FloatArray
    discount: FloatArray
    reinsurance: FloatArray
    coupon: FloatArray
    payer: FloatArray


def settle_claims(
    gross: FloatArray, fills: FloatArray, terms: Terms, state: Accumulators, *, grain: Grain = "cent"
) -> Shares:
    """Share one claim of each patient; ``state`` is brought up to date in place.

    Parameters
    ----------
    gross : array, (n,)
        Gross amount of the claim, cents, a multiple of the grain.
    fills : array, (n,)
        Fills in the claim; a copay is paid per fill.
    terms : Terms
    state : Accumulators
    grain : {"cent", "fine"}

    Notes
    -----
    A fill's first dollars belong to the earlier phase: it takes as much of the fill as there is room until
    its end, and what the patient pays is worked out for that part. Within a phase the patient comes first,
    then the manufacturer, then the government, each limited to what is left.
    """
    if terms.price is not None:
        gross = np.where(gross > 0, rounded(terms.price * fills, grain), 0.0)
    if terms.charge is not None:
        return _charged(gross, fills, terms, state, grain)
    claim = _Claim(fills, state, grain, [np.zeros(gross.shape) for _ in range(4)])
    rest, last = gross, len(terms.phases) - 1
    for place, phase in enumerate(terms.phases):
        part = rest if place == last else _part(rest, fills, phase, state)
        claim.add(part, phase)
        if place < last:
            rest = rest - part
            if not rest.any():
                break
    return _whole(gross, fills, terms, claim.sums, grain)


@dataclass
class _Claim:
    """A claim on its way through the phases: patient, subsidy, discount and reinsurance so far."""

    fills: FloatArray
    state: Accumulators
    grain: Grain
    sums: list[FloatArray]
    copaid: FloatArray | float = 0.0

    def add(self, part: FloatArray, phase: PhaseTerms) -> None:
        """Share the part of the claim that lies in one phase."""
        cost = _cost_sharing(part, self.fills, phase, self.grain)
        taken = cost
        if phase.manufacturer:
            discount = self._discount(part, cost, phase)
            self.sums[2] += discount
            taken = cost + discount
        if phase.government:
            left = np.maximum(rounded(part, self.grain) - taken, 0.0)
            self.sums[3] += np.minimum(rounded(phase.government * part, self.grain), left)
        self._patient(part, cost, phase)
        if phase.counts_to_gross:
            self.state.gross += part
        self.state.out_of_pocket += taken if phase.counts_discount else cost

    def _discount(self, part: FloatArray, cost: FloatArray, phase: PhaseTerms) -> FloatArray:
        """Return the manufacturer's part; where it counts, both together reach the cap to the grain."""
        if phase.counts_discount:
            return rounded((phase.coinsurance + phase.manufacturer) * part, self.grain) - cost
        return rounded(phase.manufacturer * part, self.grain)

    def _patient(self, part: FloatArray, cost: FloatArray, phase: PhaseTerms) -> None:
        """Divide the cost sharing between the patient and the subsidy; a subsidised copay is paid once."""
        if not phase.subsidised:
            self.sums[0] += cost
            return
        flat = np.maximum(phase.subsidised_copay * self.fills - self.copaid, 0.0)
        own = np.minimum(cost, rounded(phase.subsidised_coinsurance * part, self.grain) + flat)
        self.copaid = self.copaid + np.minimum(own, flat)
        self.sums[0] += own
        self.sums[1] += cost - own


def rounded(amount: FloatArray, grain: Grain) -> FloatArray:
    """Return cents rounded to the grain, halves to even."""
    if grain == "cent":
        return np.rint(amount)
    return np.asarray(np.rint(amount * FINE) / FINE, dtype=np.float64)


def _part(rest: FloatArray, fills: FloatArray, phase: PhaseTerms, state: Accumulators) -> FloatArray:
    """Return how much of each claim lies in the phase."""
    part = rest
    if np.isfinite(phase.until_gross):
        room = np.maximum(phase.until_gross - state.gross, 0.0)
        part = np.minimum(rest, room) if phase.counts_to_gross else np.where(room > 0, rest, 0.0)
    if np.isfinite(phase.until_out_of_pocket):
        part = np.minimum(part, _room(fills, phase, state))
    return part


def _room(fills: FloatArray, phase: PhaseTerms, state: Accumulators) -> FloatArray:
    """Return the gross amount after which what counts as out of pocket reaches the cap."""
    left = np.maximum(phase.until_out_of_pocket - state.out_of_pocket, 0.0)
    rate = phase.coinsurance + (phase.manufacturer if phase.counts_discount else 0.0)
    wide = left / rate if rate else np.where(left > 0, np.inf, 0.0)
    return np.where(left < phase.copay * fills, left, wide) if phase.copay else wide


def _cost_sharing(part: FloatArray, fills: FloatArray, phase: PhaseTerms, grain: Grain) -> FloatArray:
    cost = phase.coinsurance * part
    if phase.copay:
        cost = np.minimum(part, np.maximum(cost, phase.copay * fills))
    return rounded(cost, grain)


def _charged(gross: FloatArray, fills: FloatArray, terms: Terms, state: Accumulators, grain: Grain) -> Shares:
    """Share a claim whose flat charge is paid even where the medicine costs less."""
    patient = np.where(gross > 0, rounded((terms.charge or 0.0) * fills, grain), 0.0)
    state.gross += gross
    state.out_of_pocket += patient
    none = np.zeros(gross.shape)
    return Shares(gross, patient, none, none, none, none, gross - patient)


def _whole(
    gross: FloatArray, fills: FloatArray, terms: Terms, sums: list[FloatArray], grain: Grain
) -> Shares:
    """Add the coupon and the rest; a grain too much, from rounding shares apart, is taken back."""
    patient, subsidy, discount, reinsurance = sums
    payer = gross - (patient + subsidy + discount + reinsurance)
    if payer.size and payer.min() < 0:
        for amount in (reinsurance, discount, subsidy, patient):
            back = np.minimum(np.maximum(-payer, 0.0), amount)
            np.subtract(amount, back, out=amount)
            payer += back
    coupon = np.zeros(gross.shape)
    if terms.coupon:
        coupon = np.minimum(patient, rounded(terms.coupon * fills, grain))
        patient = patient - coupon
    return Shares(gross, patient, subsidy, discount, reinsurance, coupon, payer)
