"""The value of every name under every strategy, by runs of cycles, as arrays over (run, draw, segment)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression, FormulaError, Name
from costmodel.formulas import evaluate as evaluate_formula
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Model
from costmodel.model.layers import (
    BySegment,
    Drawn,
    Rule,
    evaluation_order,
    plain,
    resolve,
    resting_on,
    shared,
)
from costmodel.model.timed import Timed, common
from costmodel.units import MONTHS_PER_YEAR

TIME_IN_STATE = ("years_in_state", "cycles_in_state")
TimedValues = dict[str, Timed]


class Values(Mapping[str, FloatArray]):
    """The value of every name in the axes of formulas, (draw, segment, cycle); not to be written to."""

    def __init__(self, timed: Mapping[str, Timed]) -> None:
        self._timed = timed

    def __getitem__(self, name: str) -> FloatArray:
        return self._timed[name].by_draw()

    def __contains__(self, name: object) -> bool:
        return name in self._timed

    def __iter__(self) -> Iterator[str]:
        return iter(self._timed)

    def __len__(self) -> int:
        return len(self._timed)


@dataclass(frozen=True)
class Environment:
    """All names under one strategy.

    Parameters
    ----------
    model : Model
    rules : mapping of str to Rule
    timed : mapping of str to Timed, (run, draw, segment)
        What does not depend on time in state.
    in_state : frozenset of str
        The names that do.
    """

    model: Model
    rules: Mapping[str, Rule]
    timed: TimedValues
    in_state: frozenset[str] = frozenset(TIME_IN_STATE)
    _stages: dict[int, TimedValues] = field(default_factory=dict, repr=False, compare=False)

    @property
    def values(self) -> Values:
        """The value of every name that does not depend on time in state, (draw, segment, cycle)."""
        return Values(self.timed)

    def evaluate(self, expression: Expression, name: str) -> FloatArray:
        """Return a formula's values, (draw, segment, cycle)."""
        return self.over_time(expression, name).by_draw()

    def over_time(self, expression: Expression, name: str) -> Timed:
        """Return a formula's values by runs of cycles, (run, draw, segment)."""
        return _computed(expression, self.timed, self.model, name)

    def depends_on_time_in_state(self, expression: Expression) -> bool:
        """Tell whether a formula uses ``years_in_state`` or ``cycles_in_state``, itself or below."""
        return not self.in_state.isdisjoint(expression.names)

    def evaluate_in_state(self, expression: Expression, name: str, *, stages: int) -> FloatArray:
        """Return a formula's values in a state, shape (cycle or 1, stage, draw or 1, segment or 1)."""
        return self.over_time_in_state(expression, name, stages=stages).at_boundaries()

    def over_time_in_state(self, expression: Expression, name: str, *, stages: int) -> Timed:
        """Return a formula's values in a state by runs of cycles, (run, stage, draw, segment)."""
        if not self.depends_on_time_in_state(expression):
            value = self.over_time(expression, name)
            return Timed(value.array[:, np.newaxis], value.begins)
        order = evaluation_order(self.rules, expression.names)
        parts = [
            _computed(
                expression,
                self._stage(stage, order),
                self.model,
                f"{name}, cycle {stage} in the state",
            )
            for stage in range(stages)
        ]
        begins = common(parts)
        arrays = [part.on(begins) for part in parts]
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        return Timed(np.stack([np.broadcast_to(array, shape) for array in arrays], axis=1), begins)

    def _stage(self, stage: int, order: Iterable[str]) -> TimedValues:
        """Return the values at a time in state, those of the names in ``order`` among them."""
        if stage not in self._stages:
            years = stage * self.model.time.cycle_months / MONTHS_PER_YEAR
            start = {"years_in_state": _constant(years), "cycles_in_state": _constant(float(stage))}
            self._stages[stage] = {**self.timed, **start}
        values = self._stages[stage]
        for name in order:
            if name not in values:
                values[name] = _value(name, self.rules[name], values, self.model, {})
        return values


