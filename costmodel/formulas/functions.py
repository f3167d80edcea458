"""The functions of the formula language: one table, from which the documentation is made too."""

from __future__ import annotations

import functools
import keyword
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Domain:
    """The interval in which a function's argument or result must lie.

    Examples
    --------
    >>> print(Domain(0, 1)), print(Domain(0, open_low=True)), print(Domain(open_low=True, open_high=True))
    in [0, 1]
    above 0
    finite
    (None, None, None)
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def __str__(self) -> str:
        if math.isinf(self.low) and math.isinf(self.high):
            return "finite" if self.open_low else "any number"
        if math.isinf(self.high):
            return f"{'above' if self.open_low else 'at least'} {self.low:g}"
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"in {left}{self.low:g}, {self.high:g}{right}"

    def outside(self, values: FloatArray) -> BoolArray | None:
        """Return where ``values`` lie outside the domain (a nan does), or None when none does."""
        if self == _ANY:
            return None
        inside = bool(self._above(values.min()) and self._below(values.max()))
        return None if inside else ~(self._above(values) & self._below(values))

    def _above(self, values: Any) -> Any:
        return values > self.low if self.open_low else values >= self.low

    def _below(self, values: Any) -> Any:
        return values < self.high if self.open_high else values <= self.high


_ANY = Domain()
_FINITE = Domain(open_low=True, open_high=True)
_POSITIVE = Domain(0, open_low=True)
_NOT_NEGATIVE = Domain(0)
_PROBABILITY = Domain(0, 1)


@dataclass(frozen=True)
class Parameter:
    """One argument of a function: its name, where it must lie, and its value when it is left out.

    An ``optional`` argument has no value of its own when it is left out.
    """

    name: str
    domain: Domain = _ANY
    default: float | None = None
    optional: bool = False

    def __str__(self) -> str:
        if self.default is not None:
            return f"{self.name}={self.default:g}"
        return f"[{self.name}]" if self.optional else self.name


@dataclass(frozen=True)
class Function:
    """One function of the formula language.

    Parameters
    ----------
    name : str
    parameters : tuple of Parameter
        The arguments in order, each with its domain.
    summary : str
        What it gives, in one sentence for the documentation.
    implementation : callable or None
        Arrays to array, element by element; None for the functions that read a table, which
        :mod:`costmodel.formulas.lookups` computes.
    result : Domain
        Where the result must lie.
    repeated : bool
        Whether the last argument may be given any number of times.
    overflows : bool
        Whether a result that is too large to be a number is an error.

    Examples
    --------
    >>> rate_to_prob = FUNCTIONS["rate_to_prob"]
    >>> rate_to_prob.signature, rate_to_prob.fewest, rate_to_prob.most
    ('rate_to_prob(rate, years=1)', 1, 2)
    >>> [f"{p.name} {p.domain}" for p in rate_to_prob.parameters]
    ['rate at least 0', 'years at least 0']
    """

    name: str
    parameters: tuple[Parameter, ...]
    summary: str
    implementation: Callable[..., FloatArray] | None
    result: Domain = _ANY
    repeated: bool = False
    overflows: bool = False

    @property
    def fewest(self) -> int:
        """The least number of arguments."""
        return sum(p.default is None and not p.optional for p in self.parameters)

    @property
    def most(self) -> int | None:
        """The greatest number of arguments, None where there is no limit."""
        return None if self.repeated else len(self.parameters)

    @property
    def signature(self) -> str:
        """The call as the documentation shows it."""
        shown = ", ".join(str(parameter) for parameter in self.parameters)
        return f"{self.name}({shown}{', …' if self.repeated else ''})"


def _least(*values: FloatArray) -> FloatArray:
    return functools.reduce(np.minimum, values)


def _greatest(*values: FloatArray) -> FloatArray:
    return functools.reduce(np.maximum, values)


def _rate_to_prob(rate: FloatArray, years: FloatArray) -> FloatArray:
    """Return 1 - exp(-rate * years), with ``expm1`` so that a small rate keeps its digits."""
    return np.negative(np.expm1(-rate * years))


def _prob_to_rate(p: FloatArray, years: FloatArray) -> FloatArray:
    """Return -log(1 - p) / years."""
    return np.log1p(-p) / -years


def _rescale_prob(p: FloatArray, from_years: FloatArray, to_years: FloatArray) -> FloatArray:
    """Return 1 - (1 - p) ** (to_years / from_years)."""
    return np.negative(np.expm1(np.log1p(-p) * (to_years / from_years)))


def _odds_ratio(p: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return the probability whose odds are ``ratio`` times those of ``p``."""
    multiplied = p * ratio
    return multiplied / (1.0 - p + multiplied)


