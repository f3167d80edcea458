"""Budget impact: what a payer and its patients pay with and without a change of treatment, year by year.

The method is that of ISPOR's principles of good practice (Sullivan et al. 2014, Value in Health 17:5-14):
the payer's perspective, an open population, shares in two worlds, calendar years, and no discounting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from costmodel.analysis.budget_inputs import DISPENSING, DRUG, MARK_UP, REBATE, Course, Population
from costmodel.analysis.budget_result import BudgetImpact
from costmodel.analysis.overdraws import Floats, n_draws
from costmodel.analysis.uptake import Uptake
from costmodel.checks import did_you_mean, one_of
from costmodel.errors import CostModelError

PerSegment = Uptake | Mapping[str, Uptake]


def budget_impact(
    populations: Population | Sequence[Population],
    courses: Iterable[Course],
    *,
    without: PerSegment,
    with_change: PerSegment,
    years: int,
    shares_of: str = "treated",
    currency: str = "",
    rounded: bool = False,
) -> BudgetImpact:
    """Compare what is paid with and without a change, over calendar years, undiscounted.

    Parameters
    ----------
    populations : Population or sequence of Population
        One per segment.
    courses : iterable of Course
        One per product, each named by at least one of the uptakes.
    without, with_change : Uptake, or mapping of segment to Uptake
        Shares in the world as it is, and in the world with the change.
    years : int
    shares_of : {"treated", "starting"}, default "treated"
        ``treated``: shares of everybody eligible in the year. Those who stay by their persistence keep
        their clock; the rest of the share starts anew; where the share shrinks below those who would stay,
        every cohort gives up the same part. ``starting``: shares of those who enter the pool in the year
        (in year 1 everybody); how many are on a product then follows from its persistence, and those who
        stop cost nothing more.
    currency : str
    rounded : bool, default False
        Round eligible people, and people per product, to whole numbers, as some published programs do.
        Products then need not sum to those eligible. Costs are never rounded.

    Returns
    -------
    BudgetImpact

    Raises
    ------
    CostModelError
        An uptake covers other years, a product has no course or a course no uptake, a segment is named
        twice or has no uptake, inputs differ in their number of draws, or ``rounded`` is asked for with
        shares of those starting.

    Notes
    -----
    People on a product in a year are cohorts by year of start. Each cohort runs through its own years since
    start, for persistence and for costs that depend on it, while prices run through calendar years:
    ``cost(t) = sum over k of people(t, k) × cost per patient-year(since start k, calendar year t)``.

    Examples
    --------
    >>> impact = budget_impact(
    ...     Population(segment="adults", eligible=100, members=10_000),
    ...     [Course(product="brand", drug=1000), Course(product="generic", drug=50)],
    ...     without=Uptake.constant({"brand": 0.5, "generic": 0.5}, years=2),
    ...     with_change=Uptake.linear(
    ...         {"brand": 0.5, "generic": 0.5}, {"brand": 0.1, "generic": 0.9}, years=2, over=2
    ...     ),
    ...     years=2,
    ... )
    >>> impact.amounts("impact").round(6).tolist()
    [[-19000.0, -38000.0]]
    """
    segments = [populations] if isinstance(populations, Population) else list(populations)
    names = _distinct([one.segment for one in segments], "segment")
    by_product = {one.product: one for one in courses}
    one_of(shares_of, ("treated", "starting"), "shares_of")
    if rounded and shares_of == "starting":
        raise CostModelError("whole people are defined for shares of the treated only: leave rounded out")
    worlds = [_per_segment(one, names, years) for one in (without, with_change)]
    products = _products(worlds, by_product)
    priced = {name: by_product[name].costs(years) for name in products}
    stays = np.stack(_level([by_product[name].staying_on(years) for name in products]), axis=2)
    pools = [one.people(years) for one in segments]
    pools = [np.rint(one) for one in pools] if rounded else pools
    cohorts = [
        [
            _cohorts(
                segment, pool, _ordered(world[segment.segment], products), stays, shares_of, rounded=rounded
            )
            for segment, pool in zip(segments, pools, strict=True)
        ]
        for world in worlds
    ]
    flat = [one for world in cohorts for one in world]
    n = n_draws(
        [*flat, *pools, *(x for c in priced.values() for pair in c.values() for x in pair)], "the inputs"
    )
    components = _components(priced)
    members = [one.members_by_year(years) for one in segments]
    return BudgetImpact(
        segments=tuple(names),
        products=tuple(products),
        components=tuple(components),
        currency=currency,
        cost=_cost(cohorts, priced, components, n),
        people_by_product=np.stack(
            [_stacked([one.sum(axis=2) for one in world], n) for world in cohorts], axis=1
        ),
        eligible=_stacked(pools, n),
        members=None
        if None in [None if m is None else 1 for m in members]
        else _stacked(_present(members), n),
        notes=_notes(by_product, products, years),
    )


def _cohorts(
    segment: Population, pool: Floats, shares: Floats, stays: Floats, shares_of: str, *, rounded: bool
) -> Floats:
    """Return people on each product by calendar year and year since start, (draws, year, since, product)."""
    years = pool.shape[1]
    pool, shares, stays, left = _level([pool, shares, stays, segment.staying()])
    entering = _level([segment.entering(years), pool])[0]
    ratio = np.divide(stays[:, 1:], stays[:, :-1], out=np.zeros_like(stays[:, 1:]), where=stays[:, :-1] > 0)
    found = np.zeros((len(pool), years, years, shares.shape[2]))
    for year in range(years):
        if year:
            found[:, year, 1:] = found[:, year - 1, :-1] * ratio * left[:, :, None]
        if shares_of == "starting":
            found[:, year, 0] = entering[:, year, None] * shares[:, year]
            continue
        wanted = pool[:, year, None] * shares[:, year]
        wanted = np.rint(wanted) if rounded else wanted
        kept = found[:, year].sum(axis=1)
        held = np.divide(wanted, kept, out=np.ones_like(kept), where=kept > wanted)
        found[:, year] *= held[:, None]
        found[:, year, 0] = np.maximum(wanted - kept, 0)
    return found


def _cost(
    cohorts: list[list[Floats]],
    priced: Mapping[str, Mapping[str, tuple[Floats, Floats]]],
    components: Sequence[str],
    n: int,
) -> Floats:
    """Return cost by draw, world, segment, year, product, component and who pays."""
    years = cohorts[0][0].shape[1]
    shape = (n, len(cohorts), len(cohorts[0]), years, len(priced), len(components), 2)
    found = np.zeros(shape)
    for world, segments in enumerate(cohorts):
        for segment, people in enumerate(segments):
            for product, costs in enumerate(priced.values()):
                for name, pair in costs.items():
                    for payer, each in enumerate(pair):
                        paid = (people[..., product] * each).sum(axis=2)
                        found[:, world, segment, :, product, components.index(name), payer] = paid
    return found


def _level(arrays: Sequence[Floats]) -> list[Floats]:
    """Return arrays repeated along their first axis to a common number of draws."""
    n = n_draws(arrays, "the inputs")
    return [np.broadcast_to(one, (n, *one.shape[1:])) for one in arrays]


def _stacked(arrays: Sequence[Floats], n: int) -> Floats:
    return np.stack([np.broadcast_to(one, (n, *one.shape[1:])) for one in arrays], axis=1)


def _present(arrays: Iterable[Floats | None]) -> list[Floats]:
    return [one for one in arrays if one is not None]


def _ordered(uptake: Uptake, products: Sequence[str]) -> Floats:
    """Return shares in the order of ``products``; a product that a world does not know has none."""
    found = np.zeros((*uptake.shares.shape[:2], len(products)))
    for at, name in enumerate(uptake.products):
        found[:, :, products.index(name)] = uptake.shares[:, :, at]
    return found


def _components(priced: Mapping[str, Mapping[str, object]]) -> list[str]:
    named = dict.fromkeys(name for costs in priced.values() for name in costs)
    return list(dict.fromkeys([DRUG, MARK_UP, DISPENSING, REBATE, *named]))


def _per_segment(uptake: PerSegment, segments: Sequence[str], years: int) -> dict[str, Uptake]:
    found = dict.fromkeys(segments, uptake) if isinstance(uptake, Uptake) else dict(uptake)
    for name in found:
        one_of(name, segments, "uptake of segment")
    for name in segments:
        if name not in found:
            raise CostModelError(f"segment '{name}' has no uptake: give one Uptake for all, or one for each")
        if found[name].years != years:
            raise CostModelError(
                f"the uptake of segment '{name}' covers {found[name].years} years; "
                f"the analysis covers {years}: give a share for each of them"
            )
    return found


def _products(worlds: Sequence[Mapping[str, Uptake]], courses: Mapping[str, Course]) -> list[str]:
    found = list(dict.fromkeys(name for world in worlds for one in world.values() for name in one.products))
    for name in found:
        if name not in courses:
            raise CostModelError(f"product '{name}' has no course; {did_you_mean(name, list(courses))}")
    for name in courses:
        if name not in found:
            raise CostModelError(f"course '{name}' has no uptake in any world; {did_you_mean(name, found)}")
    return found


def _distinct(names: list[str], what: str) -> list[str]:
    if not names or len(set(names)) < len(names):
        raise CostModelError(f"every {what} is named once, and there is at least one; found {names}")
    return names


def _notes(courses: Mapping[str, Course], products: Sequence[str], years: int) -> tuple[str, ...]:
    held = [name for name in products if courses[name].rebate_is_held(years)]
    return tuple(f"the rebate of '{name}' is held to what the payer pays for the drug" for name in held)
