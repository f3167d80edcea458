"""Amounts of one money in another, with every step that was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.money.bundled import INDICES, read_index, read_rates
from costmodel.money.series import ExchangeRates, Figure, PriceIndex, require_one_vintage
from costmodel.units import Money

if TYPE_CHECKING:
    import pandas as pd

Amount = float | NDArray[np.float64]

ROUTES: tuple[str, ...] = ("inflate-then-exchange", "exchange-then-inflate")
"""The two orders of a conversion; they differ unless exchange rates follow relative prices exactly."""


@dataclass(frozen=True)
class Step:
    """One step of a conversion: an amount is multiplied by ``factor``, ``to_value / from_value``."""

    kind: str
    series: str
    source: str
    from_money: Money
    to_money: Money
    from_value: float
    to_value: float
    vintage: str
    flag: str

    @property
    def factor(self) -> float:
        """What an amount is multiplied by."""
        return self.to_value / self.from_value

    def __str__(self) -> str:
        vintage = f", vintage {self.vintage}" if self.vintage else ""
        doubt = f" ({self.flag})" if self.flag else ""
        return (
            f"{self.from_money} → {self.to_money}: × {self.to_value:.6g} / {self.from_value:.6g} "
            f"= {self.factor:.6g}, {self.series}: {self.source}{vintage}{doubt}"
        )


@dataclass(frozen=True, eq=False)
class Converted:
    """An amount in other money, and how it came about.

    Attributes
    ----------
    amount : float or array
        In ``money``, of the shape of what was converted.
    money : Money
    steps : tuple of Step
        None when nothing had to be done.
    route : str
        One of :data:`ROUTES`; blank for a single step.
    """

    amount: Amount
    money: Money
    steps: tuple[Step, ...]
    route: str = ""

    @property
    def factor(self) -> float:
        """What the amount was multiplied by, over all steps."""
        return float(np.prod([step.factor for step in self.steps]))

    @property
    def flags(self) -> tuple[str, ...]:
        """What is doubtful about the figures that were used."""
        return tuple(dict.fromkeys(step.flag for step in self.steps if step.flag))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step: ``kind, series, source, from_money, … , flag, factor``."""
        import pandas as pd

        names = ["kind", "series", "source", "from_money", "to_money", "from_value", "to_value", "vintage"]
        rows = [
            {name: getattr(step, name) for name in [*names, "flag", "factor"]}
            | {"from_money": str(step.from_money), "to_money": str(step.to_money)}
            for step in self.steps
        ]
        return pd.DataFrame(rows, columns=[*names, "flag", "factor"])

    def __str__(self) -> str:
        shown = f"{self.amount:,.6g}" if np.ndim(self.amount) == 0 else f"{np.size(self.amount)} amounts"
        head = f"{shown} in {self.money}" + (f", {self.route}" if self.route else "")
        return "\n".join([head, *(f"  {step}" for step in self.steps)])


def inflate(amount: ArrayLike, money: Money, to_year: int, *, index: str | PriceIndex) -> Converted:
    """Return amounts at the price level of another year, in the same currency.

    Parameters
    ----------
    amount : float or array
        Of any shape, in ``money``; may be negative (a saving).
    money : Money
    to_year : int
        Later or earlier than the price year.
    index : str or PriceIndex
        One of :data:`costmodel.money.INDICES`, or your own.

    Raises
    ------
    CostModelError
        The index is of another currency, lacks a year, or has the two years in two vintages.

    Notes
    -----
    amount × level(to) / level(from). Which index is a choice that a report must state; for the United States
    see Dunn, Grosse and Zuvekas, Adjusting health expenditures for inflation, Health Serv Res
    2018;53:175-96.

    Examples
    --------
    >>> fee = inflate(10, Money("USD", 2012), 2022, index="us/cpi_medical_care")
    >>> print(fee)
    13.1725 in USD 2022
      USD 2012 → USD 2022: × 546.558 / 414.923 = 1.31725, us/cpi_medical_care: US Bureau of Labor \
Statistics, CPI-U medical care, seasonally adjusted, vintage USA_CPI_MEDICAL
    """
    numbers = _amounts(amount)
    if to_year == money.price_year:
        return Converted(_plain(numbers), money, ())
    series = read_index(index)
    if series.currency != money.currency:
        ours = [name for name in INDICES if read_index(name).currency == money.currency]
        remedy = f"choose one of {', '.join(ours)}" if ours else "give your own with PriceIndex.from_levels"
        raise CostModelError(
            f"{series.id} measures prices in {series.currency}, but the amount is in {money}: {remedy}"
        )
    target = Money(money.currency, to_year)
    try:
        pair = series.pair(money.price_year, to_year)
    except CostModelError as problem:
        raise CostModelError(f"{problem}{_instead(money, to_year)}") from None
    step = _step(series, "inflate", (money, target), pair)
    return Converted(_plain(numbers * step.factor), target, (step,))


