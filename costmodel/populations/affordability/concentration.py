"""Who bears it: the concentration index of a payment over the ranks of living standards."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import CostModelError

Floats = NDArray[np.float64]


def concentration_index(
    values: ArrayLike, living_standard: ArrayLike, *, weight: ArrayLike | None = None
) -> float:
    """Return the concentration index of a variable over the ranks of living standards.

    Twice the covariance of the variable with the weighted fractional rank, over its mean. People of one
    living standard share their mean rank. With the living standard itself as variable it is the Gini index.

    Parameters
    ----------
    values : array, (n,)
        Payments, or any variable whose mean is above 0.
    living_standard : array, (n,)
        Income or consumption of one person; only its order counts.
    weight : array, (n,), optional
        People that each row stands for.

    Returns
    -------
    float
        In (-1, 1): negative when the poor bear more of the variable than their number, positive when the
        rich do.

    Raises
    ------
    CostModelError
        Lengths differ, a number is missing, weights do not sum to more than 0, or the mean is not above 0.

    References
    ----------
    .. [1] Kakwani N, Wagstaff A, van Doorslaer E. Socioeconomic inequalities in health. Journal of
       Econometrics 1997; 77:87-103.

    Examples
    --------
    >>> concentration_index([10, 10, 10], [1, 2, 3])
    0.0
    >>> round(concentration_index([30, 0, 0], [1, 2, 3]), 4)
    -0.6667
    """
    paid, standard, people = _aligned(values, living_standard, weight)
    mean = float((people * paid).sum())
    if not mean > 0:
        raise CostModelError(f"a concentration index needs a variable whose mean is above 0; found {mean:g}")
    rank = fractional_rank(standard, people)
    return float(2 * (people * (paid - mean) * (rank - 0.5)).sum() / mean)


def fractional_rank(living_standard: ArrayLike, weight: ArrayLike) -> Floats:
    """Return the share of people below each row plus half of those at its living standard.

    Examples
    --------
    >>> fractional_rank([5, 1, 5, 9], [1, 1, 1, 1]).tolist()
    [0.5, 0.125, 0.5, 0.875]
    """
    standard, people = np.asarray(living_standard, dtype=float), np.asarray(weight, dtype=float)
    _, place = np.unique(standard, return_inverse=True)
    mass = np.bincount(place, weights=people / people.sum())
    return np.asarray((np.cumsum(mass) - mass / 2)[place], dtype=float)


def _aligned(
    values: ArrayLike, standard: ArrayLike, weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    paid, living = np.asarray(values, dtype=float), np.asarray(standard, dtype=float)
    people = np.ones(len(paid)) if weight is None else np.asarray(weight, dtype=float)
    if not paid.shape == living.shape == people.shape:
        shapes = ", ".join(str(one.shape) for one in (paid, living, people))
        raise CostModelError(f"values, living_standard and weight must have one length; found {shapes}")
    if not all(np.isfinite(one).all() for one in (paid, living, people)):
        raise CostModelError("values, living_standard and weight must be finite numbers")
    if (people < 0).any() or not people.sum() > 0:
        raise CostModelError("weights must be at least 0 and sum to more than 0")
    return paid, living, people / people.sum()
