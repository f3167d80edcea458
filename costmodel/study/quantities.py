"""The numbers that claims and validation speak of, each over the same draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import CostModelError, Faults
from costmodel.formulas import parse
from costmodel.model import Model
from costmodel.model.layers import closure, plain, resolve
from costmodel.model.values import Environment, environments
from costmodel.study.claims_schema import CLAIMS_FILE, QuantitySection
from costmodel.study.read import Study
from costmodel.study.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
SUFFIXES = ("", "_base", "_low", "_high", "_p_positive")
_LEVEL = 0.95
_LEAST_DRAWS = 2
_BARELY = 0.01


@dataclass(frozen=True)
class Quantity:
    """A number with what the draws say of it.

    Parameters
    ----------
    name, label, unit : str
    base : float
        In the base case.
    mean : float
        Over the draws.
    low, high : float
        Ends of the 95 % interval of the draws.
    p_positive : float
        Share of the draws in which it is above 0.
    recalled : tuple of str
        Parameters that it rests on whose values were recalled from memory and not checked.
    elicited : tuple of str
        Parameters that it rests on whose values somebody judged, because no estimate was found.
    values : array, shape (draws,)
    """

    name: str
    label: str
    unit: str
    base: float
    mean: float
    low: float
    high: float
    p_positive: float
    recalled: tuple[str, ...] = ()
    elicited: tuple[str, ...] = ()
    values: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def names(self) -> dict[str, float]:
        """Return what rules may use: the mean under the quantity's name, the rest with an ending."""
        numbers = (self.mean, self.base, self.low, self.high, self.p_positive)
        return {f"{self.name}{suffix}": value for suffix, value in zip(SUFFIXES, numbers, strict=True)}

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        share = f"above 0 in {share_words(self.p_positive)} of draws"
        doubt = f"; rests on recalled values: {', '.join(self.recalled)}" if self.recalled else ""
        return (
            f"{self.label} {_show(self.mean)}{unit} "
            f"(95 % interval {_show(self.low)} to {_show(self.high)}; {share}{doubt})"
        )


