"""The value of every name under every strategy, as arrays over (draw, segment, cycle)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.formulas import evaluate as evaluate_formula
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray, as_axes
from costmodel.model.definition import Model
from costmodel.model.layers import (
    BySegment,
    Drawn,
    Rule,
    closure,
    evaluation_order,
    plain,
    resolve,
    shared,
    uses,
)
from costmodel.units import MONTHS_PER_YEAR

Values = dict[str, FloatArray]
TIME_IN_STATE = ("years_in_state", "cycles_in_state")


@dataclass(frozen=True)
class Environment:
    """All names under one strategy.

    Parameters
    ----------
    model : Model
    rules : mapping of str to Rule
    values : mapping of str to array, (draw, segment, cycle)
        What does not depend on time in state.
    """

    model: Model
    rules: Mapping[str, Rule]
    values: Values
    _stages: dict[int, Values] = field(default_factory=dict, repr=False, compare=False)

    def evaluate(self, expression: Expression, name: str) -> FloatArray:
        """Return a formula's values, (draw, segment, cycle)."""
        return as_axes(evaluate_formula(expression, self.values, tables=self.model.tables, name=name))

    def depends_on_time_in_state(self, expression: Expression) -> bool:
        """Tell whether a formula uses ``years_in_state`` or ``cycles_in_state``, itself or below."""
        names = expression.names | closure(self.rules, expression.names)
        return any(
            name in TIME_IN_STATE or uses(self.rules[name]) & set(TIME_IN_STATE)
            for name in names
            if name in TIME_IN_STATE or name in self.rules
        )

    def evaluate_in_state(self, expression: Expression, name: str, *, stages: int) -> FloatArray:
        """Return a formula's values in a state, shape (cycle or 1, stage, draw or 1, segment or 1)."""
        if not self.depends_on_time_in_state(expression):
            array = np.moveaxis(self.evaluate(expression, name), 2, 0)
            return np.ascontiguousarray(array)[:, np.newaxis]
        parts = [
            np.moveaxis(
                as_axes(evaluate_formula(expression, self._stage(stage, expression), tables=self.model.tables,
                                         name=f"{name}, cycle {stage} in the state")), 2, 0)
            for stage in range(stages)
        ]  # fmt: skip
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        return np.stack([np.broadcast_to(part, shape) for part in parts], axis=1)

    def _stage(self, stage: int, expression: Expression) -> Values:
        if stage not in self._stages:
            years = stage * self.model.time.cycle_months / MONTHS_PER_YEAR
            start = {"years_in_state": as_axes(years), "cycles_in_state": as_axes(float(stage))}
            self._stages[stage] = {**self.values, **start}
        values = self._stages[stage]
        for name in evaluation_order(self.rules, expression.names):
            if name not in values:
                values[name] = _value(name, self.rules[name], values, self.model, {})
        return values


def environments(model: Model, draws: Draws, wanted: Iterable[str]) -> dict[str, Environment]:
    """Return, per strategy, the wanted names and all that they rest on.

    Parameters
    ----------
    model : Model
    draws : Draws
    wanted : iterable of str
        Names to compute; a name that a strategy does not define is left out.

    Returns
    -------
    dict of str to Environment
        What is the same under every strategy is one shared array.

    Raises
    ------
    CostModelError
        A parameter has no draws.
    FormulaError
        A formula gives no finite number somewhere; the message says where.
    """
    names = list(wanted)
    rules = {strategy.name: resolve(model, strategy) for strategy in model.strategies}
    common = shared(rules)
    drawn = draws.compact()
    start = built_in_values(model, drawn)
    once: Values = {}
    result = {}
    for strategy, own in rules.items():
        values = dict(start)
        later = _needing_time_in_state(own)
        for name in evaluation_order(own, names):
            if name in later:
                continue
            if name in common and name in once:
                values[name] = once[name]
                continue
            values[name] = _value(name, own[name], values, model, drawn)
            if name in common:
                once[name] = values[name]
        result[strategy] = Environment(model, own, values)
    return result


def _needing_time_in_state(rules: Mapping[str, Rule]) -> set[str]:
    direct = {name for name, rule in rules.items() if uses(rule) & set(TIME_IN_STATE)}
    return {name for name in rules if closure(rules, [name]) & direct} if direct else set()


def built_in_values(model: Model, drawn: Mapping[str, FloatArray]) -> Values:
    """Return model time: ``cycle``, ``years``, ``cycle_years`` and, where a start age is given, ``age``."""
    time = model.time
    cycle = as_axes(np.arange(time.n_cycles + 1, dtype=np.float64))
    values = {
        "cycle": cycle,
        "years": cycle * time.cycle_months / MONTHS_PER_YEAR,
        "cycle_years": as_axes(time.cycle_years),
    }
    if time.start_age is not None:
        own = {name: _drawn(name, drawn) for name in time.start_age.names}
        start = evaluate_formula(time.start_age, own, tables=model.tables, name="start_age")
        values["age"] = as_axes(start) + values["years"]
    return values


def _drawn(name: str, drawn: Mapping[str, FloatArray]) -> FloatArray:
    try:
        return drawn[name][:, np.newaxis, np.newaxis]
    except KeyError:
        raise CostModelError(
            f"parameter '{name}' has no draws; draw from this study's own parameters"
        ) from None


def _value(
    name: str, rule: Rule, values: Values, model: Model, drawn: Mapping[str, FloatArray]
) -> FloatArray:
    match rule:
        case Drawn(parameter):
            return _drawn(parameter, drawn)
        case BySegment():
            return _by_segment(name, rule, values, model)
        case _:
            return as_axes(evaluate_formula(rule, values, tables=model.tables, name=plain(name)))


def _by_segment(name: str, rule: BySegment, values: Mapping[str, FloatArray], model: Model) -> FloatArray:
    columns = []
    for position, segment in enumerate(model.segments):
        cell = rule.cells.get(position)
        if cell is None:
            assert rule.below is not None
            value = values[rule.below]
        else:
            label = f"{plain(name)} (segment {segment.name})"
            value = as_axes(evaluate_formula(cell, values, tables=model.tables, name=label))
        columns.append(value[:, position : position + 1] if value.shape[1] > 1 else value)
    shape = np.broadcast_shapes(*(column.shape for column in columns))
    return np.concatenate([np.broadcast_to(column, shape) for column in columns], axis=1)
