"""From a number back through its formulas to the input rows and their published sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.inputs import Parameter
from costmodel.model.layers import MARK, BySegment, Drawn, Rule, plain, resolve, uses
from costmodel.model.values import Values, environments
from costmodel.study.read import Study
from costmodel.study.toml import FILE

_OPEN = ("recalled", "elicited", "assumed")


@dataclass(frozen=True)
class Trace:
    """One name, how it comes about, and what it rests on.

    Parameters
    ----------
    name : str
    rule : str
        The formula, the query or the row that defines it.
    value : str
        Its value in the base case; a range where it differs between segments or over time.
    source : str
        Published source of an input; empty for a formula.
    doubts : tuple of str
        What is recalled, assumed or flagged.
    note : str
        What the input's table says about it.
    inputs : tuple of Trace
    """

    name: str
    rule: str
    value: str
    source: str = ""
    doubts: tuple[str, ...] = ()
    note: str = ""
    inputs: tuple[Trace, ...] = ()

    def walk(self) -> Iterator[Trace]:
        """Yield this node and all below it."""
        yield self
        for item in self.inputs:
            yield from item.walk()

    def lines(self) -> list[str]:
        """Return the tree as lines of text; a branch that stands above already is not repeated."""
        return _lines(self, set())


def _lines(node: Trace, shown: set[str]) -> list[str]:
    own = [f"{node.name} = {node.value}    {node.rule}"]
    if node.name in shown:
        return [own[0] + "    (see above)"]
    shown.add(node.name)
    own += [f"    source: {node.source}"] if node.source else []
    own += [f"    doubt: {doubt}" for doubt in node.doubts]
    own += [f"    note: {node.note}"] if node.note else []
    for position, item in enumerate(node.inputs):
        last = position == len(node.inputs) - 1
        first, *rest = _lines(item, shown)
        own.append(("└─ " if last else "├─ ") + first)
        own += [("   " if last else "│  ") + line for line in rest]
    return own


def trace(study: Study, name: str, *, strategy: str | None = None, scenario: str | None = None) -> Trace:
    """Trace a parameter, formula or measure to its sources.

    Parameters
    ----------
    study : Study
    name : str
        A parameter, a formula, or the measure of a payoff.
    strategy : str, optional
        The strategy under which to trace; the first one that defines the name if left out.
    scenario : str, optional

    Returns
    -------
    Trace

    Raises
    ------
    CostModelError
        The name, strategy or scenario is unknown; the message names the nearest.

    Examples
    --------
    >>> import costmodel as cm
    >>> tree = trace(cm.read_study("clonazepam-us"), "price_brand")
    >>> tree.value
    '4.26033 USD/tablet'
    """
    model = study.model(scenario)
    names = [item.name for item in model.strategies]
    if strategy is not None and strategy not in names:
        raise CostModelError(f"strategy '{strategy}' is unknown; {did_you_mean(strategy, names)}")
    for candidate in [strategy] if strategy else names:
        rules = resolve(model, model.strategy(candidate))
        payoffs = [payoff for payoff in model.payoffs if payoff.measure == name]
        if name not in rules and not payoffs:
            continue
        wanted = {name}.union(*(payoff.value.names for payoff in payoffs))
        values = environments(model, study.draws(), wanted)[candidate].values
        tracer = _Tracer(study, rules, values)
        if name in rules:
            return tracer.name(name)
        inputs = sorted(set().union(*(payoff.value.names for payoff in payoffs)))
        total = study.run(scenario).total(name)[names.index(candidate), 0]
        rule = " + ".join(f"{payoff.value.text} per {payoff.per}" for payoff in payoffs)
        return Trace(
            f"{name} ({candidate}, average of segments)",
            rule,
            f"{total:.10g}",
            inputs=tuple(tracer.name(item) for item in inputs),
        )
    known = sorted({*study.parameters, *model.formulas, *model.measures})
    raise CostModelError(f"nothing in study '{study.name}' is called '{name}'; {did_you_mean(name, known)}")


class _Tracer:
    def __init__(self, study: Study, rules: dict[str, Rule], values: Values) -> None:
        self.study = study
        self.rules = rules
        self.values = values

    def name(self, name: str) -> Trace:
        if name not in self.rules:
            return Trace(name, "model time", self._value(name))
        rule = self.rules[name]
        inputs = tuple(self.name(item) for item in sorted(uses(rule)))
        match rule:
            case Drawn(parameter):
                return self._parameter(name, self.study.parameters[parameter])
            case BySegment(below, cells):
                segments = self.study.segments
                shown = [f"{segments[position].name}: {cell.text}" for position, cell in cells.items()]
                shown += [f"otherwise: {plain(below)}"] if below and len(cells) < len(segments) else []
                source = "" if inputs else "segments.csv"
                return Trace(self._label(name), "; ".join(shown), self._value(name), source, inputs=inputs)
            case _:
                source = "" if inputs else f"set in {FILE}"
                return Trace(self._label(name), rule.text, self._value(name), source, inputs=inputs)

    def _parameter(self, name: str, parameter: Parameter) -> Trace:
        bound = self.study.bound.get(parameter.name)
        bibliography = self.study.bibliography
        source = " ".join(bibliography[key].text if key in bibliography else key for key in parameter.sources)
        if parameter.locator:
            source = f"{source}; {parameter.locator}" if source else parameter.locator
        doubts = [f"value is {parameter.status}"] if parameter.status in _OPEN else []
        doubts += list(bound.flags) if bound else []
        rule = str(bound) if bound else f"parameters.csv, row {parameter.line}"
        value = f"{self._value(name)} {parameter.unit}".strip()
        return Trace(self._label(name), rule, value, source or "none given", tuple(doubts), parameter.note)

    def _label(self, name: str) -> str:
        return f"{plain(name)} ({name.split(MARK, 1)[1]})" if MARK in name else name

    def _value(self, name: str) -> str:
        if name not in self.values:
            return "not used here"
        array = self.values[name]
        low, high = float(array.min()), float(array.max())
        return f"{low:.10g}" if low == high else f"{low:.10g} to {high:.10g}"
