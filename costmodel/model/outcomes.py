"""Outcomes: what every analysis reads, from whichever model it came. It checks itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Kind
from costmodel.units import Money

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_AXES = ("strategy", "measure", "draw", "segment")


@dataclass(frozen=True)
class Outcomes:
    """Costs and effects per person by strategy, measure, draw and segment.

    Parameters
    ----------
    study : str
    money : Money
        Currency and price year of every cost.
    strategies : tuple of str
    comparator : str
        The strategy against which increments are taken.
    measures : mapping of str to str
        Each measure and its kind: ``cost``, ``qaly``, ``life_years``, ``event`` or ``effect``.
    segments : tuple of str
    perspectives : mapping of str to tuple of str
        Each a set of cost measures.
    discounted, undiscounted : array, shape (strategy, measure, draw, segment)
        Totals per person over the horizon. A cost is positive where money is spent.
    by_year : array, shape (strategy, measure, draw, segment, year)
        Undiscounted; sums over years to ``undiscounted``.
    sizes : array, shape (draw, segment)
        People in each segment.
    clipped : mapping of str to int
        In how many draws probabilities were brought back into their range, by ``strategy, state``; empty
        unless a transition says ``on_invalid = "clip"`` and it happened. By ``strategy, lower > upper``, in
        how many an order's value was lowered because it says ``on_crossed = "clip"``.
    resampled : int
        How many draws were replaced because a transition or an order says ``resample``.

    Raises
    ------
    CostModelError
        A shape does not fit the names, a number is not finite, a perspective names a measure that is
        not a cost, or the comparator is not a strategy.
    """

    study: str
    money: Money
    strategies: tuple[str, ...]
    comparator: str
    measures: Mapping[str, Kind]
    segments: tuple[str, ...]
    perspectives: Mapping[str, tuple[str, ...]]
    discounted: FloatArray
    undiscounted: FloatArray
    by_year: FloatArray
    sizes: FloatArray
    clipped: Mapping[str, int] = field(default_factory=dict)
    resampled: int = 0

    def __post_init__(self) -> None:
        self._check_names()
        shape = (len(self.strategies), len(self.measures), self.n_draws, len(self.segments))
        for name in ("discounted", "undiscounted", "by_year"):
            array = getattr(self, name)
            if array.shape[:4] != shape:
                raise CostModelError(
                    f"outcomes of '{self.study}': {name} must have {shape} values over {_AXES}; "
                    f"found {array.shape}"
                )
            self._check_finite(name, array)
        if self.sizes.shape != (self.n_draws, len(self.segments)):
            raise CostModelError(
                f"outcomes of '{self.study}': sizes must have one number per draw and segment; "
                f"found {self.sizes.shape}"
            )
        self._check_finite("sizes", self.sizes)
        if np.any(self.sizes < 0) or np.any(self.sizes.sum(axis=1) <= 0):
            raise CostModelError(
                f"outcomes of '{self.study}': the sizes of segments must be at least 0 and not all 0"
            )

    def _check_names(self) -> None:
        for what, names in (("strategies", self.strategies), ("segments", self.segments)):
            if not names or len(set(names)) != len(names):
                raise CostModelError(
                    f"outcomes of '{self.study}': {what} must be named, each once; found {names}"
                )
        if self.comparator not in self.strategies:
            raise CostModelError(
                f"outcomes of '{self.study}': the comparator '{self.comparator}' is no strategy; "
                f"{did_you_mean(self.comparator, self.strategies)}"
            )
        for name, members in self.perspectives.items():
            for measure in members:
                if self.measures.get(measure) != "cost":
                    raise CostModelError(
                        f"outcomes of '{self.study}': perspective '{name}' names '{measure}', which is no "
                        f"cost measure; {did_you_mean(measure, self.costs)}"
                    )

    def _check_finite(self, name: str, array: FloatArray) -> None:
        if np.isfinite(array).all():
            return
        where = tuple(int(index[0]) for index in np.nonzero(~np.isfinite(array)))
        if name == "sizes":
            place = f"draw {where[0]}, segment '{self.segments[where[1]]}'"
        else:
            place = (
                f"strategy '{self.strategies[where[0]]}', measure '{list(self.measures)[where[1]]}', "
                f"draw {where[2]}, segment '{self.segments[where[3]]}'"
            )
        raise CostModelError(
            f"outcomes of '{self.study}': {name} must be finite; found {array[where]} at {place}"
        )

    @property
    def n_draws(self) -> int:
        """Number of draws; a base case has one."""
        return int(self.discounted.shape[2])

    @property
    def costs(self) -> tuple[str, ...]:
        """Names of the cost measures."""
        return tuple(name for name, kind in self.measures.items() if kind == "cost")

    @property
    def effects(self) -> tuple[str, ...]:
        """Names of the measures that are no costs."""
        return tuple(name for name, kind in self.measures.items() if kind != "cost")

    @property
    def weights(self) -> FloatArray:
        """Share of each segment in the population, shape (draw, segment)."""
        return np.asarray(self.sizes / self.sizes.sum(axis=1, keepdims=True))

    def cost(self, perspective: str, *, segment: str | None = None) -> FloatArray:
        """Return discounted cost per person, shape (strategy, draw).

        Parameters
        ----------
        perspective : str
        segment : str, optional
            One segment; the average over segments by size when not given.
        """
        if perspective not in self.perspectives:
            remedy = did_you_mean(perspective, list(self.perspectives))
            raise CostModelError(f"perspective '{perspective}' is unknown; {remedy}")
        names = list(self.measures)
        rows = [names.index(measure) for measure in self.perspectives[perspective]]
        return self._over_segments(self.discounted[:, rows].sum(axis=1), segment)

    def total(self, measure: str, *, segment: str | None = None, discounted: bool = True) -> FloatArray:
        """Return one measure per person, shape (strategy, draw)."""
        if measure not in self.measures:
            raise CostModelError(
                f"measure '{measure}' is unknown; {did_you_mean(measure, list(self.measures))}"
            )
        source = self.discounted if discounted else self.undiscounted
        return self._over_segments(source[:, list(self.measures).index(measure)], segment)

    def years(self, measure: str, *, segment: str | None = None) -> FloatArray:
        """Return one measure per person and year, undiscounted, shape (strategy, draw, year)."""
        values = np.moveaxis(self.by_year[:, list(self.measures).index(measure)], 3, 0)
        return np.moveaxis(np.stack([self._over_segments(year, segment) for year in values]), 0, 2)

    def _over_segments(self, values: FloatArray, segment: str | None) -> FloatArray:
        if segment is None:
            return np.asarray((values * self.weights).sum(axis=-1))
        if segment not in self.segments:
            raise CostModelError(f"segment '{segment}' is unknown; {did_you_mean(segment, self.segments)}")
        return values[..., self.segments.index(segment)]

    @cached_property
    def data(self) -> xr.Dataset:
        """The same numbers with named axes, as an xarray Dataset with units."""
        import xarray as xr

        coords = {
            "strategy": list(self.strategies),
            "measure": list(self.measures),
            "draw": np.arange(self.n_draws),
            "segment": list(self.segments),
            "year": np.arange(1, self.by_year.shape[-1] + 1),
            "kind": ("measure", list(self.measures.values())),
        }
        return xr.Dataset(
            {
                "discounted": (_AXES, self.discounted),
                "undiscounted": (_AXES, self.undiscounted),
                "by_year": ((*_AXES, "year"), self.by_year),
                "size": (("draw", "segment"), self.sizes),
            },
            coords=coords,
            attrs={
                "study": self.study,
                "currency": self.money.currency,
                "price_year": self.money.price_year,
                "comparator": self.comparator,
                "per": "person",
            },
        )

    def frame(self) -> pd.DataFrame:
        """Return mean costs by perspective and effects by measure: a row per segment and strategy."""
        import pandas as pd

        rows = []
        for segment in (None, *self.segments):
            columns = {name: self.cost(name, segment=segment).mean(axis=1) for name in self.perspectives}
            columns |= {name: self.total(name, segment=segment).mean(axis=1) for name in self.effects}
            for position, strategy in enumerate(self.strategies):
                row: dict[str, object] = {"segment": segment or "all segments", "strategy": strategy}
                rows.append(row | {name: float(values[position]) for name, values in columns.items()})
        return pd.DataFrame(rows)
