"""A benefit's rules for one product, as numbers in cents that the arithmetic can use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.populations.payments.benefits import Benefit
from costmodel.populations.payments.rules import CLASSES, TIERS, Rule, narrowest

CENTS = 100.0
"""Cents of one unit of currency."""


@dataclass(frozen=True)
class PhaseTerms:
    """One phase for one product; money in cents, shares of the gross amount in the phase.

    ``until_out_of_pocket`` is the nearest cap at or after the phase: reaching it ends every phase up to it.
    """

    until_gross: float
    until_out_of_pocket: float
    coinsurance: float
    copay: float
    subsidised: bool
    subsidised_coinsurance: float
    subsidised_copay: float
    manufacturer: float
    government: float
    counts_to_gross: bool
    counts_discount: bool


@dataclass(frozen=True)
class Terms:
    """What one product's fills are settled by; money in cents, ``charge`` and ``price`` per fill."""

    phases: tuple[PhaseTerms, ...]
    charge: float | None
    price: float | None
    coupon: float
    card_fee: float


def terms(benefit: Benefit, product: str) -> Terms:
    """Return the terms of one product under a benefit.

    Parameters
    ----------
    benefit : Benefit
    product : {"brand", "generic", "tier_1", "tier_2", "tier_3", "tier_4"}

    Raises
    ------
    CostModelError
        The benefit goes by tiers and a class was given, or the reverse.
    """
    one_of(product, (*CLASSES, *TIERS), "product")
    if product not in benefit.products:
        asked = "a tier" if benefit.products[0] in TIERS else "a class"
        raise CostModelError(
            f"{benefit} goes by {asked}, '{product}' is none: give one of {', '.join(benefit.products)}"
        )
    seek = (product, "any")
    numbers = range(1, len(benefit.phases) + 1)
    phases = [_phase([r for r in benefit.rules if r.phase in (n, 0)], seek) for n in numbers]
    every = benefit.rules
    price = _money(every, "price", "patient", seek, None)
    if price is not None:
        phases = [replace(one, coinsurance=1.0) for one in phases]
    return Terms(
        phases=tuple(_capped(phases)),
        charge=_money(every, "charge", "patient", seek, None),
        price=price,
        coupon=_money(every, "coupon", "manufacturer", seek, 0.0) or 0.0,
        card_fee=_money(every, "card_fee", "other", seek, 0.0) or 0.0,
    )


def fees(benefit: Benefit) -> tuple[tuple[int, float], ...]:
    """Return (months, cents) of each fee that is paid for a period rather than for a fill."""
    periods = {"fee_12_months": 12, "fee_3_months": 3}
    return tuple((periods[r.kind], r.value * CENTS) for r in benefit.rules if r.kind in periods)


def _phase(rules: Sequence[Rule], seek: tuple[str, ...]) -> PhaseTerms:
    subsidised = ("subsidised_coinsurance", "subsidised_copay")
    return PhaseTerms(
        until_gross=_money(rules, "until_gross", "", ("any",), math.inf) or 0.0,
        until_out_of_pocket=_money(rules, "until_out_of_pocket", "", ("any",), math.inf) or 0.0,
        coinsurance=_share(rules, "coinsurance", "patient", seek),
        copay=_money(rules, "copay", "patient", seek, 0.0) or 0.0,
        subsidised=any(narrowest(rules, kind, "patient", seek) is not None for kind in subsidised),
        subsidised_coinsurance=_share(rules, "subsidised_coinsurance", "patient", seek),
        subsidised_copay=_money(rules, "subsidised_copay", "patient", seek, 0.0) or 0.0,
        manufacturer=_share(rules, "share", "manufacturer", seek),
        government=_share(rules, "share", "government", seek),
        counts_to_gross=_share(rules, "counts_to_gross", "patient", seek, 1.0) > 0,
        counts_discount=_share(rules, "counts_to_out_of_pocket", "manufacturer", seek) > 0,
    )


def _capped(phases: Sequence[PhaseTerms]) -> list[PhaseTerms]:
    caps = [phase.until_out_of_pocket for phase in phases]
    return [replace(one, until_out_of_pocket=min(caps[place:])) for place, one in enumerate(phases)]


def _share(
    rules: Sequence[Rule], kind: str, party: str, seek: tuple[str, ...], default: float = 0.0
) -> float:
    rule = narrowest(rules, kind, party, seek)
    return default if rule is None else rule.value


def _money(
    rules: Sequence[Rule], kind: str, party: str, seek: tuple[str, ...], default: float | None
) -> float | None:
    rule = narrowest(rules, kind, party, seek)
    return default if rule is None else rule.value * CENTS
