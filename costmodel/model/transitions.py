"""Transition probabilities from a model's formulas: rates resolved, complements filled, rows checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.model.accrual import FloatArray
from costmodel.model.cohort import Move
from costmodel.model.definition import Model, Transition

_ROUNDING = 1e-9

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
StateValue = Callable[[Expression, str, str], FloatArray]
"""Formula, state and name to its values in that state, shape (cycle or 1, stage, draw or 1, segment or 1)."""


@dataclass(frozen=True)
class Row:
    """All transitions out of one state.

    Parameters
    ----------
    stay : array, shape (cycle or 1, stage, draw or 1, segment or 1)
    moves : tuple of Move
    clipped : int
        Number of draws in which a probability was brought back into its range.
    """

    stay: FloatArray
    moves: tuple[Move, ...]
    clipped: int = 0


def transition_rows(model: Model, value: StateValue, *, strategy: str, first_draw: int = 0) -> dict[str, Row]:
    """Return the row of every state under one strategy.

    Raises
    ------
    CostModelError
        A probability lies outside [0, 1], or a row sums to more than one; the message names transition,
        formula, draw, segment, cycle and value, and says in how many draws it happens.
    """
    assert model.states is not None
    rows = {}
    for state in model.states.names:
        leaving = [item for item in model.transitions if item.source == state]
        rows[state] = _row(_Place(model, strategy, first_draw), state, leaving, value)
    return rows


@dataclass(frozen=True)
class _Place:
    """Where a fault is: for messages."""

    model: Model
    strategy: str
    first_draw: int


def _row(place: _Place, state: str, leaving: Sequence[Transition], value: StateValue) -> Row:
    explicit = {item: value(item.value, state, str(item)) for item in leaving if item.value is not None}
    if any(item.is_rate for item in explicit):
        explicit = _compete(explicit, place.model.time.cycle_years)
    checked, clipped = _checked(place, explicit)
    rest = _rest(place, state, checked, clip=any(item.on_invalid == "clip" for item in leaving))
    moves = [Move(item.source, item.target, array) for item, array in checked.items() if item.target != state]
    implied = next((item for item in leaving if item.value is None), None)
    if implied is not None and implied.target != state:
        moves.append(Move(state, implied.target, rest))
        stay = next((array for item, array in checked.items() if item.target == state), np.zeros_like(rest))
        return Row(stay, tuple(moves), clipped)
    own = next((array for item, array in checked.items() if item.target == state), None)
    return Row(rest if own is None else own, tuple(moves), clipped)


def _compete(rates: Mapping[Transition, FloatArray], years: float) -> dict[Transition, FloatArray]:
    """Turn competing rates into probabilities: 1 - exp(-sum) leave, in proportion to their rates."""
    for item, rate in rates.items():
        if np.any(rate < 0):
            raise CostModelError(f"transition {item}: a rate must be at least 0; found {rate.min():g}")
    whole = sum(rates.values())
    leave = -np.expm1(-np.asarray(whole) * years)
    share = np.divide(leave, whole, out=np.zeros_like(leave), where=np.asarray(whole) > 0)
    return {item: np.asarray(rate * share) for item, rate in rates.items()}


def _checked(
    place: _Place, explicit: Mapping[Transition, FloatArray]
) -> tuple[dict[Transition, FloatArray], int]:
    result, clipped = {}, 0
    for item, array in explicit.items():
        wrong = (array < -_ROUNDING) | (array > 1 + _ROUNDING)
        if wrong.any():
            if item.on_invalid == "error":
                formula = item.value.text if item.value is not None else ""
                raise CostModelError(
                    f"strategy '{place.strategy}', transition {item} ({formula}): "
                    "a probability must lie in [0, 1]; " + _first(place, array, wrong)
                )
            clipped += int(wrong.any(axis=(0, 1, 3)).sum())
        result[item] = np.clip(array, 0.0, 1.0) if wrong.any() else array
    return result, clipped


def _rest(place: _Place, state: str, checked: Mapping[Transition, FloatArray], *, clip: bool) -> FloatArray:
    """Return what the explicit transitions of a state leave over."""
    if not checked:
        states = place.model.states
        assert states is not None
        return np.ones((1, states.stages(state), 1, 1))
    rest = 1.0 - np.asarray(sum(checked.values()))
    wrong = rest < -_ROUNDING
    if wrong.any() and not clip:
        names = ", ".join(str(item) for item in checked)
        raise CostModelError(
            f"strategy '{place.strategy}', state '{state}': "
            f"the probabilities of {names} must sum to at most 1; " + _first(place, 1.0 - rest, wrong)
        )
    return np.maximum(rest, 0.0)


def _first(place: _Place, array: FloatArray, wrong: BoolArray) -> str:
    """Say what was found, where first, and in how many draws."""
    cycle, stage, draw, segment = (int(index[0]) for index in np.nonzero(wrong))
    parts = [f"draw {draw + place.first_draw}"] if array.shape[2] > 1 else []
    parts += [f"segment '{place.model.segments[segment].name}'"] if array.shape[3] > 1 else []
    parts += [f"cycle {cycle}"] if array.shape[0] > 1 else []
    parts += [f"cycle {stage} in the state"] if array.shape[1] > 1 else []
    at = f" at {', '.join(parts)}" if parts else ""
    count = int(wrong.any(axis=(0, 1, 3)).sum())
    often = f"; it happens in {count} of {array.shape[2]} draws" if array.shape[2] > 1 else ""
    return f"found {array[cycle, stage, draw, segment]:.6g}{at}{often}"
