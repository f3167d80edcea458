"""How often something is wrong: an error is found in one block of draws, and counted in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from costmodel.errors import CostModelError
from costmodel.formulas import FormulaError
from costmodel.formulas.errors import Places
from costmodel.inputs.drawn import Part


class ProbabilityError(CostModelError):
    """Probabilities that cannot be.

    Attributes
    ----------
    rule : str
        What they are the probabilities of, and what must hold for them.
    found : str
        What was found, and where first.
    wrong, of : int
        In how many of how many draws; 1 where they are the same in every draw.

    Examples
    --------
    >>> print(ProbabilityError("p must lie in [0, 1]", "found 1.2 at draw 4", 2, 5))
    p must lie in [0, 1]; found 1.2 at draw 4; it happens in 2 of 5 draws
    """

    def __init__(self, rule: str, found: str, wrong: int, of: int) -> None:
        self.rule, self.found, self.wrong, self.of = rule, found, wrong, of
        super().__init__(rule, found, wrong, of)

    def __str__(self) -> str:
        often = f"; it happens in {self.wrong:,} of {self.of:,} draws" if self.of > 1 else ""
        return f"{self.rule}; {self.found}{often}"


Refusal = FormulaError | ProbabilityError


def from_draw(problem: FormulaError, draw: int) -> FormulaError:
    """Return an error whose draws were counted from ``draw``, with draws counted from the first."""
    if problem.places is None or "draw" not in problem.places.first:
        return problem
    first = problem.places.first
    return problem.at(problem.places._replace(first={**first, "draw": first["draw"] + draw}))


def counted(problem: Refusal, parts: Iterable[Part], attempt: Callable[[Part], object]) -> Refusal:
    """Return an error with how often it occurs among all draws, not only in the part that raised it.

    Parameters
    ----------
    problem : FormulaError or ProbabilityError
    parts : iterable of Part
        All draws. A part in which another error comes first is left out of both numbers.
    attempt : callable
        Evaluates a part.
    """
    wrong = draws = each = 0
    for part in parts:
        size = part.stop - part.start
        try:
            attempt(part)
        except CostModelError as other:
            if not (isinstance(other, FormulaError | ProbabilityError) and _same(other, problem)):
                continue
            here, among = _numbers(other)
            wrong, each = wrong + here, max(each, among // size)
        draws += size
    if isinstance(problem, ProbabilityError):
        return ProbabilityError(problem.rule, problem.found, wrong, draws)
    assert problem.places is not None
    return problem.at(Places(wrong, draws * each, problem.places.first))


def depends_on_draws(problem: Refusal) -> bool:
    """Tell whether an error occurs in some draws and not in others."""
    if isinstance(problem, ProbabilityError):
        return problem.of > 1
    return problem.places is not None and "draw" in problem.places.first


def _same(one: Refusal, other: Refusal) -> bool:
    """Tell whether two errors are about the same rule of the same formula or probabilities."""
    if isinstance(one, FormulaError) and isinstance(other, FormulaError):
        return (one.name, one.text, one.rule) == (other.name, other.text, other.rule)
    return type(one) is type(other) and one.rule == other.rule


def _numbers(problem: Refusal) -> tuple[int, int]:
    if isinstance(problem, ProbabilityError):
        return problem.wrong, problem.of
    return problem.places[:2] if problem.places is not None else (1, 1)