def exchange(
    amount: ArrayLike, money: Money, currency: str, *, rate: str | ExchangeRates = "fed/annual_average"
) -> Converted:
    """Return amounts in another currency at the market rate of their price year.

    Parameters
    ----------
    amount : float or array
    money : Money
    currency : str
        ISO 4217 code.
    rate : str or ExchangeRates

    Raises
    ------
    CostModelError
        The rates lack a currency or the year.

    Examples
    --------
    >>> f"{exchange(100, Money('EUR', 2022), 'USD').amount:.2f}"
    '105.34'
    """
    rates = read_rates(rate)
    if rates.kind != "exchange":
        raise CostModelError(f"{rates.id} holds purchasing power parities: use costmodel.money.ppp")
    return _swap(amount, money, Money(currency, money.price_year), rates, (money.currency, currency))


def ppp(
    amount: ArrayLike,
    money: Money,
    currency: str,
    *,
    rate: str | ExchangeRates = "wb/ppp_gdp",
    from_country: str | None = None,
    to_country: str | None = None,
) -> Converted:
    """Return amounts in another currency at equal purchasing power in their price year.

    US dollars that come of it are international dollars: what they would buy in the United States.

    Parameters
    ----------
    amount : float or array
    money : Money
    currency : str
        ISO 4217 code.
    rate : str or ExchangeRates
    from_country, to_country : str, optional
        ISO 3166-1 alpha-3. Needed for a currency of several countries, because each has its own
        parity (the euro); for USD the United States are meant.

    Raises
    ------
    CostModelError
        A country cannot be told from its currency, a figure is missing, or the two countries stand in two
        vintages of the parities.

    Examples
    --------
    >>> print(ppp(100, Money("GBP", 2014), "USD"))
    141.214 in USD 2014
      GBP 2014 → USD 2014: × 1 / 0.708144 = 1.41214, wb/ppp_gdp: World Bank, PPP conversion factor, GDP \
(PA.NUS.PPP); United States 1 by definition, vintage A: series to 2014 (2011 ICP round)
    """
    rates = read_rates(rate)
    if rates.kind != "ppp":
        raise CostModelError(f"{rates.id} holds exchange rates: use costmodel.money.exchange")
    start = _country(rates, money.currency, from_country, "from_country")
    end = _country(rates, currency, to_country, "to_country")
    return _swap(amount, money, Money(currency, money.price_year), rates, (start, end))


def convert(
    amount: ArrayLike,
    from_money: Money,
    to_money: Money,
    *,
    route: str,
    index: str | PriceIndex,
    rate: str | ExchangeRates = "fed/annual_average",
    from_country: str | None = None,
    to_country: str | None = None,
) -> Converted:
    """Return amounts in the currency and price year that are wanted, by a named route.

    Parameters
    ----------
    amount : float or array
    from_money, to_money : Money
    route : {"inflate-then-exchange", "exchange-then-inflate"}
        ``inflate-then-exchange`` uses a price index of the amount's own currency and the rate of the year
        wanted: for what is bought at home, such as the time of staff. ``exchange-then-inflate`` uses the
        rate of the amount's year and an index of the currency wanted: for goods traded at world prices.
    index : str or PriceIndex
        Of the currency that is inflated.
    rate : str or ExchangeRates
        ``fed/annual_average`` or ``wb/ppp_gdp``, or your own.
    from_country, to_country : str, optional
        For purchasing power parities, see :func:`ppp`.

    Returns
    -------
    Converted
        Back by the other route with the same index and rate is the identity.

    Raises
    ------
    CostModelError
        See :func:`inflate`, :func:`exchange` and :func:`ppp`.

    References
    ----------
    Turner HC, Lauer JA, Tran BX, Teerawattananon Y, Jit M. Adjusting for inflation and currency changes
    within health economic studies. Value Health 2019;22:1026-32: methods 2 and 1. Their example, USD 100
    of 2006 spent in Viet Nam, is USD 172.09 of 2016 by the first route and 116.84 by the second.

    Examples
    --------
    >>> home, wanted = Money("GBP", 2016), Money("USD", 2021)
    >>> staff = convert(100, home, wanted, route="inflate-then-exchange", index="gb/nhs_cost_inflation")
    >>> goods = convert(100, home, wanted, route="exchange-then-inflate", index="us/cpi_all_items")
    >>> round(staff.amount, 2), round(goods.amount, 2)
    (151.99, 152.97)
    """
    one_of(route, ROUTES, "route")
    rates = read_rates(rate)

    def swap(value: ArrayLike, money: Money) -> Converted:
        if rates.kind == "exchange":
            return exchange(value, money, to_money.currency, rate=rates)
        countries = {"from_country": from_country, "to_country": to_country}
        return ppp(value, money, to_money.currency, rate=rates, **countries)

    if route == "inflate-then-exchange":
        first = inflate(amount, from_money, to_money.price_year, index=index)
        last = swap(first.amount, first.money)
    else:
        first = swap(amount, from_money)
        last = inflate(first.amount, first.money, to_money.price_year, index=index)
    return Converted(last.amount, last.money, (*first.steps, *last.steps), route)


