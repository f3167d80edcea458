"""Validators that return the value they check, so that a check reads as an assignment."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable

from costmodel.errors import CostModelError

_LONGEST_NAME = 100
_SHOWN = 12
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice spelt most like ``word``, or None when nothing comes near.

    Examples
    --------
    >>> nearest("discouting", ["time", "discounting"])
    'discounting'
    """
    options = list(choices)
    lowered = {option.lower(): option for option in options}
    found = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def did_you_mean(word: str, choices: Collection[str]) -> str:
    """Return a remedy: the nearest spelling, or else the list of what exists.

    Examples
    --------
    >>> did_you_mean("price_bland", ["price_brand", "price_generic"])
    "did you mean 'price_brand'?"
    >>> did_you_mean("x", ["price_brand", "price_generic"])
    'one of: price_brand, price_generic'
    """
    guess = nearest(word, choices)
    if guess is not None:
        return f"did you mean '{guess}'?"
    if not choices:
        return "there are none here"
    shown = sorted(choices)
    more = f" … ({len(shown)} in all)" if len(shown) > _SHOWN else ""
    return "one of: " + ", ".join(shown[:_SHOWN]) + more


def one_of(value: str, choices: Collection[str], what: str) -> str:
    """Return ``value`` if it is among ``choices``.

    Raises
    ------
    CostModelError
        Names what was asked for, what was found, and the nearest spelling.
    """
    if value in choices:
        return value
    raise CostModelError(f"{what}: '{value}' is unknown; {did_you_mean(value, choices)}")


def in_interval(
    value: float,
    what: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return ``value`` if it is a finite number inside the interval; the interval is in the message.

    Examples
    --------
    >>> in_interval(0.03, "discount rate", low=0, high=1)
    0.03
    >>> in_interval(3, "discount rate", low=0, high=1)
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: discount rate must lie in [0, 1]; found 3
    """
    number = float(value)
    above = number > low if open_low else number >= low
    below = number < high if open_high else number <= high
    if math.isfinite(number) and above and below:
        return value
    left = "(" if open_low or low == -math.inf else "["
    right = ")" if open_high or high == math.inf else "]"
    raise CostModelError(f"{what} must lie in {left}{low:g}, {high:g}{right}; found {value}")


def is_name(text: str) -> bool:
    """Tell whether ``text`` can name a parameter, formula, strategy or segment.

    Examples
    --------
    >>> is_name("price_brand"), is_name("2mg"), is_name("part-d")
    (True, False, False)
    """
    return bool(_NAME.match(text)) and len(text) <= _LONGEST_NAME
