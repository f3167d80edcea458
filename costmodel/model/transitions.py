"""Transition probabilities from a model's formulas: rates resolved, complements filled, rows checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from costmodel.formulas import Expression
from costmodel.model.accrual import FloatArray
from costmodel.model.cohort import Move
from costmodel.model.counting import ProbabilityError
from costmodel.model.definition import Model, Transition
from costmodel.model.timed import BoolArray, run_of

_ROUNDING = 1e-9
_RATE = "rate must be at least 0"

StateValue = Callable[[Expression, str, str], FloatArray]
"""Formula, state and name to its values there, shape (period or 1, stage, draw or 1, segment or 1)."""


@dataclass(frozen=True)
class Row:
    """All transitions out of one state.

    Parameters
    ----------
    stay : array, shape (period or 1, stage, draw or 1, segment or 1)
    moves : tuple of Move
    clipped : array of bool, shape (draw or 1,)
        The draws in which a probability was brought back into its range.
    """

    stay: FloatArray
    moves: tuple[Move, ...]
    clipped: BoolArray


def transition_rows(
    model: Model,
    value: StateValue,
    *,
    strategy: str,
    first_draw: int = 0,
    begins: BoolArray | None = None,
) -> dict[str, Row]:
    """Return the row of every state under one strategy.

    ``begins`` marks the cycles at which a period begins; where it is None, every cycle is a period.

    Raises
    ------
    ProbabilityError
        A probability lies outside [0, 1], a rate is negative, or a row does not sum to one; the message
        names transition, formula, draw, segment, cycle and value, and says in how many draws it happens.
    """
    assert model.states is not None
    place = _Place(model, strategy, first_draw, begins)
    rows = {}
    for state in model.states.names:
        leaving = [item for item in model.transitions if item.source == state]
        rows[state] = _row(place, state, leaving, value)
    return rows


@dataclass(frozen=True)
class _Place:
    """Where a fault is: for messages."""

    model: Model
    strategy: str
    first_draw: int
    begins: BoolArray | None

    @property
    def period(self) -> NDArray[np.intp] | None:
        """The period to which each cycle belongs."""
        return None if self.begins is None else run_of(self.begins)

    def cycle(self, period: int) -> int:
        """Return the first cycle of a period."""
        return period if self.begins is None else int(np.flatnonzero(self.begins)[period])


def _row(place: _Place, state: str, leaving: Sequence[Transition], value: StateValue) -> Row:
    explicit = {item: value(item.value, state, str(item)) for item in leaving if item.value is not None}
    rates = any(item.is_rate for item in explicit)
    within, outside = _in_range(place, explicit, "rate" if rates else "probability")
    if rates:
        within = _compete(within, place.model.time.cycle_years)
    fitted, over = _fitted(within)
    own = next((array for item, array in fitted.items() if item.target == state), None)
    implied = next((item for item in leaving if item.value is None), None)
    rest = _rest(place, state, fitted, complete=own is not None and implied is None)
    moves = [
        Move(item.source, item.target, array, place.period)
        for item, array in fitted.items()
        if item.target != state
    ]
    if implied is not None and implied.target != state:
        moves.append(Move(state, implied.target, rest, place.period))
        return Row(np.zeros_like(rest) if own is None else own, tuple(moves), outside | over)
    return Row(rest if own is None else own, tuple(moves), outside | over)


def _in_range(
    place: _Place, explicit: Mapping[Transition, FloatArray], kind: str
) -> tuple[dict[Transition, FloatArray], BoolArray]:
    """Return values that are probabilities or rates, and the draws in which they were clipped to be."""
    most, rule = (1.0, "probability must lie in [0, 1]") if kind == "probability" else (np.inf, _RATE)
    result, clipped = {}, np.zeros(1, dtype=np.bool_)
    for item, array in explicit.items():
        if array.min() >= -_ROUNDING and array.max() <= most + _ROUNDING:
            result[item] = array
            continue
        wrong = (array < -_ROUNDING) | (array > most + _ROUNDING)
        if item.on_invalid == "error":
            formula = item.value.text if item.value is not None else ""
            whose = f"strategy '{place.strategy}', transition {item} ({formula})"
            raise _refusal(place, f"{whose}: a {rule}", array, wrong)
        clipped = clipped | wrong.any(axis=(0, 1, 3))
        result[item] = np.clip(array, 0.0, most)
    return result, clipped


def _compete(rates: Mapping[Transition, FloatArray], years: float) -> dict[Transition, FloatArray]:
    """Turn competing rates into probabilities: 1 - exp(-sum) leave, in proportion to their rates."""
    whole = np.asarray(reduce(np.add, rates.values()))
    leave = -np.expm1(-whole * years)
    share = np.divide(leave, whole, out=np.zeros_like(leave), where=whole > 0)
    return {item: np.asarray(rate * share) for item, rate in rates.items()}


def _fitted(
    checked: Mapping[Transition, FloatArray],
) -> tuple[Mapping[Transition, FloatArray], BoolArray]:
    """Shrink, in proportion, the transitions that may be clipped to what the others of the row leave over."""
    free = [item for item in checked if item.on_invalid == "clip"]
    if not free:
        return checked, np.zeros(1, dtype=np.bool_)
    wanted = np.asarray(sum(checked[item] for item in free))
    others = np.asarray(sum((checked[item] for item in checked if item not in free), np.zeros((1, 1, 1, 1))))
    left = np.maximum(1.0 - others, 0.0)
    over: BoolArray = np.asarray(wanted > left + _ROUNDING)
    factor = np.divide(left, wanted, out=np.ones(over.shape), where=over)
    fitted = {item: array * factor if item in free else array for item, array in checked.items()}
    return fitted, np.asarray(over.any(axis=(0, 1, 3)))


def _rest(
    place: _Place, state: str, checked: Mapping[Transition, FloatArray], *, complete: bool
) -> FloatArray:
    """Return what the explicit transitions of a state leave over; nothing where they must be complete."""
    if not checked:
        states = place.model.states
        assert states is not None
        return np.ones((1, states.stages(state), 1, 1))
    rest = np.asarray(1.0 - reduce(np.add, checked.values()))
    if rest.min() < -_ROUNDING or (complete and rest.max() > _ROUNDING):
        wrong = np.abs(rest) > _ROUNDING if complete else rest < -_ROUNDING
        names = ", ".join(str(item) for item in checked)
        rule = 'sum to 1, or one of them be "complement"' if complete else "sum to at most 1"
        whose = f"strategy '{place.strategy}', state '{state}'"
        raise _refusal(place, f"{whose}: the probabilities of {names} must {rule}", 1.0 - rest, wrong)
    return np.maximum(rest, 0.0, out=rest)


def _refusal(place: _Place, rule: str, array: FloatArray, wrong: BoolArray) -> ProbabilityError:
    """Say what was found, where first, and in how many draws."""
    cycle, stage, draw, segment = (int(index[0]) for index in np.nonzero(wrong))
    parts = [f"draw {draw + place.first_draw}"] if array.shape[2] > 1 else []
    parts += [f"segment '{place.model.segments[segment].name}'"] if array.shape[3] > 1 else []
    parts += [f"cycle {place.cycle(cycle)}"] if array.shape[0] > 1 else []
    parts += [f"cycle {stage} in the state"] if array.shape[1] > 1 else []
    at = f" at {', '.join(parts)}" if parts else ""
    found = f"found {array[cycle, stage, draw, segment]:.6g}{at}"
    return ProbabilityError(rule, found, int(wrong.any(axis=(0, 1, 3)).sum()), array.shape[2])
