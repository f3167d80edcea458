"""From the typed study file to a model: formulas parsed, names checked, every fault noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from costmodel.checks import one_of
from costmodel.errors import CostModelError, Faults
from costmodel.formulas import Expression, LookupTable, constant, parse
from costmodel.inputs import Parameters
from costmodel.model.definition import (
    Branch,
    Discounting,
    Model,
    Node,
    Order,
    Payoff,
    Per,
    States,
    Strategy,
    Time,
    Transition,
    WithinCycle,
)
from costmodel.populations import Segment
from costmodel.study.schema import PayoffSection, StudySpec, TransitionSection
from costmodel.study.toml import FILE, line_of, validate_spec
from costmodel.units import Money, currency_of

COMPLEMENT = "complement"


class Builder:
    """Builds the model of a study and of its scenarios, collecting faults with their places.

    ``claimed`` are names that the study's files define, but whose own definition is at fault: what uses
    them is not blamed as well.
    """

    def __init__(
        self,
        spec: StudySpec,
        *,
        name: str,
        parameters: Parameters,
        segments: Sequence[Segment],
        tables: Mapping[str, LookupTable],
        faults: Faults,
        text: str = "",
        claimed: frozenset[str] = frozenset(),
    ) -> None:
        self.spec = spec
        self.name = name
        self.parameters = parameters
        self.segments = tuple(segments)
        self.tables = tables
        self.faults = faults
        self.text = text
        self.claimed = claimed
        self.unread = False

    def build(self, scenario: str | None = None) -> Model:
        """Return the model, under a scenario if one is named.

        Raises
        ------
        CostModelError
            The scenario is unknown.
        """
        spec = self.spec
        overrides: dict[str, Expression] = {}
        if scenario is not None:
            one_of(scenario, list(spec.scenarios), "scenario")
            section = spec.scenarios[scenario]
            overrides = self._formulas(section.set, ["scenarios", scenario, "set"])
            spec = self._with_conventions(scenario)
        measures = list(dict.fromkeys(p.measure for p in spec.payoffs if p.kind == "cost"))
        return Model(
            name=self.name,
            money=Money(spec.currency, spec.price_year),
            parameters=self._money_of_parameters(),
            formulas=self._formulas(spec.formulas, ["formulas"]),
            conversions=self._conversions(),
            strategies=tuple(
                Strategy(
                    name=name,
                    label=section.label or name,
                    overrides=self._formulas(section.set, ["strategies", name, "set"]),
                )
                for name, section in spec.strategies.items()
            ),
            segments=self.segments,
            payoffs=tuple(self._payoff(payoff, index) for index, payoff in enumerate(spec.payoffs)),
            perspectives={key: tuple(value) for key, value in spec.perspectives.items()}
            or {"total": tuple(measures)},
            comparator=spec.comparator or next(iter(spec.strategies)),
            scenario=overrides,
            time=self._time(spec),
            discounting=self._discounting(spec),
            tables=self.tables,
            states=self._states(),
            tree=self._tree(),
            transitions=tuple(self._transition(item, index) for index, item in enumerate(spec.transitions)),
            orders=tuple(Order(item.lower, item.upper, item.on_crossed) for item in spec.orders),
        )

    def _tree(self) -> tuple[Node, ...]:
        nodes = []
        for index, section in enumerate(self.spec.tree):
            branches = [
                Branch(
                    item.name,
                    None
                    if item.probability == COMPLEMENT
                    else self._formula(
                        item.probability, ["tree", index, "branches", position, "probability"]
                    ),
                    item.to,
                )
                for position, item in enumerate(section.branches)
            ]
            nodes.append(Node(section.node, tuple(branches)))
        return tuple(nodes)

    def _states(self) -> States | None:
        section = self.spec.states
        if section is None:
            return None
        start = {
            name: None if value == COMPLEMENT else self._formula(value, ["states", "start", name])
            for name, value in section.start.items()
        }
        return States(
            names=tuple(section.names),
            start=start,
            tunnels=section.tunnels,
            inflow=self._formulas(section.inflow, ["states", "inflow"]),
            labels=section.labels,
        )

    def _transition(self, section: TransitionSection, index: int) -> Transition:
        key = "probability" if section.rate is None else "rate"
        given = section.probability if section.rate is None else section.rate
        value = None
        if given is not None and given != COMPLEMENT:
            value = self._formula(given, ["transitions", index, key])
        return Transition(section.source, section.target, value, section.rate is not None, section.on_invalid)

    def _with_conventions(self, scenario: str) -> StudySpec:
        """Return the study with the scenario's own [time] and [discounting] keys."""
        section = self.spec.scenarios[scenario]
        content = self.spec.model_dump(by_alias=True)
        content["time"] = {**content["time"], **section.time}
        content["discounting"] = {**content["discounting"], **section.discounting}
        found = Faults(FILE)
        changed = validate_spec(content, found)
        for item in found:
            self.note(
                f"scenario '{scenario}': {item.rule}",
                ["scenarios", scenario, *item.column.split(".")],
                item.found,
                item.remedy,
            )
        return changed or self.spec

    def note(self, rule: str, path: Sequence[Any], found: object = "", remedy: str = "") -> None:
        """Note a fault of study.toml at a key, once."""
        key = ".".join(str(part) for part in path)
        if not any(item.column == key and item.rule == rule for item in self.faults):
            row = line_of(self.text, list(path))
            self.faults.add(rule, file=FILE, row=row, column=key, found=found, remedy=remedy)

    def note_segment(self, rule: str, segment: Segment, column: str, found: str, remedy: str) -> None:
        """Note a fault of a cell of segments.csv, once."""
        place = ("segments.csv", segment.line, column)
        if not any((item.file, item.row, item.column) == place for item in self.faults):
            self.faults.add(rule, file=place[0], row=segment.line, column=column, found=found, remedy=remedy)

    def _formula(self, value: str | float, path: Sequence[Any]) -> Expression:
        try:
            if isinstance(value, str):
                return parse(value, name=str(path[-1]))
            return constant(float(value))
        except CostModelError as problem:
            self.note(str(problem), path)
            self.unread = True
            return constant(0.0)

    def _formulas(self, given: Mapping[str, str | float], path: Sequence[Any]) -> dict[str, Expression]:
        return {name: self._formula(value, [*path, name]) for name, value in given.items()}

    def _payoff(self, section: PayoffSection, index: int) -> Payoff:
        path = ["payoffs", index]
        discount = None if section.discount is None else self._formula(section.discount, [*path, "discount"])
        return Payoff(
            measure=section.measure,
            kind=section.kind,
            value=self._formula(section.value, [*path, "value"]),
            per=_per(section),
            states=tuple(self.spec.states_of(section)),
            enter=section.enter,
            transition=(section.transition[0], section.transition[-1]) if section.transition else None,
            branches=tuple(section.branches),
            within_cycle=_rule(section.within_cycle),
            timing=section.timing,
            discount=discount,
        )

    def _time(self, spec: StudySpec) -> Time:
        section = spec.time
        age = None if section.start_age is None else self._formula(section.start_age, ["time", "start_age"])
        rule = _rule(section.within_cycle)
        assert rule is not None
        time = Time(section.cycle_months, section.horizon_years, rule, age)
        try:
            cycles = time.n_cycles
        except CostModelError as problem:
            self.note(str(problem), ["time", "horizon_years"], section.horizon_years)
            return replace(time, horizon_years=time.cycle_years)
        for own, path in [(rule, ["time", "within_cycle"])] + [
            (tuple(payoff.within_cycle), ["payoffs", index, "within_cycle"])
            for index, payoff in enumerate(spec.payoffs)
            if isinstance(payoff.within_cycle, list)
        ]:
            if not isinstance(own, str) and len(own) != cycles + 1:
                self.note(
                    f"explicit weights must be one per boundary: {cycles} cycles have {cycles + 1}",
                    path,
                    f"{len(own)} weights",
                )
        return time

    def _discounting(self, spec: StudySpec) -> Discounting:
        section = spec.discounting
        for name in ("costs", "effects"):
            rate = getattr(section, name)
            if isinstance(rate, float | int) and not 0 <= rate <= 1:
                self.note(
                    "a yearly discount rate must lie in [0, 1]",
                    ["discounting", name],
                    rate,
                    "write 3 % as 0.03",
                )
        return Discounting(
            costs=self._formula(section.costs, ["discounting", "costs"]),
            effects=self._formula(section.effects, ["discounting", "effects"]),
            method=section.method,
            timing=section.timing,
        )

    def _conversions(self) -> dict[Money, Expression]:
        found = {}
        for key, section in self.spec.conversions.items():
            try:
                money = Money.parse(key)
            except CostModelError as problem:
                self.note(str(problem), ["conversions", key])
                continue
            found[money] = self._formula(section.factor, ["conversions", key, "factor"])
        return found

    def _money_of_parameters(self) -> dict[str, Money | None]:
        study = Money(self.spec.currency, self.spec.price_year)
        conversions = set(self.spec.conversions)
        result: dict[str, Money | None] = {}
        for name, parameter in self.parameters.items():
            currency = currency_of(parameter.unit) or parameter.currency
            if not currency or parameter.price_year is None:
                result[name] = None
                continue
            money = Money(currency, parameter.price_year)
            result[name] = money
            if money != study and str(money) not in conversions:
                result[name] = None
                self._money_fault(name, parameter.line, money, study)
        return result

    def _money_fault(self, name: str, line: int | None, money: Money, study: Money) -> None:
        rule = f"is in {money}, but the study's costs are in {study}"
        if any(item.rule == rule and item.found == name for item in self.faults):
            return
        self.faults.add(
            rule,
            file="parameters.csv" if line else FILE,
            row=line or line_of(self.text, ["data" if name in self.spec.data else "prices", name]),
            column="price_year" if money.currency == study.currency else "currency",
            found=name,
            remedy=f'give the value in {study}, or add [conversions] "{money}" = '
            "{ factor = …, reason = … } to study.toml",
        )


def _per(section: PayoffSection) -> Per:
    if section.enter or section.transition:
        return "event"
    return "once" if section.branches else section.per or "year"


def _rule(rule: str | list[float] | None) -> WithinCycle | None:
    return tuple(rule) if isinstance(rule, list) else rule


def load_tables(folder: Path, faults: Faults, wanted: set[str]) -> dict[str, LookupTable]:
    """Read the look-up tables that formulas use from the study's tables/ folder."""
    from costmodel.tables import read_csv

    found = {}
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
        if path.stem not in wanted:
            continue
        try:
            found[path.stem] = LookupTable.from_raw(read_csv(path, name=f"tables/{path.name}"))
        except CostModelError as problem:
            items = getattr(problem, "items", None)
            if items:
                faults.extend(items)
            else:
                faults.add(str(problem), file=f"tables/{path.name}")
    return found
