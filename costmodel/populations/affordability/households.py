"""Households of a survey: what they consume, what they pay for health, how many people they stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import CostModelError

Floats = NDArray[np.float64]

_EQUIVALENCE = 0.56
_MIDDLE = (0.45, 0.55)


@dataclass(frozen=True, eq=False)
class Households:
    """Micro-data of households, all money per household and period, in one currency.

    Parameters
    ----------
    consumption : array, (n,)
        Total consumption, out-of-pocket payments included; above 0.
    out_of_pocket : array, (n,)
        Payments for health at the point of use, net of reimbursement; at least 0.
    size : array, (n,), optional
        Members; 1 each if left out. Every result counts people, not households.
    weight : array, (n,), optional
        Survey weights of households; 1 each if left out.
    food : array, (n,), optional
        Consumption of food, needed for capacity to pay.

    Raises
    ------
    CostModelError
        Lengths differ, or a number is missing or out of its range: the first household is named.

    Examples
    --------
    >>> homes = Households([1000, 4000], [150, 100], size=[4, 1])
    >>> homes.people.tolist()
    [4.0, 1.0]
    """

    consumption: ArrayLike
    out_of_pocket: ArrayLike
    size: ArrayLike | None = None
    weight: ArrayLike | None = None
    food: ArrayLike | None = None

    def __post_init__(self) -> None:
        n = len(np.atleast_1d(np.asarray(self.consumption, dtype=float)))
        rules = {
            "consumption": (self.consumption, "above 0"),
            "out_of_pocket": (self.out_of_pocket, "at least 0"),
            "size": (np.ones(n) if self.size is None else self.size, "above 0"),
            "weight": (np.ones(n) if self.weight is None else self.weight, "at least 0"),
        }
        if self.food is not None:
            rules["food"] = (self.food, "at least 0")
        for name, (values, rule) in rules.items():
            object.__setattr__(self, name, _checked(values, name, rule, n))
        if not self.people.sum() > 0:
            raise CostModelError("the households' weights sum to 0; give at least one a weight above 0")

    def __len__(self) -> int:
        return len(np.asarray(self.consumption))

    @property
    def people(self) -> Floats:
        """People that each household stands for: weight times size."""
        return np.asarray(np.asarray(self.weight) * np.asarray(self.size), dtype=float)

    def share_of_people(self, holds: NDArray[np.bool_]) -> float:
        """Return the share of people who live in households of which something holds."""
        return float((self.people * holds).sum() / self.people.sum())

    def mean_over_people(self, values: Floats) -> float:
        """Return the mean of a household's value over people."""
        return float((self.people * values).sum() / self.people.sum())


def capacity_to_pay(households: Households) -> Floats:
    """Return what each household can pay: consumption beyond subsistence.

    Subsistence is the mean food consumption per equivalent adult (size ** 0.56) of the households whose
    food share lies between the 45th and 55th percentile, times the household's equivalent size; a
    household that eats for less keeps its consumption beyond its food.

    Returns
    -------
    array, (n,)
        Money per household and period.

    Raises
    ------
    CostModelError
        There is no food consumption.

    References
    ----------
    .. [1] Xu K et al. Household catastrophic health expenditure: a multicountry analysis. Lancet 2003;
       362:111-7; and the WHO technical note on its computation (2005).

    Examples
    --------
    >>> homes = Households([1000.0, 1000.0, 1000.0], [0, 0, 0], food=[400, 500, 600])
    >>> capacity_to_pay(homes).tolist()
    [600.0, 500.0, 500.0]
    """
    if households.food is None:
        raise CostModelError("capacity to pay needs each household's food consumption: give food=")
    consumption, food = (np.asarray(x, dtype=float) for x in (households.consumption, households.food))
    equivalent = np.asarray(households.size, dtype=float) ** _EQUIVALENCE
    middle = _in_the_middle(food / consumption, households.people)
    weights = households.people * middle
    line = float((weights * food / equivalent).sum() / weights.sum())
    subsistence = line * equivalent
    return np.asarray(consumption - np.where(subsistence > food, food, subsistence), dtype=float)


def _in_the_middle(share: Floats, people: Floats) -> NDArray[np.bool_]:
    order = np.argsort(share, kind="stable")
    reached = np.cumsum(people[order]) / people.sum()
    low, high = (share[order[np.searchsorted(reached, level)]] for level in _MIDDLE)
    return np.asarray((share >= low) & (share <= high), dtype=bool)


def _checked(values: ArrayLike, name: str, rule: str, n: int) -> Floats:
    array = np.atleast_1d(np.asarray(values, dtype=float))
    if array.shape != (n,):
        raise CostModelError(f"{name} must hold one number per household, {n}; found shape {array.shape}")
    bad = ~np.isfinite(array) | (array <= 0 if rule == "above 0" else array < 0)
    if bad.any():
        first = int(np.argmax(bad))
        raise CostModelError(
            f"{name} must be a finite number {rule}; found {array[first]:g} in household {first} "
            f"and {int(bad.sum()) - 1} more"
        )
    return array
