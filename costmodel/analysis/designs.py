"""Designs of studies: the data that each would give, and how likely data are under each draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.inputs import Draws

Floats = NDArray[np.float64]


class StudyDesign(Protocol):
    """What a study must say of itself."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the data speak of."""

    def all_data(self) -> Floats | None:
        """Return every data set that can come out, (m, k), where they are few; None otherwise."""

    def simulate(self, draws: Draws, rng: np.random.Generator) -> Floats:
        """Return one data set per draw, (draws, k)."""

    def log_likelihood(self, data: Floats, draws: Draws) -> Floats:
        """Return the log likelihood of each data set under each draw, (m, draws)."""

    def summary(self, data: Floats) -> Floats:
        """Return what a regression uses of each data set, (m, p)."""


@dataclass(frozen=True)
class Binary:
    """One sample of ``n`` people with a binary outcome of probability ``parameter``."""

    parameter: str
    n: int

    def __post_init__(self) -> None:
        _people(self.n)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The probability."""
        return (self.parameter,)

    def all_data(self) -> Floats | None:
        """Return the numbers of events from 0 to ``n``."""
        return np.arange(self.n + 1, dtype=float)[:, None]

    def simulate(self, draws: Draws, rng: np.random.Generator) -> Floats:
        """Return the number of events in each draw."""
        return rng.binomial(self.n, _probability(draws, self.parameter)).astype(float)[:, None]

    def log_likelihood(self, data: Floats, draws: Draws) -> Floats:
        """Return binomial log likelihoods, the number of arrangements included."""
        from scipy.special import gammaln, xlog1py, xlogy

        p, x = _probability(draws, self.parameter)[None, :], data[:, :1]
        ways = gammaln(self.n + 1) - gammaln(x + 1) - gammaln(self.n - x + 1)
        return np.asarray(ways + xlogy(x, p) + xlog1py(self.n - x, -p), dtype=float)

    def summary(self, data: Floats) -> Floats:
        """Return the share with the event."""
        return data / self.n


@dataclass(frozen=True)
class NormalMean:
    """The mean of ``n`` normal observations around ``parameter``, with a known standard deviation."""

    parameter: str
    n: int
    sd: float

    def __post_init__(self) -> None:
        _people(self.n)
        in_interval(self.sd, "sd", low=0, open_low=True)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The mean."""
        return (self.parameter,)

    def all_data(self) -> Floats | None:
        """Return None: means are continuous."""
        return None

    def simulate(self, draws: Draws, rng: np.random.Generator) -> Floats:
        """Return one mean per draw."""
        theta = draws[self.parameter]
        seen = theta + rng.standard_normal(draws.n) * self.sd / np.sqrt(self.n)
        return np.asarray(seen[:, None], dtype=float)

    def log_likelihood(self, data: Floats, draws: Draws) -> Floats:
        """Return normal log likelihoods of the mean, up to a constant."""
        gap = data[:, :1] - draws[self.parameter][None, :]
        return np.asarray(-0.5 * self.n * (gap / self.sd) ** 2)

    def summary(self, data: Floats) -> Floats:
        """Return the mean."""
        return data


@dataclass(frozen=True)
class TimeToEvent:
    """``n`` people followed for ``years`` or to an event that comes at the constant rate ``parameter``."""

    parameter: str
    n: int
    years: float

    def __post_init__(self) -> None:
        _people(self.n)
        in_interval(self.years, "years", low=0, open_low=True)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The rate a year."""
        return (self.parameter,)

    def all_data(self) -> Floats | None:
        """Return None: the time at risk is continuous."""
        return None

    def simulate(self, draws: Draws, rng: np.random.Generator) -> Floats:
        """Return events and person-years at risk in each draw."""
        rate = draws[self.parameter]
        if (rate <= 0).any():
            raise CostModelError(
                f"{self.parameter} must be a rate above 0 in every draw; found {rate.min():g}"
            )
        times = rng.exponential(1.0, (draws.n, self.n)) / rate[:, None]
        events = (times <= self.years).sum(axis=1)
        return np.stack([events, np.minimum(times, self.years).sum(axis=1)], axis=1).astype(float)

    def log_likelihood(self, data: Floats, draws: Draws) -> Floats:
        """Return exponential log likelihoods."""
        rate = draws[self.parameter][None, :]
        return np.asarray(data[:, :1] * np.log(rate) - data[:, 1:2] * rate)

    def summary(self, data: Floats) -> Floats:
        """Return the log of the rate seen, half an event added so that none is allowed."""
        return np.asarray(np.log((data[:, :1] + 0.5) / data[:, 1:2]), dtype=float)


@dataclass(frozen=True)
class TwoArms:
    """Two designs whose data are independent given the parameters, such as the arms of a trial."""

    first: Binary | NormalMean | TimeToEvent
    second: Binary | NormalMean | TimeToEvent

    @property
    def parameters(self) -> tuple[str, ...]:
        """Those of both arms."""
        return tuple(dict.fromkeys((*self.first.parameters, *self.second.parameters)))

    def all_data(self) -> Floats | None:
        """Return None: the pairs are too many."""
        return None

    def simulate(self, draws: Draws, rng: np.random.Generator) -> Floats:
        """Return the data of both arms side by side."""
        return np.hstack([self.first.simulate(draws, rng), self.second.simulate(draws, rng)])

    def log_likelihood(self, data: Floats, draws: Draws) -> Floats:
        """Return the sum of both arms."""
        left, right = self._split(data)
        return self.first.log_likelihood(left, draws) + self.second.log_likelihood(right, draws)

    def summary(self, data: Floats) -> Floats:
        """Return the summaries of both arms side by side."""
        left, right = self._split(data)
        return np.hstack([self.first.summary(left), self.second.summary(right)])

    def _split(self, data: Floats) -> tuple[Floats, Floats]:
        width = 2 if isinstance(self.first, TimeToEvent) else 1
        return data[:, :width], data[:, width:]


def _people(n: int) -> None:
    if n < 1 or n != int(n):
        raise CostModelError(f"a study needs a whole number of people of at least 1; found {n}")


def _probability(draws: Draws, name: str) -> Floats:
    p = draws[name]
    if ((p < 0) | (p > 1)).any():
        raise CostModelError(f"{name} must be a probability in every draw; found {p.min():g} to {p.max():g}")
    return p
