"""Uptake: the share of people on each product in each year of a budget impact analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.overdraws import Floats, by_year, matched, over_draws
from costmodel.checks import in_interval
from costmodel.errors import CostModelError

Shares = Mapping[str, ArrayLike]
_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Uptake:
    """The share of people on each product by year; build one with a constructor.

    Parameters
    ----------
    products : tuple of str
    shares : array, shape (draws, years, products)
        In every draw and year the shares lie between 0 and 1 and sum to 1.

    Raises
    ------
    CostModelError
        A share is outside 0 to 1, or the shares of a year do not sum to 1: the year and sum are named.

    Examples
    --------
    >>> Uptake.constant({"brand": 0.2, "generic": 0.8}, years=2).shares[0].tolist()
    [[0.2, 0.8], [0.2, 0.8]]
    """

    products: tuple[str, ...]
    shares: Floats

    def __post_init__(self) -> None:
        if not self.products:
            raise CostModelError("uptake needs at least one product")
        shares = np.array(self.shares, dtype=float)
        if shares.ndim != 3 or shares.shape[2] != len(self.products):  # noqa: PLR2004 - draws, years, products
            raise CostModelError(
                f"shares have the shape (draws, years, products); found {shares.shape} for "
                f"{len(self.products)} products"
            )
        if not ((shares >= -_TOLERANCE) & (shares <= 1 + _TOLERANCE)).all():
            draw, year, product = np.argwhere(~((shares >= -_TOLERANCE) & (shares <= 1 + _TOLERANCE)))[0]
            found = shares[draw, year, product]
            raise CostModelError(
                f"share of '{self.products[product]}' in year {year + 1} must lie in [0, 1]; found {found:g}"
            )
        _sums_to_one(shares, self.products)
        shares = shares.clip(0, 1)
        shares.setflags(write=False)
        object.__setattr__(self, "shares", shares)

    @property
    def years(self) -> int:
        """The number of years it covers."""
        return int(self.shares.shape[1])

    @classmethod
    def constant(cls, shares: Shares, *, years: int) -> Uptake:
        """Return the same shares in every year."""
        return cls._between(shares, shares, np.ones((1, _whole(years))))

    @classmethod
    def linear(cls, start: Shares, end: Shares, *, years: int, over: int) -> Uptake:
        """Return shares that move from ``start`` by equal steps to ``end``, reached in year ``over``.

        In year t the share is ``start + min(t / over, 1) (end − start)``: ``start`` is the share before
        year 1, and year 1 has taken the first step.

        Examples
        --------
        >>> up = Uptake.linear({"a": 1, "b": 0}, {"a": 0.4, "b": 0.6}, years=4, over=3)
        >>> up.shares[0, :, 1].round(12).tolist()
        [0.2, 0.4, 0.6, 0.6]
        """
        steps = np.arange(1, _whole(years) + 1) / _whole(over, "over")
        return cls._between(start, end, np.minimum(steps, 1.0)[None])

    @classmethod
    def logistic(
        cls, start: Shares, end: Shares, *, years: int, midpoint: ArrayLike, steepness: ArrayLike
    ) -> Uptake:
        """Return shares that move from ``start`` to ``end`` along a logistic curve.

        In year t the way gone is ``1 / (1 + exp(−steepness (t − midpoint)))``: half in year ``midpoint``,
        and all of it only in the limit.

        Examples
        --------
        >>> up = Uptake.logistic({"a": 1, "b": 0}, {"a": 0, "b": 1}, years=3, midpoint=2, steepness=1)
        >>> up.shares[0, :, 1].round(4).tolist()
        [0.2689, 0.5, 0.7311]
        """
        middle, rate = over_draws(midpoint, "midpoint"), over_draws(steepness, "steepness", low=0)
        matched([middle, rate], "a logistic uptake")
        time = np.arange(1, _whole(years) + 1)
        return cls._between(start, end, 0.5 * (1 + np.tanh(rate[:, None] * (time - middle[:, None]) / 2)))

    @classmethod
    def step(cls, start: Shares, end: Shares, *, years: int, at: int) -> Uptake:
        """Return ``start`` until the year before ``at``, and ``end`` from year ``at`` on."""
        return cls._between(start, end, (np.arange(1, _whole(years) + 1) >= _whole(at, "at"))[None] * 1.0)

    @classmethod
    def table(cls, shares: Mapping[str, Sequence[ArrayLike]], *, years: int) -> Uptake:
        """Return shares given year by year: one value, or one per draw, for every year.

        Raises
        ------
        CostModelError
            A product has fewer or more values than years: none is made up and none dropped.

        Examples
        --------
        >>> Uptake.table({"a": [0.9, 0.8], "b": [0.1, 0.2]}, years=3)
        Traceback (most recent call last):
            ...
        costmodel.errors.CostModelError: uptake of 'a' needs one value for each of 3 years; found 2
        """
        _whole(years)
        columns = [
            by_year(tuple(one), f"uptake of '{name}'", years, last_holds=False)
            for name, one in shares.items()
        ]
        return cls(tuple(shares), np.stack(np.broadcast_arrays(*matched(columns, "uptake")), axis=2))

    @classmethod
    def _between(cls, start: Shares, end: Shares, way: NDArray[np.floating[Any]]) -> Uptake:
        if list(start) != list(end):
            raise CostModelError(
                f"start and end must name the same products in one order; found {', '.join(start)} and "
                f"{', '.join(end)}"
            )
        first = _columns(start, "before")
        last = _columns(end, "at the end")
        matched([first, last, np.asarray(way, dtype=float)], "uptake")
        return cls(tuple(start), first[:, None] + way[:, :, None] * (last - first)[:, None])


def _columns(shares: Shares, when: str) -> Floats:
    found = [over_draws(one, f"share of '{name}' {when}", low=0, high=1) for name, one in shares.items()]
    if not found:
        raise CostModelError("uptake needs at least one product")
    return np.stack(np.broadcast_arrays(*matched(found, "uptake")), axis=1)


def _whole(value: int, what: str = "years") -> int:
    in_interval(value, what, low=1)
    if int(value) != value:
        raise CostModelError(f"{what} must be a whole number; found {value:g}")
    return int(value)


def _sums_to_one(shares: Floats, products: tuple[str, ...]) -> None:
    sums = shares.sum(axis=2)
    wrong = np.argwhere(np.abs(sums - 1) > _TOLERANCE)
    if len(wrong):
        draw, year = wrong[0]
        raise CostModelError(
            f"the shares of {', '.join(products)} must sum to 1 in every year; "
            f"found {sums[draw, year]:.6g} in year {year + 1}: name "
            "those without treatment as a product of their own"
        )
