"""A change split into price, volume and their interaction, for costs, QALYs and events alike.

The four corners of the change (old or new price, old or new use) are evaluated with the same draws by the
one evaluation path. What differs between corners is what the change sets, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.summary import ALL
from costmodel.checks import did_you_mean, in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.formulas import Expression, constant, parse
from costmodel.inputs import Design, Draws
from costmodel.model import Model, Outcomes, evaluate
from costmodel.model.layers import closure, plain, resolve

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Override = Expression | str | float
Per = Literal["person", "population"]
PARTS = ("price_effect", "volume_effect", "interaction", "total")


@dataclass(frozen=True, eq=False)
class Parts:
    """A change in three parts that add up to it. Positive: the new is more than the old.

    Attributes
    ----------
    price_effect : array
        New price, old use: the same people, the same use.
    volume_effect : array
        Old price, new use: more people, longer use, with its benefits and its harms.
    interaction : array
        What is left of the whole: the new price on the added use.
    total : array
        The whole change.
    """

    price_effect: Floats
    volume_effect: Floats
    interaction: Floats
    total: Floats


@dataclass(frozen=True)
class Change:
    """What changes, as overrides of parameters or formulas that win over strategies, as a scenario's do.

    Parameters
    ----------
    strategy : str
        The strategy under which the change happens.
    price, use : mapping of str to Expression, str or float
        Names and their new values or formulas: of what is paid, and of who uses how much for how long. A
        study names them as two scenarios: ``Change("brand", study.model("generic_price").scenario,
        study.model("wider_use").scenario)``. Either may be empty: its effect is then exactly 0.

    Raises
    ------
    CostModelError
        Nothing is changed, or a name is both price and use.
    """

    strategy: str
    price: Mapping[str, Override] = field(default_factory=dict)
    use: Mapping[str, Override] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.price and not self.use:
            raise CostModelError("a change must set at least one name, of the price or of the use")
        both = sorted(set(self.price) & set(self.use))
        if both:
            raise CostModelError(
                f"a name belongs to the price or to the use, not to both; found '{both[0]}' in both"
            )


@dataclass(frozen=True, eq=False)
class Corners:
    """Outcomes of one strategy, alone, at the four corners of a change, from the same draws.

    Attributes
    ----------
    strategy : str
    old_old, new_old, old_new, new_new : Outcomes
        Price first, then use: ``new_old`` is the new price at the old use.
    """

    strategy: str
    old_old: Outcomes
    new_old: Outcomes
    old_new: Outcomes
    new_new: Outcomes

    def __iter__(self) -> Iterator[Outcomes]:
        return iter((self.old_old, self.new_old, self.old_new, self.new_new))


def split_corners(old_old: ArrayLike, new_old: ArrayLike, old_new: ArrayLike, new_new: ArrayLike) -> Parts:
    """Split the change from ``old_old`` to ``new_new`` into price, volume and interaction.

    Parameters
    ----------
    old_old, new_old, old_new, new_new : float or array
        One amount at each corner; price first, then use. Arrays broadcast.

    Returns
    -------
    Parts
        The interaction is the whole less the other two parts, so that they sum to the whole. Where the new
        price moves nothing at either use, price effect and interaction are exactly 0.

    Raises
    ------
    CostModelError
        An amount is not finite.

    Examples
    --------
    100 units at 10 become 120 units at 4:

    >>> parts = split_corners(10 * 100, 4 * 100, 10 * 120, 4 * 120)
    >>> [getattr(parts, name).item() for name in PARTS]
    [-600.0, 200.0, -120.0, -520.0]
    """
    corners = [np.asarray(corner, dtype=float) for corner in (old_old, new_old, old_new, new_new)]
    if not all(np.isfinite(corner).all() for corner in corners):
        raise CostModelError("a change can be split only where all four corners are finite numbers")
    first, cheaper, wider, last = np.broadcast_arrays(*corners)
    total, price, volume = last - first, cheaper - first, wider - first
    return Parts(price, volume, np.asarray(total - price - volume), total)


def evaluate_corners(model: Model, draws: Draws | Design, change: Change) -> Corners:
    """Evaluate the four corners of a change with the same draws.

    Raises
    ------
    CostModelError
        The strategy or a name is unknown (the nearest is named); the model's scenario sets a name already;
        or use rests on price, or price on use, so that one cannot be held while the other changes.
    """
    one_of(change.strategy, [one.name for one in model.strategies], "strategy")
    price, use = _formulas(change.price), _formulas(change.use)
    _check_names(model, {**price, **use})
    both = _with(model, {**price, **use})
    for corner in (model, both):
        _check_apart(corner, change)
    alone = replace(model, strategies=(model.strategy(change.strategy),), comparator=change.strategy)
    models = (alone, *(_with(alone, changed) for changed in (price, use, {**price, **use})))
    return Corners(change.strategy, *(evaluate(one, draws) for one in models))


def decompose(
    model: Model,
    draws: Draws | Design,
    change: Change,
    *,
    segment: str | None = None,
    per: Per = "person",
    level: float = 0.95,
) -> pd.DataFrame:
    """Split a change of every cost and effect into price effect, volume effect and interaction.

    Parameters
    ----------
    model : Model
    draws : Draws or Design
        One draw, the base case, or many; each corner is evaluated with all of them.
    change : Change
    segment : str, optional
        One segment; all of them, by size, if left out.
    per : {"person", "population"}
        Amounts per person, or times the people there are: needed where the use sets how many there are.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per perspective (of kind ``perspective``), then one per measure: ``measure``, ``kind``,
        ``segment``; ``old`` and ``new``; ``price_effect, volume_effect, interaction`` and ``total``, the
        means over draws, whose parts sum to the whole. With several draws also each one's ``…_low`` and
        ``…_high``, the interval of the draws; ends of intervals do not sum. Everything is discounted.

    Raises
    ------
    CostModelError
        As :func:`evaluate_corners`; a segment is unknown; the level is not inside (0, 1); or per person, the
        change moves the number of people.

    Notes
    -----
    The split is that of a product's difference around its old values: ``p1 q1 - p0 q0 = (p1 - p0) q0 +
    p0 (q1 - q0) + (p1 - p0) (q1 - q0)``, generalised to any model by evaluating it at the corners.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> change = Change("brand", price={"price": "price_generic"})
    >>> table = decompose(two_prices(), two_prices_draws(), change)
    >>> table.loc[0, ["old", "new", *PARTS]].astype(float).tolist()
    [400.0, 100.0, -300.0, 0.0, 0.0, -300.0]
    """
    return decomposition(evaluate_corners(model, draws, change), segment=segment, per=per, level=level)


def decomposition(
    corners: Corners, *, segment: str | None = None, per: Per = "person", level: float = 0.95
) -> pd.DataFrame:
    """Return the table of :func:`decompose` for corners that have been evaluated."""
    import pandas as pd

    in_interval(level, "level", low=0, high=1, open_low=True, open_high=True)
    one_of(per, ("person", "population"), "per")
    if per == "person":
        _check_people(corners)
    rows = []
    for name, kind in _measures(corners.old_old):
        amounts = [_amount(one, corners.strategy, (name, kind), segment, per) for one in corners]
        row: dict[str, object] = {"measure": name, "kind": kind, "segment": segment or ALL}
        rows.append(row | _row(amounts, level))
    return pd.DataFrame(rows)


def _measures(outcomes: Outcomes) -> Iterator[tuple[str, str]]:
    for name in outcomes.perspectives:
        yield name, "perspective"
    yield from outcomes.measures.items()


def _amount(
    outcomes: Outcomes, strategy: str, measure: tuple[str, str], segment: str | None, per: Per
) -> Floats:
    """Return one amount per draw, (draws,)."""
    name, kind = measure
    found = outcomes.cost if kind == "perspective" else outcomes.total
    values = found(name, segment=segment)[outcomes.strategies.index(strategy)]
    return np.asarray(values if per == "person" else values * _people(outcomes, segment))


def _people(outcomes: Outcomes, segment: str | None) -> Floats:
    if segment is None:
        return np.asarray(outcomes.sizes.sum(axis=1))
    return np.asarray(outcomes.sizes[:, outcomes.segments.index(segment)])


def _row(amounts: list[Floats], level: float) -> dict[str, float]:
    means = [float(values.mean()) for values in amounts]
    whole = split_corners(*means)
    row = {"old": means[0], "new": means[-1], **{name: float(getattr(whole, name)) for name in PARTS}}
    if len(amounts[0]) == 1:
        return row
    by_draw = split_corners(*amounts)
    for name in PARTS:
        ends = np.quantile(getattr(by_draw, name), [(1 - level) / 2, (1 + level) / 2])
        row |= {f"{name}_low": float(ends[0]), f"{name}_high": float(ends[1])}
    return row


def _formulas(overrides: Mapping[str, Override]) -> dict[str, Expression]:
    return {name: _formula(name, value) for name, value in overrides.items()}


def _formula(name: str, value: Override) -> Expression:
    if isinstance(value, Expression):
        return value
    return parse(value, name=name) if isinstance(value, str) else constant(float(value))


def _with(model: Model, overrides: Mapping[str, Expression]) -> Model:
    return replace(model, scenario={**model.scenario, **overrides})


def _check_names(model: Model, overrides: Mapping[str, Expression]) -> None:
    places = [one.overrides for one in model.strategies] + [one.overrides for one in model.segments]
    known = set(model.parameters) | set(model.formulas) | set().union(*places)
    for name in overrides:
        if name in model.scenario:
            raise CostModelError(
                f"the model's scenario sets '{name}' already: split the change without the scenario, or "
                "under one that leaves the name alone"
            )
        if name not in known:
            raise CostModelError(f"the change sets '{name}', which is unknown; {did_you_mean(name, known)}")


def _check_apart(model: Model, change: Change) -> None:
    """Refuse a change whose use would move with its price, or the other way round."""
    rules = resolve(model, model.strategy(change.strategy))
    sides = (("use", change.use, "price", change.price), ("price", change.price, "use", change.use))
    for what, names, other, others in sides:
        for name in names:
            reached = sorted({plain(one) for one in closure(rules, [name])} & set(others))
            if reached:
                raise CostModelError(
                    f"the {what} '{name}' rests on the {other} '{reached[0]}', so that one cannot be held "
                    f"while the other changes: let '{name}' rest on a name of its own, such as the "
                    f"{other} that is expected, and set that name with the {what}"
                )


def _check_people(corners: Corners) -> None:
    first = corners.old_old.sizes
    if any(not np.array_equal(first, one.sizes) for one in corners):
        raise CostModelError(
            "the change moves how many people there are, which amounts per person would hide: "
            "ask for per='population'"
        )