_X = Parameter("x")
_P = Parameter("p", _PROBABILITY)
_TABLE, _COLUMN = Parameter("table"), Parameter("column", optional=True)

_ALL = (
    Function("min", (_X, Parameter("y")), "The least of two or more values.", _least, repeated=True),
    Function("max", (_X, Parameter("y")), "The greatest of two or more values.", _greatest, repeated=True),
    Function("exp", (_X,), "e to the power of x.", np.exp, overflows=True),
    Function("log", (Parameter("x", _POSITIVE),), "The natural logarithm of x.", np.log),
    Function("sqrt", (Parameter("x", _NOT_NEGATIVE),), "The square root of x.", np.sqrt),
    Function("abs", (_X,), "x without its sign.", np.abs),
    Function("floor", (Parameter("x", _FINITE),), "The greatest whole number at or below x.", np.floor),
    Function("ceil", (Parameter("x", _FINITE),), "The least whole number at or above x.", np.ceil),
    Function(
        "round",
        (Parameter("x", _FINITE),),
        "The nearest whole number; halfway between two, the even one.",
        np.rint,
    ),
    Function(
        "rate_to_prob",
        (Parameter("rate", _NOT_NEGATIVE), Parameter("years", _NOT_NEGATIVE, 1.0)),
        "The probability of an event within `years` at a constant yearly rate: 1 - exp(-rate * years).",
        _rate_to_prob,
    ),
    Function(
        "prob_to_rate",
        (Parameter("p", Domain(0, 1, open_high=True)), Parameter("years", _POSITIVE, 1.0)),
        "The constant yearly rate behind a probability within `years`: -log(1 - p) / years.",
        _prob_to_rate,
    ),
    Function(
        "rescale_prob",
        (_P, Parameter("from_years", _POSITIVE), Parameter("to_years", _POSITIVE)),
        "A probability within `from_years` as one within `to_years`, at a constant rate: "
        "1 - (1 - p) ** (to_years / from_years).",
        _rescale_prob,
    ),
    Function(
        "odds_ratio",
        (_P, Parameter("or", _POSITIVE)),
        "The probability after its odds are multiplied by an odds ratio: p * or / (1 - p + p * or).",
        _odds_ratio,
    ),
    Function(
        "risk_ratio",
        (_P, Parameter("rr", _NOT_NEGATIVE)),
        "The probability after it is multiplied by a risk ratio: p * rr, which must not exceed 1.",
        np.multiply,
        result=_PROBABILITY,
    ),
    Function(
        "lookup",
        (_TABLE, _COLUMN, Parameter("key")),
        "The value in `column` of the row whose first columns equal the keys; the column may be left "
        "out where there is but one, and must be written where the first of several keys is a bare name.",
        None,
        repeated=True,
    ),
    Function(
        "step",
        (_TABLE, _COLUMN, _X),
        "The value in `column` of the row with the greatest key at or below x; x must lie within the "
        "keys. The column may be left out where there is but one.",
        None,
    ),
    Function(
        "interpolate",
        (_TABLE, _COLUMN, _X),
        "The value in `column` on the straight line between the rows around x; x must lie within the "
        "keys. The column may be left out where there is but one.",
        None,
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for function in _ALL})
"""Every function that a formula may call, by name, in the order of the documentation."""

RESERVED = frozenset(FUNCTIONS) | frozenset(keyword.kwlist)
"""Names that no parameter or formula may bear: functions, and words of Python's grammar."""
