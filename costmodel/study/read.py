"""Reads a study folder. Opening somebody else's study never executes their code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from costmodel.checks import did_you_mean
from costmodel.datasets import data_root
from costmodel.errors import CostModelError, DataError, Faults
from costmodel.formulas import FormulaError, LookupTable, parse
from costmodel.inputs import (
    Bibliography,
    Design,
    Draws,
    Parameters,
    base_draws,
    read_bibliography,
    read_parameters,
)
from costmodel.model import Model, Outcomes, evaluate
from costmodel.model.resample import redraw, redraws
from costmodel.populations import Segment, read_segments
from costmodel.study.bind import Bound, bind_to_data, bind_to_price
from costmodel.study.build import Builder, load_tables
from costmodel.study.check import check_labels, check_model, check_unused, known_names
from costmodel.study.check_budget import budget_formulas, check_budget
from costmodel.study.check_disclosure import check_disclosure
from costmodel.study.check_report import check_report
from costmodel.study.check_states import check_states
from costmodel.study.progress import progress_of
from costmodel.study.schema import StudySpec
from costmodel.study.toml import FILE, line_of, read_spec
from costmodel.study.values import set_values
from costmodel.tables import read_csv

Read = TypeVar("Read")


@dataclass(frozen=True)
class Study:
    """A study: a folder of tables, read and checked.

    Parameters
    ----------
    name : str
        Name of the folder.
    folder : Path
    spec : StudySpec
        The content of study.toml.
    parameters : Parameters
        The rows of parameters.csv and the parameters bound to tables.
    segments : tuple of Segment
    bibliography : Bibliography
    tables : mapping of str to LookupTable
    bound : mapping of str to Bound
        The parameters read from tables, with the rows that gave them.
    """

    name: str
    folder: Path
    spec: StudySpec
    parameters: Parameters
    segments: tuple[Segment, ...]
    bibliography: Bibliography
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    bound: Mapping[str, Bound] = field(default_factory=dict)

    @cached_property
    def base_model(self) -> Model:
        """The model without a scenario."""
        return self.model()

    def model(self, scenario: str | None = None) -> Model:
        """Return the model, under a named scenario if one is given.

        Raises
        ------
        CostModelError
            The scenario is unknown; the message names the nearest.
        """
        builder = Builder(
            self.spec,
            name=self.name,
            parameters=self.parameters,
            segments=self.segments,
            tables=self.tables,
            faults=Faults(FILE),
        )
        return builder.build(scenario)

    def with_values(self, **values: float) -> Study:
        """Return the study with other, fixed values of its parameters, such as those of one person.

        A formula, strategy or segment that sets the same name still wins over the value.

        Parameters
        ----------
        **values : float
            By name, each in the parameter's own unit.

        Raises
        ------
        DataError
            Every name that is unknown, read from a table or drawn together with others; every value out of
            range (the ``low`` and ``high`` of a fixed row), or neither 0 nor 1 where the unit says so.
        CostModelError
            The base case cannot be evaluated with these values.

        Examples
        --------
        >>> import costmodel as cm
        >>> person = cm.read_study("clonazepam-one-person").with_values(dose_mg=2, age_start=80)
        >>> round(float(person.run().cost("drug", segment="uninsured")[-1, 0]), 2)
        141.92
        """
        changed = replace(self, parameters=set_values(self.parameters, values, self.bound))
        evaluate(changed.base_model, changed.draws())
        return changed

    def draws(self, n: int = 1, *, seed: int | None = None, method: str | None = None) -> Draws:
        """Return the base case (``n`` = 1) or ``n`` draws of the uncertain parameters."""
        if n == 1:
            return base_draws(self.parameters)
        return self._design(n, seed, method).draws()

    def _design(self, n: int, seed: int | None, method: str | None = None) -> Design:
        settings = self.spec.analysis
        return Design(
            self.parameters, n, settings.seed if seed is None else seed, method or settings.sampling
        )

    def run(
        self,
        scenario: str | None = None,
        *,
        n: int = 1,
        seed: int | None = None,
        progress: bool | None = None,
    ) -> Outcomes:
        """Evaluate the study: the base case, or ``n`` draws.

        Where a transition or an order says ``resample``, draws that give no probabilities, or cross, are
        replaced by later ones; ``resampled`` of the outcomes counts them. Time grows in proportion to draws,
        segments, strategies, transitions and cycles; memory in proportion to draws, segments, strategies,
        measures and years, for the outcomes alone.

        Parameters
        ----------
        scenario : str, optional
        n : int
            Number of draws; 1 is the base case.
        seed : int, optional
            The study's own if left out.
        progress : bool, optional
            Whether a progress bar is shown; if left out, in a terminal with more than 200,000 draws.

        Examples
        --------
        >>> import costmodel as cm
        >>> outcomes = cm.read_study("clonazepam-us-prices").run()
        >>> [round(float(cost), 2) for cost in outcomes.total("ingredient")[:, 0]][::2]
        [1555.02, 14.17]
        """
        model = self.model(scenario)
        if n == 1:
            return evaluate(model, self.draws())
        drawn: Draws | Design = self._design(n, seed)
        rejected = 0
        if redraws(model):
            drawn, rejected = redraw(model, lambda count: self.draws(count, seed=seed), n)
        with progress_of(n, self.name, shown=progress) as done:
            outcomes = evaluate(model, drawn, done=done)
        return replace(outcomes, resampled=rejected) if rejected else outcomes


def find_study(name: str | Path) -> Path:
    """Return the folder of a study: a path, or the name of a bundled study.

    Raises
    ------
    CostModelError
        Neither exists; the message names the nearest bundled study.
    """
    given = Path(name)
    if (given / FILE).is_file():
        return given
    if given.name == FILE and given.is_file():
        return given.parent
    bundled = data_root() / "studies"
    if (bundled / str(name) / FILE).is_file():
        return bundled / str(name)
    if given.is_dir():
        raise CostModelError(f"{given} is no study: it holds no {FILE}")
    names = sorted(path.parent.name for path in bundled.glob(f"*/{FILE}"))
    raise CostModelError(f"there is no study '{name}'; {did_you_mean(str(name), names)}, or give a folder")


def read_study(name: str | Path) -> Study:
    """Read and check a study folder.

    Parameters
    ----------
    name : str or Path
        A folder, or the name of a bundled study such as ``clonazepam-us-prices``.

    Returns
    -------
    Study

    Raises
    ------
    DataError
        All faults of all files of the study, each with file, line, rule and remedy.
    CostModelError
        There is no such study.
    """
    folder = find_study(name).resolve()
    faults = Faults(FILE)
    summary = f"study '{folder.name}' cannot be used"
    spec = read_spec(folder / FILE, faults)
    parameters = _optional(folder / "parameters.csv", _parameters_of(folder), Parameters.of(), faults)
    everyone: tuple[Segment, ...] = (Segment.everyone(),)
    segments = _optional(folder / "segments.csv", read_segments, everyone, faults)
    bibliography = _optional(folder / "references.bib", read_bibliography, Bibliography({}), faults)
    if spec is None:
        faults.raise_if_any(summary)
        raise AssertionError
    text = (folder / FILE).read_text("utf-8-sig")
    bound = _bind(spec, folder, parameters, faults, text)
    parameters = parameters.including(*(item.parameter for item in bound.values()))
    if not any(item.file == "references.bib" for item in faults):
        _check_sources(parameters, bibliography, faults)
    study = Study(folder.name, folder, spec, parameters, segments, bibliography, {}, bound)
    study = _with_tables(study, faults)
    _check(study, faults, text, claimed=_claimed(spec, folder))
    faults.raise_if_any(summary)
    return study


def _parameters_of(folder: Path) -> Callable[[Path], Parameters]:
    return lambda path: read_parameters(path, tables=folder / "tables")


def _optional(path: Path, read: Callable[[Path], Read], missing: Read, faults: Faults) -> Read:
    """Read a file of the study if it is there, taking over its faults."""
    if not path.is_file():
        return missing
    try:
        return read(path)
    except DataError as problem:
        faults.extend(problem.items)
    except CostModelError as problem:
        faults.add(str(problem), file=path.name)
    return missing


def _bind(
    spec: StudySpec, folder: Path, parameters: Parameters, faults: Faults, text: str
) -> dict[str, Bound]:
    found: dict[str, Bound] = {}
    bindings = [("prices", name) for name in spec.prices] + [("data", name) for name in spec.data]
    for section, name in bindings:
        place: dict[str, Any] = {"row": line_of(text, [section, name]), "column": f"{section}.{name}"}
        if name in parameters or name in found:
            faults.add(
                "a parameter may be defined only once", found=name, remedy="rename one of them", **place
            )
            continue
        try:
            if section == "prices":
                found[name] = bind_to_price(name, spec.prices[name], study=folder)
            else:
                found[name] = bind_to_data(name, spec.data[name], study=folder)
        except CostModelError as problem:
            faults.add(str(problem), **place)
    return found


def _check_sources(parameters: Parameters, bibliography: Bibliography, faults: Faults) -> None:
    for parameter in parameters.values():
        for source in parameter.sources:
            if not source.startswith("table:") and source not in bibliography:
                faults.add(
                    "source is not in references.bib",
                    file="parameters.csv",
                    row=parameter.line,
                    column="source",
                    found=source,
                    remedy=did_you_mean(source, list(bibliography)),
                )


def _with_tables(study: Study, faults: Faults) -> Study:
    """Load the look-up tables that the study's formulas name."""
    wanted: set[str] = set()
    for value in _formula_texts(study.spec):
        if isinstance(value, str):
            try:
                wanted |= parse(value).tables
            except FormulaError:
                continue
    for segment in study.segments:
        wanted |= set().union(*(cell.tables for cell in (segment.size, *segment.overrides.values())))
    tables = load_tables(study.folder / "tables", faults, wanted)
    return replace(study, tables=tables)


