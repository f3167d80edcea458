"""Which pieces, and how many: whole numbers found by mixed-integer programming, checked exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, gcd, lcm

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import CostModelError
from costmodel.prices.regimen.pieces import Piece

Counts = tuple[int, ...]
"""How many of each piece."""

OBJECTIVES = ("cost", "units")
"""What is least; the other one decides between equals."""

_LARGEST = 10_000_000
_INFEASIBLE = 2


def least(
    pieces: Sequence[Piece],
    low: Fraction,
    high: Fraction,
    *,
    objective: str = "cost",
    max_units: int | None = None,
) -> Counts | None:
    """Return the counts of least cost, or of fewest units, whose milligrams lie in ``[low, high]``.

    Amounts are scaled to whole numbers, so that 0.125 and 0.25 add up exactly, and prices to whole
    numbers where their decimals allow. The programme is solved by HiGHS (``scipy.optimize.milp``), first
    for the objective and then, at its best value, for the other one.

    Parameters
    ----------
    pieces : sequence of Piece
    low, high : Fraction
        Milligrams, above 0.
    objective : {"cost", "units"}
    max_units : int, optional

    Returns
    -------
    tuple of int, or None
        None when no counts meet the conditions.

    Examples
    --------
    >>> from costmodel.prices.regimen.pieces import Product
    >>> one = Piece(Product("a", Fraction(1), "tablet", Fraction(3, 100)), Fraction(1), Fraction(1))
    >>> least([one], Fraction(2), Fraction(2)), least([one], Fraction(1, 2), Fraction(1, 2))
    ((2,), None)
    """
    amounts, (lowest, highest) = _whole(pieces, low, high)
    if lowest > highest:
        return None
    costs, units = _costs(pieces), np.ones(len(pieces))
    first, second = (costs, units) if objective == "cost" else (units, costs)
    rows, limits = [amounts], [(float(lowest), float(highest))]
    if max_units is not None:
        rows, limits = [*rows, units], [*limits, (0.0, float(max_units))]
    most = [highest // int(amount) for amount in amounts]
    found = _solve(first, rows, limits, most)
    if found is None:
        return None
    best = float(first @ found)
    slack = 0.5 if _integral(first) else 1e-9 * best
    again = _solve(second, [*rows, first], [*limits, (0.0, best + slack)], most)
    if again is None or float(first @ again) > best + slack:
        raise CostModelError(
            f"the solver lost a regimen of {float(low):g} mg; use prices with fewer decimals"
        )
    _check(pieces, again, low, high)
    return tuple(int(count) for count in again)


def nearest_amounts(
    pieces: Sequence[Piece], dose: Fraction, *, max_units: int | None = None
) -> tuple[Fraction | None, Fraction | None]:
    """Return the largest amount above 0 and not above ``dose`` that can be made, and the least not below.

    Examples
    --------
    >>> from costmodel.prices.regimen.pieces import Product
    >>> one = Piece(Product("a", Fraction(1), "tablet", Fraction(3, 100)), Fraction(1), Fraction(1))
    >>> nearest_amounts([one], Fraction(3, 2)), nearest_amounts([one], Fraction(1, 2))
    ((Fraction(1, 1), Fraction(2, 1)), (None, Fraction(1, 1)))
    """
    smallest = min(piece.amount for piece in pieces)
    largest = max(piece.amount for piece in pieces)
    far = ceil(dose / largest) * largest
    below = _extreme(pieces, smallest, dose, largest=True, max_units=max_units)
    above = _extreme(pieces, dose, far, largest=False, max_units=max_units)
    return below, above


def _extreme(
    pieces: Sequence[Piece], low: Fraction, high: Fraction, *, largest: bool, max_units: int | None
) -> Fraction | None:
    amounts, (lowest, highest) = _whole(pieces, low, high)
    if lowest > highest:
        return None
    rows, limits = [amounts], [(float(lowest), float(highest))]
    if max_units is not None:
        rows, limits = [*rows, np.ones(len(pieces))], [*limits, (0.0, float(max_units))]
    most = [highest // int(amount) for amount in amounts]
    found = _solve(-amounts if largest else amounts, rows, limits, most)
    if found is None:
        return None
    _check(pieces, found, low, high)
    return _amount(pieces, found)


def _whole(
    pieces: Sequence[Piece], low: Fraction, high: Fraction
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Return amounts as whole numbers without a common divisor, and the limits in the same unit."""
    scale = lcm(*(piece.amount.denominator for piece in pieces))
    whole = [int(piece.amount * scale) for piece in pieces]
    step = gcd(*whole)
    limits = (ceil(low * scale / step), floor(high * scale / step))
    return np.array([amount // step for amount in whole], dtype=float), limits


def _costs(pieces: Sequence[Piece]) -> NDArray[np.float64]:
    """Return costs as whole numbers where they are small enough to be exact, else scaled alike."""
    scale = lcm(*(piece.cost.denominator for piece in pieces))
    top = max(piece.cost for piece in pieces)
    factor = Fraction(scale) if top * scale <= _LARGEST else _LARGEST / top
    return np.array([float(piece.cost * factor) for piece in pieces])


def _integral(values: NDArray[np.float64]) -> bool:
    return bool((values == np.rint(values)).all())


def _solve(
    aim: NDArray[np.float64],
    rows: Sequence[NDArray[np.float64]],
    limits: Sequence[tuple[float, float]],
    most: Sequence[int],
) -> NDArray[np.float64] | None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    lows, highs = zip(*limits, strict=True)
    for presolve in (True, False):  # HiGHS now and then gives up on a programme that presolving has changed
        result = milp(
            aim,
            integrality=np.ones(len(aim), dtype=int),
            bounds=Bounds(np.zeros(len(aim)), np.array(most, dtype=float)),
            constraints=LinearConstraint(np.vstack(rows), lows, highs),
            options={"mip_rel_gap": 0.0, "presolve": presolve},
        )
        if result.status == _INFEASIBLE:
            return None
        if result.x is not None and result.status == 0:
            return np.asarray(np.rint(result.x), dtype=float)
    raise CostModelError(f"the solver found no regimen: {result.message}")


def _amount(pieces: Sequence[Piece], counts: NDArray[np.float64]) -> Fraction:
    return sum((int(n) * piece.amount for n, piece in zip(counts, pieces, strict=True)), Fraction(0))


def _check(pieces: Sequence[Piece], counts: NDArray[np.float64], low: Fraction, high: Fraction) -> None:
    made = _amount(pieces, counts)
    if not low <= made <= high:
        raise CostModelError(
            f"the solver made {float(made):g} mg, outside {float(low):g} to {float(high):g} mg"
        )
