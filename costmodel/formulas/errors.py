"""What is wrong with a formula, said so that its author can put it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from costmodel.errors import CostModelError

_SHOWN = 200


def plain(value: float) -> str:
    """Return a number as a person writes it, without losing a digit.

    Examples
    --------
    >>> plain(3.0), plain(0.1)
    ('3', '0.1')
    """
    return repr(float(value)).removesuffix(".0")


def printable(text: str) -> str:
    r"""Return ``text`` on one line, cut at 200 characters, with control characters spelt out.

    Examples
    --------
    >>> printable("a + \x1b[31m")
    'a + \\x1b[31m'
    """
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)


@dataclass(frozen=True)
class Problem:
    """One problem of a set of formulas.

    Parameters
    ----------
    name : str
        The formula that has the problem.
    rule, found, remedy : str
        The rule that it breaks, what was found, what to do.

    Examples
    --------
    >>> print(Problem("cost", "every name must be known", "'prise'", "did you mean 'price'?"))
    cost: every name must be known; found 'prise' -> did you mean 'price'?
    """

    name: str
    rule: str
    found: str
    remedy: str

    def __str__(self) -> str:
        found = f"; found {self.found}" if self.found else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return f"{self.name}: {self.rule}{found}{remedy}"


class Places(NamedTuple):
    """In how many elements of an array something is wrong, and where first.

    Examples
    --------
    >>> print(Places(2, 6, {"draw": 1}))
    2 of 6 elements, first at draw 1 (counted from 0)
    """

    wrong: int
    of: int
    first: Mapping[str, int]

    def __str__(self) -> str:
        where = ", ".join(f"{axis} {place}" for axis, place in self.first.items())
        return f"{self.wrong:,} of {self.of:,} elements, first at {where} (counted from 0)"


class FormulaError(CostModelError):
    """A formula that cannot be read, or that has no finite value.

    Attributes
    ----------
    name : str
        The formula's name.
    text : str
        The formula as its author wrote it.
    rule, found, remedy : str
        The rule that it breaks, what was found, what to do.
    places : Places or None
        Where it was found, in an array of several elements.

    Examples
    --------
    >>> print(FormulaError("cost", "a / b", "a divisor must not be 0", "b = 0", "exclude b == 0"))
    formula 'cost' ("a / b"): a divisor must not be 0; found b = 0 -> exclude b == 0
    """

    places: Places | None = None

    def __init__(self, name: str, text: str, rule: str, found: str = "", remedy: str = "") -> None:
        self.name, self.text = name, text
        self.rule, self.found, self.remedy = rule, found, remedy
        super().__init__(name, text, rule, found, remedy)

    def at(self, places: Places) -> FormulaError:
        """Return the same error at some places."""
        error = FormulaError(self.name, self.text, self.rule, self.found, self.remedy)
        error.places = places
        return error

    @property
    def message(self) -> str:
        """The whole message: the formula, the rule, what was found, what to do."""
        shown = f' ("{printable(self.text)}")' if self.text else ""
        found = f"{self.found} in {self.places}" if self.places is not None else self.found
        return str(Problem(f"formula '{self.name}'{shown}", self.rule, found, self.remedy))

    def __str__(self) -> str:
        return self.message
