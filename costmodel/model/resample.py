"""Redrawing: where a transition or an order says so, draws that do not fit are replaced by later ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model.definition import Model
from costmodel.model.evaluate import wanted_names
from costmodel.model.ordering import crossings, redrawn_orders
from costmodel.model.run import run_rows
from costmodel.model.values import environments

_MOST_REJECTED = 0.5


def redraws(model: Model) -> bool:
    """Tell whether any transition or order of a model asks for redrawing."""
    rules = [item.on_invalid for item in model.transitions] + [item.on_crossed for item in model.orders]
    return "resample" in rules


def invalid_draws(model: Model, draws: Draws) -> NDArray[np.bool_]:
    """Return the draws in which a row with a redrawn transition is no distribution, shape (draw,).

    Or in which values cross whose order says to redraw.
    """
    free = {item.source for item in model.transitions if item.on_invalid == "resample"}
    clipping = replace(
        model,
        transitions=tuple(
            replace(item, on_invalid="clip") if item.on_invalid == "resample" else item
            for item in model.transitions
        ),
    )
    wrong = np.zeros(draws.n, dtype=np.bool_)
    for strategy, environment in environments(clipping, draws, wanted_names(clipping)).items():
        for crossed in crossings(redrawn_orders(model), environment, strategy=strategy).values():
            wrong |= crossed
        if not free:
            continue
        for state, row in run_rows(clipping, environment, strategy=strategy).items():
            if state in free:
                wrong |= row.clipped
    return wrong


def redraw(model: Model, draw: Callable[[int], Draws], n: int) -> tuple[Draws, int]:
    """Return ``n`` draws that give probabilities, and how many were rejected for it.

    Parameters
    ----------
    model : Model
    draw : callable
        Number of draws to draws; a longer design must begin with a shorter one.
    n : int

    Raises
    ------
    CostModelError
        More than half of the draws would be rejected: the parameters do not fit the model.
    """
    wanted = n
    while True:
        drawn = draw(wanted)
        valid = np.flatnonzero(~invalid_draws(model, drawn))
        if len(valid) >= n:
            last = int(valid[n - 1]) + 1
            return drawn.take(valid[:n]), last - n
        if len(valid) < _MOST_REJECTED * wanted:
            raise CostModelError(
                f"study '{model.name}': {wanted - len(valid)} of {wanted} draws give probabilities outside "
                "[0, 1], rows that sum to more than one, or values that cross; redrawing would change the "
                "parameters' distributions: look at their standard errors"
            )
        wanted = max(wanted + 8, int(1.1 * n * wanted / max(1, len(valid))))
