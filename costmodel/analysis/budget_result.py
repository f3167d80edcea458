"""The result of a budget impact analysis: money and people by year, with intervals where there are draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from costmodel.analysis.budget_inputs import REBATE
from costmodel.analysis.overdraws import Floats
from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd

WORLDS = ("without", "with", "impact")
PAYERS = ("payer", "patient")
MONTHS = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class BudgetImpact:
    """Costs and people of two worlds; the impact is the world with the change less the one without.

    A positive impact is money spent, a negative one money saved. Nothing is discounted. Rebates that are a
    component are subtracted unless gross amounts are asked for.

    Attributes
    ----------
    segments, products, components : tuple of str
    currency : str
    cost : array
        (draws, world, segment, year, product, component, who pays), worlds ``without`` and ``with``.
    people_by_product : array
        (draws, world, segment, year, product).
    eligible : array
        (draws, segment, year).
    members : array or None
        (draws, segment, year).
    notes : tuple of str
        What a reader must know, such as a rebate that was held to what was spent.
    basis : {"net", "gross"}, default "net"
        Whether amounts are after rebates, or before them because prices are and no rebate is known.
    """

    segments: tuple[str, ...]
    products: tuple[str, ...]
    components: tuple[str, ...]
    currency: str
    cost: Floats
    people_by_product: Floats
    eligible: Floats
    members: Floats | None
    notes: tuple[str, ...]
    basis: str = "net"

    def __post_init__(self) -> None:
        one_of(self.basis, ("net", "gross"), "basis")

    @property
    def n_draws(self) -> int:
        """The number of draws; 1 is a base case."""
        return len(self.cost)

    @property
    def years(self) -> int:
        """The number of years."""
        return int(self.cost.shape[3])

    def amounts(
        self,
        world: str = "impact",
        *,
        paid_by: str = "payer",
        segment: str | None = None,
        product: str | None = None,
        component: str | None = None,
        gross: bool = False,
    ) -> Floats:
        """Return what is paid in each year, (draws, years).

        Parameters
        ----------
        world : {"impact", "without", "with"}
        paid_by : {"payer", "patient"}
        segment, product, component : str, optional
            Only this one; the sum over all if left out.
        gross : bool, default False
            Before rebates.

        Raises
        ------
        CostModelError
            A name is unknown; the nearest is given.
        """
        one_of(world, WORLDS, "world")
        kept = [
            slice(None) if name is None else [names.index(one_of(name, names, what))]
            for name, names, what in (
                (segment, self.segments, "segment"),
                (product, self.products, "product"),
                (component, self.components, "component"),
            )
        ]
        paid = self.cost[..., PAYERS.index(one_of(paid_by, PAYERS, "paid_by"))]
        if gross:
            paid = paid * (np.array(self.components) != REBATE)
        chosen = paid[:, :, kept[0]][:, :, :, :, kept[1]][..., kept[2]].sum(axis=(2, 4, 5))
        return np.asarray(
            chosen[:, 1] - chosen[:, 0] if world == "impact" else chosen[:, WORLDS.index(world)]
        )

    def only(self, component: str) -> BudgetImpact:
        """Return one component by itself, such as the drug alone.

        Raises
        ------
        CostModelError
            There is no such component; the nearest is given.
        """
        at = self.components.index(one_of(component, self.components, "component"))
        return replace(self, components=(component,), cost=self.cost[..., [at], :])

    def impact(self, *, paid_by: str = "payer", year: int | None = None) -> Floats:
        """Return the impact in one year, or over all of them, in every draw, (draws,).

        Raises
        ------
        CostModelError
            The year is outside the analysis.
        """
        yearly = self.amounts("impact", paid_by=paid_by)
        if year is None:
            return np.asarray(yearly.sum(axis=1))
        return np.asarray(yearly[:, int(in_interval(year, "year", low=1, high=self.years)) - 1])

    def frame(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return everything as a tidy table.

        Returns
        -------
        pandas.DataFrame
            ``year, segment, paid_by, component, world, amount``; with draws ``amount`` is the mean and
            ``low, high`` the interval. Worlds: ``without``, ``with``, ``impact``. Components sum to the
            net amount; ``rebate`` is at most 0.
        """
        import pandas as pd

        rows = []
        for segment, payer, part, world in product(self.segments, PAYERS, self.components, WORLDS):
            paid = self.amounts(world, paid_by=payer, segment=segment, component=part)
            for year in range(self.years):
                row = {"year": year + 1, "segment": segment, "paid_by": payer, "component": part}
                rows.append({**row, "world": world, **self._spread(paid[:, year], level, "amount")})
        table = pd.DataFrame(rows)
        return table.sort_values("year", kind="stable", ignore_index=True)

    def by_year(
        self, *, gross: bool = False, level: float = 0.95, each_segment: bool = False
    ) -> pd.DataFrame:
        """Return each year's amounts, payer and patient apart.

        Parameters
        ----------
        gross : bool, default False
            Before rebates.
        level : float, default 0.95
            Of the intervals.
        each_segment : bool, default False
            A row for every segment, named in a column ``segment``, in place of their sum.

        Returns
        -------
        pandas.DataFrame
            ``year, paid_by, basis`` (``net`` or ``gross`` of rebates), ``without, with, impact``;
            ``relative``: impact as a share of ``without``, missing where nothing is paid there; with draws
            these are means, and ``impact_low, impact_high`` the interval of the impact.
        """
        return self._wide(lambda one: one, gross=gross, level=level, each_segment=each_segment)

    def cumulative(
        self, *, gross: bool = False, level: float = 0.95, each_segment: bool = False
    ) -> pd.DataFrame:
        """Return the same as :meth:`by_year`, summed up to and with each year."""
        return self._wide(lambda one: one.cumsum(axis=1), gross=gross, level=level, each_segment=each_segment)

    def pmpm(self, *, gross: bool = False, level: float = 0.95) -> pd.DataFrame:
        """Return the same as :meth:`by_year`, per member per month.

        Raises
        ------
        CostModelError
            A segment has no members.
        """
        if self.members is None:
            raise CostModelError("cost per member per month needs the members of every Population")
        months = MONTHS * self.members.sum(axis=1)
        return self._wide(lambda one: one / months, gross=gross, level=level)

    def people(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return people on each product: ``year, segment, product, world, eligible, people``."""
        import pandas as pd

        worlds = dict(zip(WORLDS, (*self.people_by_product.swapaxes(0, 1),), strict=False))
        worlds["impact"] = worlds["with"] - worlds["without"]
        rows = []
        for year, (s, segment), (p, name) in product(
            range(self.years), enumerate(self.segments), enumerate(self.products)
        ):
            for world, counted in worlds.items():
                row = {"year": year + 1, "segment": segment, "product": name, "world": world}
                row["eligible"] = float(self.eligible[:, s, year].mean())
                rows.append({**row, **self._spread(counted[:, s, year, p], level, "people")})
        return pd.DataFrame(rows)

    def _wide(
        self, change: Callable[[Floats], Floats], *, gross: bool, level: float, each_segment: bool = False
    ) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for segment, payer in product(self.segments if each_segment else (None,), PAYERS):
            found = {
                name: change(self.amounts(name, paid_by=payer, segment=segment, gross=gross))
                for name in WORLDS
            }
            label = {} if segment is None else {"segment": segment}
            basis = "gross" if gross else self.basis
            rows += [{**label, "paid_by": payer, "basis": basis, **row} for row in self._rows(found, level)]
        table = pd.DataFrame(rows).sort_values("year", kind="stable", ignore_index=True)
        table["relative"] = table["relative"].astype("Float64")
        return table[["year", *(name for name in table.columns if name != "year")]]

    def _rows(self, found: dict[str, Floats], level: float) -> Iterator[dict[str, object]]:
        import pandas as pd

        for year in range(self.years):
            means = {name: float(one[:, year].mean()) for name, one in found.items()}
            spread = self._spread(found["impact"][:, year], level, "impact")
            ends = {f"impact_{end}": spread[end] for end in ("low", "high") if end in spread}
            before = means["without"]
            relative = means["impact"] / before if before > 0 else pd.NA
            yield {"year": year + 1, **means, "relative": relative, **ends}

    def _spread(self, values: Floats, level: float, name: str) -> dict[str, float]:
        in_interval(level, "level", low=0, high=1, open_low=True, open_high=True)
        if self.n_draws == 1:
            return {name: float(values[0])}
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        return {name: float(values.mean()), "low": float(low), "high": float(high)}