def require_comparable(results: Sequence[Converted]) -> Money:
    """Return the money of several converted amounts, if they may stand in one comparison.

    Raises
    ------
    CostModelError
        They end in different money, or rest on two vintages of one series.

    Examples
    --------
    >>> brazil = ppp(100, Money("BRL", 2014), "USD")
    >>> africa = ppp(100, Money("ZAR", 2014), "USD")
    >>> require_comparable([brazil, africa])
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: wb/ppp_gdp: BRL 2014 → USD 2014 is of vintage A: series to 2014 \
(2011 ICP round), ZAR 2014 → USD 2014 is of vintage B: series to 2022 (later ICP round); figures of two \
vintages are never mixed: take another series that holds both in one
    """
    monies = sorted({one.money for one in results})
    if len(monies) != 1:
        raise CostModelError(f"the amounts are in {', '.join(map(str, monies))}: convert all to one money")
    steps = [step for one in results for step in one.steps if step.kind in ("inflate", "ppp")]
    for series in dict.fromkeys(step.series for step in steps):
        used = [step for step in steps if step.series == series]
        figures = {f"{one.from_money} → {one.to_money}": Figure(one.factor, one.vintage) for one in used}
        require_one_vintage(series, figures)
    return monies[0]


def _instead(money: Money, to_year: int) -> str:
    """Return which bundled indices hold both years, as the end of an error."""
    years, holding = (money.price_year, to_year), []
    for index in map(read_index, INDICES):
        found = {index.figures[year].vintage if year in index.figures else None for year in years}
        if index.currency == money.currency and len(found) == 1 and None not in found:
            holding.append(index.id)
    return f"; both years stand in {', '.join(holding)}" if holding else ""


def _swap(
    numbers: ArrayLike, money: Money, target: Money, rates: ExchangeRates, at: tuple[str, str]
) -> Converted:
    amount = _amounts(numbers)
    if at[0] == at[1]:
        return Converted(_plain(amount), money, ())
    step = _step(rates, rates.kind, (money, target), rates.pair(*at, money.price_year))
    return Converted(_plain(amount * step.factor), target, (step,))


def _country(rates: ExchangeRates, currency: str, named: str | None, option: str) -> str:
    if named is None and currency == "USD":
        return "USA"
    using = sorted(country for country, money in rates.countries.items() if money == currency)
    if named is None and currency != "EUR" and len(using) == 1:
        return using[0]
    if named is None:
        held = f"name one of {', '.join(using)} as {option}" if using else "it has none that uses it"
        raise CostModelError(f"{rates.id} is by country, and {currency} does not tell which: {held}")
    one_of(named, tuple(rates.countries), f"{option} of {rates.id}")
    if rates.countries[named] != currency:
        raise CostModelError(f"{option}: {named} uses {rates.countries[named]}, not {currency}")
    return named


def _step(
    series: PriceIndex | ExchangeRates, kind: str, monies: tuple[Money, Money], pair: tuple[Figure, Figure]
) -> Step:
    vintage = " and ".join(dict.fromkeys(one.vintage for one in pair if one.vintage))
    flag = "; ".join(dict.fromkeys(one.flag for one in pair if one.flag))
    return Step(kind, series.id, series.source, *monies, pair[0].value, pair[1].value, vintage, flag)


def _amounts(amount: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(amount, dtype=float)
    if not np.isfinite(numbers).all():
        raise CostModelError("amounts must be finite numbers; leave out what is missing before converting")
    return numbers


def _plain(numbers: NDArray[np.float64]) -> Amount:
    return float(numbers) if numbers.ndim == 0 else numbers