def _formula_texts(spec: StudySpec) -> Iterator[str | float | None]:
    """Give whatever in study.toml may be a formula."""
    yield from spec.formulas.values()
    for strategy in spec.strategies.values():
        yield from strategy.set.values()
    for scenario in spec.scenarios.values():
        yield from scenario.set.values()
    for payoff in spec.payoffs:
        yield from (payoff.value, payoff.discount)
    for transition in spec.transitions:
        yield from (transition.probability, transition.rate)
    for node in spec.tree:
        yield from (branch.probability for branch in node.branches)
    if spec.states is not None:
        yield from (*spec.states.start.values(), *spec.states.inflow.values())
    yield from (spec.time.start_age, spec.discounting.costs, spec.discounting.effects)
    yield from (conversion.factor for conversion in spec.conversions.values())
    if spec.budget is not None:
        yield from (value for _, value in budget_formulas(spec.budget))
    if spec.report.savings is not None:
        yield from (item.cost for item in spec.report.savings.buys)


def _claimed(spec: StudySpec, folder: Path) -> frozenset[str]:
    """Return the names that the study's files mean to define, also where their definition is at fault."""
    names = {*spec.prices, *spec.data}
    try:
        names |= {row.get("name", "") for row in read_csv(folder / "parameters.csv").records()}
    except CostModelError:
        return frozenset(names)
    return frozenset(names)


def _check(study: Study, faults: Faults, text: str, *, claimed: frozenset[str]) -> None:
    """Check names under every scenario, then evaluate the base case of each."""
    builder = Builder(
        study.spec,
        name=study.name,
        parameters=study.parameters,
        segments=study.segments,
        tables=study.tables,
        faults=faults,
        text=text,
        claimed=claimed if len(faults) else frozenset(),
    )
    models = {scenario: builder.build(scenario) for scenario in (None, *study.spec.scenarios)}
    used: set[str] = set()
    for scenario, model in models.items():
        used |= check_model(builder, model, scenario=scenario)
    check_labels(builder, models[None])
    check_states(builder, models[None])
    used |= check_budget(builder, models[None])
    check_disclosure(builder, models[None])
    used |= check_report(builder, models[None], known_names(models[None]) | builder.claimed)
    if len(faults):
        return
    check_unused(builder, used)
    for scenario, model in models.items():
        try:
            evaluate(model, base_draws(study.parameters))
        except CostModelError as problem:
            where = f"scenarios.{scenario}" if scenario else "formulas"
            faults.add(f"base case: {problem}", column=where)