@dataclass(frozen=True)
class Plan:
    """What is computed for a model whatever the draws, and in which order.

    Parameters
    ----------
    model : Model
    rules : mapping of str to mapping of str to Rule
        By strategy.
    order : mapping of str to tuple of str
        By strategy, the names to compute.
    in_state : mapping of str to frozenset of str
        By strategy, the names that need time in state; they are computed where they are used.
    common : set of str
        The names whose value is the same under every strategy.
    """

    model: Model
    rules: Mapping[str, Mapping[str, Rule]]
    order: Mapping[str, tuple[str, ...]]
    in_state: Mapping[str, frozenset[str]]
    common: frozenset[str]

    @classmethod
    def of(cls, model: Model, wanted: Iterable[str]) -> Plan:
        """Return the plan by which the wanted names are computed."""
        names = list(wanted)
        rules = {strategy.name: resolve(model, strategy) for strategy in model.strategies}
        later = {strategy: _needing_time_in_state(own) for strategy, own in rules.items()}
        order = {
            strategy: tuple(name for name in evaluation_order(own, names) if name not in later[strategy])
            for strategy, own in rules.items()
        }
        return cls(model, rules, order, later, frozenset(shared(rules)))

    def environments(self, drawn: Mapping[str, FloatArray]) -> dict[str, Environment]:
        """Return, per strategy, all names for some draws: arrays of shape (draw,) or (1,)."""
        start = built_in_values(self.model)
        once: TimedValues = {}
        result = {}
        for strategy, rules in self.rules.items():
            values = dict(start)
            for name in self.order[strategy]:
                if name in once:
                    values[name] = once[name]
                    continue
                values[name] = _value(name, rules[name], values, self.model, drawn)
                if name in self.common:
                    once[name] = values[name]
            result[strategy] = Environment(self.model, rules, values, self.in_state[strategy])
        return result


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
    return Plan.of(model, wanted).environments(draws.compact())


def _needing_time_in_state(rules: Mapping[str, Rule]) -> frozenset[str]:
    return frozenset(TIME_IN_STATE) | resting_on(rules, TIME_IN_STATE)


def built_in_values(model: Model) -> TimedValues:
    """Return model time: ``cycle``, ``years`` and ``cycle_years``."""
    time = model.time
    cycle = np.arange(time.n_cycles + 1, dtype=np.float64).reshape(-1, 1, 1)
    every = np.ones(time.n_cycles + 1, dtype=np.bool_) if time.n_cycles else None
    return {
        "cycle": Timed(cycle, every),
        "years": Timed(cycle * time.cycle_months / MONTHS_PER_YEAR, every),
        "cycle_years": _constant(time.cycle_years),
    }


def _constant(value: float) -> Timed:
    return Timed(np.full((1, 1, 1), value))


def _drawn(name: str, drawn: Mapping[str, FloatArray]) -> Timed:
    try:
        return Timed(drawn[name][np.newaxis, :, np.newaxis])
    except KeyError:
        raise CostModelError(
            f"parameter '{name}' has no draws; draw from this study's own parameters"
        ) from None


def _value(
    name: str, rule: Rule, values: Mapping[str, Timed], model: Model, drawn: Mapping[str, FloatArray]
) -> Timed:
    match rule:
        case Drawn(parameter):
            return _drawn(parameter, drawn)
        case BySegment():
            return _by_segment(name, rule, values, model)
        case _:
            return _computed(rule, values, model, plain(name))


def _computed(expression: Expression, values: Mapping[str, Timed], model: Model, name: str) -> Timed:
    """Compute a formula once for every run of cycles in which none of its variables changes.

    The cycle is the first axis here, so that results lie in memory as the engine reads them. A fault is
    found again in the axes of formulas, for its message to say where it is.
    """
    if isinstance(expression.node, Name) and expression.node.name in values:
        return values[expression.node.name]
    used = {variable: values[variable] for variable in expression.names if variable in values}
    begins = common(used.values())
    inputs = {variable: value.on(begins) for variable, value in used.items()}
    try:
        array = evaluate_formula(expression, inputs, tables=model.tables, name=name)
    except FormulaError:
        every = {variable: value.by_draw() for variable, value in used.items()}
        evaluate_formula(expression, every, tables=model.tables, name=name)
        raise
    return Timed(array, begins if len(array) > 1 else None).joined()


def _by_segment(name: str, rule: BySegment, values: Mapping[str, Timed], model: Model) -> Timed:
    columns = []
    for position, segment in enumerate(model.segments):
        cell = rule.cells.get(position)
        if cell is None:
            assert rule.below is not None
            value = values[rule.below]
        else:
            value = _computed(cell, values, model, f"{plain(name)} (segment {segment.name})")
        own = slice(position, position + 1) if value.array.shape[2] > 1 else slice(None)
        columns.append(Timed(value.array[:, :, own], value.begins))
    begins = common(columns)
    arrays = [column.on(begins) for column in columns]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    joined = np.concatenate([np.broadcast_to(array, shape) for array in arrays], axis=2)
    return Timed(joined, begins)
