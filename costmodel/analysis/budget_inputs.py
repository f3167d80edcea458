"""What a budget impact analysis is told: the people of a segment, and what a product costs whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from costmodel.analysis.overdraws import Amount, Floats, by_year, matched, over_draws
from costmodel.checks import in_interval
from costmodel.errors import CostModelError

DRUG, MARK_UP, DISPENSING, REBATE = "drug (gross)", "mark-up", "dispensing", "rebate"
"""Names of the components of every product; other care follows under the names its user gave."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """The people of one segment who are eligible for treatment, year by year.

    Every number is one value or one per draw. People are never rounded here.

    Parameters
    ----------
    segment : str
    eligible : float
        People eligible when year 1 starts: the prevalent pool.
    incident : float, default 0
        People who become eligible in each year, year 1 among them.
    growth : float, default 0
        Growth of the population per year, of the pool, of the incident and of the members alike.
    leaving : float, default 0
        Share of the pool that dies or leaves the plan between one year and the next.
    members : float, optional
        People insured in year 1, for costs per member per month. Segments must not share members.

    Raises
    ------
    CostModelError
        A number is outside its range, or there are more eligible people than members.

    Notes
    -----
    With growth g and leaving l, ``people(1) = eligible + incident`` and
    ``people(t) = people(t − 1) (1 − l) (1 + g) + incident (1 + g)^(t − 1)``.
    Somebody who enters in a year is counted for the whole of it.

    Examples
    --------
    >>> people = Population(segment="adults", eligible=100, incident=10, leaving=0.1)
    >>> people.people(3).round(2).tolist()
    [[110.0, 109.0, 108.1]]
    """

    segment: str
    eligible: ArrayLike
    incident: ArrayLike = 0.0
    growth: ArrayLike = 0.0
    leaving: ArrayLike = 0.0
    members: ArrayLike | None = None

    def __post_init__(self) -> None:
        where = f"of segment '{self.segment}'"
        limits = {"eligible": (0, np.inf), "incident": (0, np.inf), "growth": (-1, 1), "leaving": (0, 1)}
        for name, (low, high) in limits.items():
            found = over_draws(getattr(self, name), f"{name} {where}", low=low, high=high)
            object.__setattr__(self, name, found)
        if self.members is not None:
            members = over_draws(self.members, f"members {where}", low=0)
            object.__setattr__(self, "members", members)
            if (members <= 0).any() or (members < self.people(1)[:, 0] * (1 - 1e-12)).any():
                raise CostModelError(f"members {where} must be above 0 and no fewer than those eligible")
        matched(self.inputs(), f"segment '{self.segment}'")

    @classmethod
    def from_funnel(
        cls,
        members: ArrayLike,
        steps: Mapping[str, ArrayLike],
        *,
        segment: str = "all",
        growth: ArrayLike = 0.0,
        incident: ArrayLike = 0.0,
        leaving: ArrayLike = 0.0,
    ) -> Population:
        """Return the people left after each share of a funnel: prevalence, diagnosed, treated.

        Raises
        ------
        CostModelError
            A share is outside 0 to 1; the step is named.

        Examples
        --------
        >>> Population.from_funnel(1000, {"prevalence": 0.1, "treated": 0.5}).people(1).tolist()
        [[50.0]]
        """
        eligible = over_draws(members, "members", low=0)
        for name, share in steps.items():
            factor = over_draws(share, f"funnel step '{name}'", low=0, high=1)
            matched([eligible, factor], "the funnel")
            eligible = eligible * factor
        return cls(
            segment=segment,
            eligible=eligible,
            incident=incident,
            growth=growth,
            leaving=leaving,
            members=members,
        )

    def inputs(self) -> list[Floats]:
        """Return every number as an array over draws."""
        found = [self.eligible, self.incident, self.growth, self.leaving, self.members]
        return [np.asarray(one) for one in found if one is not None]

    def people(self, years: int) -> Floats:
        """Return those eligible in each year, (draws, years)."""
        eligible, incident, growth, leaving = (one[:, None] for one in self.inputs()[:4])
        kept = (1 - leaving) * (1 + growth)
        found = [eligible + incident]
        for year in range(1, years):
            found.append(found[-1] * kept + incident * (1 + growth) ** year)
        return np.concatenate(np.broadcast_arrays(*found), axis=1)

    def entering(self, years: int) -> Floats:
        """Return those who enter the pool in each year, (draws, years): everybody in year 1."""
        _, incident, growth, leaving = (one[:, None] for one in self.inputs()[:4])
        pool = self.people(years)
        born = pool[:, :-1] * (1 - leaving) * np.maximum(growth, 0)
        later = born + incident * (1 + growth) ** np.arange(1, years)
        return np.concatenate([np.broadcast_to(pool[:, :1], (len(later), 1)), later], axis=1)

    def staying(self) -> Floats:
        """Return the share that stays from one year to the next, (draws, 1)."""
        _, _, growth, leaving = (one[:, None] for one in self.inputs()[:4])
        return np.asarray((1 - leaving) * (1 + np.minimum(growth, 0)))

    def members_by_year(self, years: int) -> Floats | None:
        """Return members in each year, (draws, years), or None where they were not given."""
        if self.members is None:
            return None
        growth = np.asarray(self.growth)[:, None]
        return np.asarray(np.asarray(self.members)[:, None] * (1 + growth) ** np.arange(years))


@dataclass(frozen=True, eq=False, kw_only=True)
class PricePath:
    """How a price moves over calendar years, as a factor on the price of year 1.

    Parameters
    ----------
    change : float, default 0
        Relative change per year, such as −0.02.
    loss_of_exclusivity : int, optional
        The year from which copies are sold: 1 is the first year of the analysis.
    price_after : float or tuple, default 1
        Price as a share of what it would have been, from that year; a tuple has one share per year since
        the loss, and its last holds.

    Examples
    --------
    >>> PricePath(change=-0.1, loss_of_exclusivity=3, price_after=(0.5, 0.2)).factors(4).round(4).tolist()
    [[1.0, 0.9, 0.405, 0.1458]]
    """

    change: ArrayLike = 0.0
    loss_of_exclusivity: int | None = None
    price_after: Amount = 1.0

    def factors(self, years: int) -> Floats:
        """Return the factor of each year, (draws, years).

        Raises
        ------
        CostModelError
            A change is below −1, the year of loss is no whole number from 1, or a share is negative.
        """
        change = over_draws(self.change, "price change", low=-1)[:, None]
        path = (1 + change) ** np.arange(years)
        if self.loss_of_exclusivity is None:
            return np.asarray(path)
        start = int(in_interval(self.loss_of_exclusivity, "year of loss of exclusivity", low=1)) - 1
        if start != self.loss_of_exclusivity - 1:
            raise CostModelError("the year of loss of exclusivity must be a whole number")
        after = by_year(self.price_after, "price after loss of exclusivity", max(years - start, 1), low=0)
        before = np.ones((len(after), min(start, years)))
        share = np.concatenate([before, after], axis=1)[:, :years]
        matched([path, share], "price path")
        return np.asarray(path * share)


@dataclass(frozen=True, eq=False, kw_only=True)
class Course:
    """What a patient-year of one product costs, and who pays it.

    An amount is a number, an array with one value per draw, or a tuple of these by year since the patient
    started (the last holds): the first year of treatment often costs more.

    Parameters
    ----------
    product : str
    drug : amount, default 0
        Drug at list price per patient-year, before any rebate, at the price of year 1.
    price : PricePath, optional
        How that price moves over calendar years; mark-up and rebate follow it.
    mark_up, rebate : float, default 0
        Shares of the drug's cost. A rebate goes to the payer, and never exceeds what the payer paid for
        the drug.
    dispensing : amount, default 0
        Fees per patient-year.
    other_care : mapping of name to amount
        Administration, monitoring, adverse events; a negative amount is care that is saved.
    copay : amount, default 0
        What the patient pays per patient-year towards drug, mark-up and dispensing; never more than
        they cost.
    patient_share : float, default 0
        Share of drug, mark-up and dispensing that the patient pays, beside any copay.
    patient_share_other : float, default 0
        Share of other care that the patient pays.
    persistence : tuple, default (1,)
        Share still on the product in each year since the start: 1 first, never rising; the last holds.
    """

    product: str
    drug: Amount = 0.0
    price: PricePath = field(default_factory=PricePath)
    mark_up: ArrayLike = 0.0
    rebate: ArrayLike = 0.0
    dispensing: Amount = 0.0
    other_care: Mapping[str, Amount] = field(default_factory=dict)
    copay: Amount = 0.0
    patient_share: ArrayLike = 0.0
    patient_share_other: ArrayLike = 0.0
    persistence: Amount = (1.0,)

    def __post_init__(self) -> None:
        for name in ("mark_up", "rebate", "patient_share", "patient_share_other"):
            high = np.inf if name == "mark_up" else 1
            over_draws(getattr(self, name), f"{name} of '{self.product}'", low=0, high=high)
        for name in ("drug", "dispensing", "copay"):
            amount: Amount = getattr(self, name)
            by_year(amount, f"{name} of '{self.product}'", _longest(amount), low=0)
        taken = {DRUG, MARK_UP, DISPENSING, REBATE} & set(self.other_care)
        if taken:
            raise CostModelError(f"other care of '{self.product}' cannot be named '{min(taken)}'")
        self.staying_on(_longest(self.persistence))

    def staying_on(self, years: int) -> Floats:
        """Return the share still on the product by year since the start, (draws, years).

        Raises
        ------
        CostModelError
            It does not start at 1, rises, or leaves 0 to 1.
        """
        found = by_year(self.persistence, f"persistence of '{self.product}'", years, low=0, high=1)
        if (found[:, 0] != 1).any() or (np.diff(found, axis=1) > 0).any():
            raise CostModelError(
                f"persistence of '{self.product}' must start at 1 and never rise: it is the share of "
                f"starters still on it; found {', '.join(f'{x:g}' for x in found[0])}"
            )
        return found

    def costs(self, years: int) -> dict[str, tuple[Floats, Floats]]:
        """Return each component's cost per patient-year to payer and patient.

        Returns
        -------
        dict of component to (payer, patient)
            Arrays of shape (draws, calendar year, year since start). Components: ``drug (gross)``,
            ``mark-up``, ``dispensing``, ``rebate`` (at most 0), then other care. Their sum is the net cost.
        """
        factor = self.price.factors(years)[:, :, None]
        drug = self._since_start("drug", years, low=0) * factor
        share = over_draws(self.mark_up, "mark_up")[:, None, None]
        bill = {
            DRUG: drug,
            MARK_UP: drug * share,
            DISPENSING: self._since_start("dispensing", years, low=0) * np.ones_like(factor),
        }
        patient = self._patient_fraction(sum(bill.values(), np.zeros(1)), years)
        found = {name: (cost * (1 - patient), cost * patient) for name, cost in bill.items()}
        rebate = np.minimum(over_draws(self.rebate, "rebate")[:, None, None] * drug, found[DRUG][0])
        found[REBATE] = (-rebate, np.zeros_like(rebate))
        other = over_draws(self.patient_share_other, "patient_share_other")[:, None, None]
        for name, amount in self.other_care.items():
            cost = by_year(amount, f"{name} of '{self.product}'", years)[:, None] * np.ones((1, years, 1))
            found[name] = (cost * (1 - other), cost * other)
        return found

    def rebate_is_held(self, years: int) -> bool:
        """Tell whether the rebate asked for exceeds what the payer pays for the drug, and is held to it."""
        asked = over_draws(self.rebate, "rebate")[:, None, None]
        costs = self.costs(years)
        whole = costs[DRUG][0] + costs[DRUG][1]
        return bool((asked * whole > -costs[REBATE][0] * (1 + 1e-12) + 1e-12).any())

    def _since_start(self, name: str, years: int, *, low: float) -> Floats:
        return by_year(getattr(self, name), f"{name} of '{self.product}'", years, low=low)[:, None]

    def _patient_fraction(self, bill: Floats, years: int) -> Floats:
        copay = self._since_start("copay", years, low=0)
        fixed = np.divide(copay, bill, out=np.zeros(np.broadcast(copay, bill).shape), where=bill > 0)
        return np.minimum(over_draws(self.patient_share, "patient_share")[:, None, None] + fixed, 1)


def _longest(value: object) -> int:
    return len(value) if isinstance(value, (tuple, list)) else 1