def _show(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004


def share_words(share: float) -> str:
    """Return a share in per cent; nearly all is never shown as all, nor hardly any as none."""
    if 0 < share < _BARELY:
        return "less than 1 %"
    return "more than 99 %" if 1 - _BARELY < share < 1 else f"{100 * share:.0f} %"


def evaluate_quantities(
    study: Study,
    sections: Mapping[str, QuantitySection],
    *,
    sample: Sample,
) -> dict[str, Quantity]:
    """Evaluate every quantity over the draws and in the base case.

    Parameters
    ----------
    study : Study
    sections : mapping of str to QuantitySection
        Checked, as :func:`costmodel.study.claims.read_claims` gives them.
    sample : Sample
        The study evaluated with many draws, under a scenario or none.

    Raises
    ------
    CostModelError
        There is one draw, which has no interval.
    DataError
        Formulas that have no value, or more than one: all of them.
    """
    if sample.draws.n < _LEAST_DRAWS:
        raise CostModelError(
            f"claims of '{study.name}' need several draws: one has no interval; pass draws=study.draws(1000)"
        )
    model = sample.model
    runs = (sample, sample.with_draws(study.draws()))
    faults, found = Faults(CLAIMS_FILE), {}
    for name, section in sections.items():
        try:
            values, base = (section.sign * _values(name, section, run) for run in runs)
        except CostModelError as problem:
            faults.add(str(problem), column=f"quantities.{name}")
            continue
        known = _by_status(study, model, section)
        found[name] = _quantity(name, section, values, float(base[0]), known)
    faults.raise_if_any(f"the quantities of '{study.name}' cannot be computed")
    return found


def _quantity(
    name: str,
    section: QuantitySection,
    values: Floats,
    base: float,
    known: Mapping[str, tuple[str, ...]],
) -> Quantity:
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Quantity(
        name=name,
        label=section.label or name,
        unit=section.unit,
        base=base,
        mean=float(values.mean()),
        low=float(low),
        high=float(high),
        p_positive=float((values > 0).mean()),
        recalled=known["recalled"],
        elicited=known["elicited"],
        values=values,
    )


def _values(name: str, section: QuantitySection, run: Sample) -> Floats:
    """Return one number per draw, (draws,)."""
    if section.formula:
        return formula_values(section, run, name=name)
    segment = section.segment or None
    if section.perspective:
        amounts = run.outcomes.cost(section.perspective, segment=segment)
    else:
        amounts = run.outcomes.total(section.measure, segment=segment)
    if section.per:
        amounts = _divided(amounts, section, run)
    own = amounts[run.outcomes.strategies.index(section.strategy)]
    if not section.versus:
        return np.asarray(own)
    return np.asarray(own - amounts[run.outcomes.strategies.index(section.versus)])


def _divided(amounts: Floats, section: QuantitySection, run: Sample) -> Floats:
    """Return the amounts over the measure by which they are divided, (strategy, draws)."""
    below = run.outcomes.total(section.per, segment=section.segment or None)
    if not (below != 0).all():
        raise CostModelError(f"'{section.per}' is 0 in some draw or strategy: nothing can be divided by it")
    return np.asarray(amounts / below)


def formula_values(section: QuantitySection, run: Sample, *, name: str) -> Floats:
    """Return the value of a section's formula in every draw, (draws,).

    Raises
    ------
    CostModelError
        It differs between strategies or segments and names none, or it changes over cycles.
    """
    expression = parse(section.formula, name=name)
    found = environments(run.model, run.draws, expression.names)
    chosen = [section.strategy] if section.strategy else list(found)
    each = [_one(name, section, found[strategy], run) for strategy in chosen]
    if any(not np.array_equal(each[0], other) for other in each):
        raise CostModelError(f"the formula '{section.formula}' differs between strategies: give the strategy")
    return each[0]


def _one(name: str, section: QuantitySection, environment: Environment, run: Sample) -> Floats:
    array = environment.evaluate(parse(section.formula, name=name), name)
    if not (array == array[..., :1]).all():
        raise CostModelError(f"the formula '{section.formula}' changes over cycles: a quantity is one number")
    by_segment = np.broadcast_to(array[..., 0], (run.draws.n, len(run.model.segments)))
    if section.segment:
        return np.asarray(by_segment[:, [one.name for one in run.model.segments].index(section.segment)])
    if not (by_segment == by_segment[:, :1]).all():
        raise CostModelError(f"the formula '{section.formula}' differs between segments: give the segment")
    return np.asarray(by_segment[:, 0])


def _by_status(study: Study, model: Model, section: QuantitySection) -> dict[str, tuple[str, ...]]:
    """Return the parameters that a quantity rests on and that were recalled, or elicited."""
    from costmodel.analysis.one_way import used_parameters

    if section.formula:
        names = parse(section.formula).names
        rested = [closure(resolve(model, strategy), names) for strategy in model.strategies]
        used = {plain(name) for name in set().union(*rested)}
    else:
        members = (*model.perspectives.get(section.perspective, (section.measure,)), section.per)
        own = tuple(payoff for payoff in model.payoffs if payoff.measure in members)
        used = used_parameters(replace(model, payoffs=own))
    rows = sorted((name, row.status) for name, row in study.parameters.items() if name in used)
    return {status: tuple(name for name, own in rows if own == status) for status in ("recalled", "elicited")}


def quantity_frame(quantities: Mapping[str, Quantity]) -> pd.DataFrame:
    """Return one row per quantity; ``recalled`` and ``elicited`` are text."""
    import pandas as pd

    rows = []
    for one in quantities.values():
        row = asdict(one) | {"recalled": ", ".join(one.recalled), "elicited": ", ".join(one.elicited)}
        del row["values"]
        rows.append(row)
    names = [name for name in Quantity.__dataclass_fields__ if name != "values"]
    return pd.DataFrame(rows, columns=names)
