"""A formula as the short label of an arrow."""

from __future__ import annotations

import re

from costmodel.formulas import Call, Expression, Name, TableRef, walk
from costmodel.model.definition import Transition
from costmodel.report.diagram import wrapped

_LINE = 18
_LINES = 2
_LONG_NAME = 14
_BREAK = re.compile(r"(?<=[×+/,−]) ")


def formula_label(transition: Transition) -> list[str]:
    """Return at most two short lines that say what a transition rests on.

    A formula that fits stands as it is, without the function that turns a rate into a probability; of a
    longer one the names stand, in their order, as ``f(…)``.

    Examples
    --------
    >>> from costmodel.formulas import parse
    >>> formula_label(Transition("well", "dead", parse("rate_to_prob(r_death * hr, cycle_years)")))
    ['r_death × hr']
    >>> formula_label(Transition("well", "dead", parse("1 - exp(-r_death * cycle_years * (1 + hr / 2))")))
    ['f(r_death, hr)']
    >>> formula_label(Transition("well", "ill", None))
    ['the rest']
    """
    if transition.value is None:
        return ["the rest"]
    text = _spelt(transition.value)
    lines = _filled(_BREAK.split(f"{text} a year" if transition.is_rate else text))
    if len(lines) > _LINES or any(len(line) > _LINE + 2 for line in lines):
        lines = _named(transition.value)
    if len(lines) == 1 and len(lines[0]) > _LONG_NAME and " " not in lines[0]:
        return wrapped(lines[0], _LONG_NAME)
    return lines


def _spelt(expression: Expression) -> str:
    """Return a formula with the signs that people write, freed of the wrapping that turns rates."""
    node, text = expression.node, expression.text
    if isinstance(node, Call) and node.function == "rate_to_prob":
        low, high = node.arguments[0].span
        text = text[low:high]
    text = re.sub(r"(?<!\*)\*(?!\*)", "×", text)
    return re.sub(r"(?<![0-9][eE])-", "−", text)


def _filled(pieces: list[str]) -> list[str]:
    """Put pieces together into lines, as many in each as fit."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 1 + len(piece) <= _LINE:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def _named(expression: Expression) -> list[str]:
    """Return the names in a formula, and an ellipsis where they are too many."""
    own = (
        part.name if isinstance(part, Name) else part.table
        for part in walk(expression.node)
        if isinstance(part, Name | TableRef)
    )
    names = [name for name in dict.fromkeys(own) if name not in ("cycle_years", "cycle", "years")]
    pieces = [f"{name}," for name in names]
    while len(_filled([f"f({pieces[0]}", *pieces[1:]])) > _LINES:
        pieces = [*pieces[:-2], "…,"]
    lines = _filled([f"f({pieces[0]}", *pieces[1:]])
    return [*lines[:-1], lines[-1].rstrip(",") + ")"]
