"""Figures by year that know where they come from: price indices, exchange rates, purchasing power.

A vintage is one publisher's release, read from one copy. Two figures of one series from two vintages are
never divided by each other: a revision or another base would pass for a change of prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from costmodel.errors import CostModelError


@dataclass(frozen=True)
class Figure:
    """A value, the vintage it belongs to (blank: true by definition), and what is doubtful about it."""

    value: float
    vintage: str
    flag: str = ""


@dataclass(frozen=True, eq=False)
class PriceIndex:
    """A price index by year, in one currency.

    Parameters
    ----------
    id : str
        Such as ``us/cpi_medical_care``.
    currency : str
        The currency whose prices it measures.
    source : str
        Publisher and series; printed with every result.
    figures : mapping of int to Figure
        The level in each year, above 0, on any base.

    Raises
    ------
    CostModelError
        There is no figure, or one is not above 0.

    Examples
    --------
    >>> mine = PriceIndex.from_levels("mine", "USD", {2024: 100, 2026: 105}, source="invented")
    >>> mine
    PriceIndex(mine: USD, 2024, 2026)
    """

    id: str
    currency: str
    source: str
    figures: Mapping[int, Figure]

    def __post_init__(self) -> None:
        _require_positive(self.id, self.figures)

    def __repr__(self) -> str:
        return f"PriceIndex({self.id}: {self.currency}, {spans(self.figures)})"

    @classmethod
    def from_levels(
        cls, name: str, currency: str, levels: Mapping[int, float], *, source: str, vintage: str = "as given"
    ) -> PriceIndex:
        """Return an index of your own from levels by year, all of one vintage."""
        return cls(name, currency, source, {year: Figure(float(x), vintage) for year, x in levels.items()})

    def pair(self, from_year: int, to_year: int) -> tuple[Figure, Figure]:
        """Return the figures of two years, of one vintage.

        Raises
        ------
        CostModelError
            A year is missing, or the two figures are of different vintages.
        """
        missing = [year for year in (from_year, to_year) if year not in self.figures]
        if missing:
            raise CostModelError(
                f"{self.id} has no figure for {' or '.join(map(str, missing))}; it has "
                f"{spans(self.figures)}: use another index of {self.currency}, or give your own with "
                "PriceIndex.from_levels"
            )
        first, last = self.figures[from_year], self.figures[to_year]
        require_one_vintage(self.id, {str(from_year): first, str(to_year): last})
        return first, last


@dataclass(frozen=True, eq=False)
class ExchangeRates:
    """What a US dollar buys of each currency (or, as purchasing power, in each country), by year.

    Parameters
    ----------
    id : str
        Such as ``fed/annual_average`` or ``wb/ppp_gdp``.
    kind : {"exchange", "ppp"}
    source : str
    figures : mapping of (str, int) to Figure
        Units of local currency per US dollar (per international dollar), by currency (by country) and
        year. The dollar itself (the United States) is 1 and need not stand here.
    countries : mapping of str to str
        The currency of each country, for purchasing power only.
    """

    id: str
    kind: str
    source: str
    figures: Mapping[tuple[str, int], Figure]
    countries: Mapping[str, str]

    def __post_init__(self) -> None:
        _require_positive(self.id, self.figures)

    @classmethod
    def from_rates(
        cls, name: str, rates: Mapping[tuple[str, int], float], *, source: str, vintage: str = "as given"
    ) -> ExchangeRates:
        """Return exchange rates of your own: units of a currency per US dollar, by currency and year.

        Examples
        --------
        >>> mine = ExchangeRates.from_rates("mine", {("GBP", 2024): 0.78}, source="invented")
        >>> [figure.value for figure in mine.pair("USD", "GBP", 2024)]
        [1.0, 0.78]
        """
        figures = {key: Figure(float(value), vintage) for key, value in rates.items()}
        return cls(name, "exchange", source, figures, {})

    def pair(self, from_key: str, to_key: str, year: int) -> tuple[Figure, Figure]:
        """Return what a dollar buys in each of two places in a year.

        Purchasing powers must be of one vintage. Exchange rates of two currencies are different series, and
        may be of two sources.

        Raises
        ------
        CostModelError
            A figure is missing, or no vintage holds both.
        """
        first, last = self._figure(from_key, year), self._figure(to_key, year)
        if self.kind == "ppp":
            require_one_vintage(self.id, {f"{from_key} {year}": first, f"{to_key} {year}": last})
        return first, last

    def _figure(self, key: str, year: int) -> Figure:
        if key == ("USA" if self.kind == "ppp" else "USD"):
            return Figure(1.0, "")
        if (key, year) in self.figures:
            return self.figures[key, year]
        years = [one for place, one in self.figures if place == key]
        held = f"it has {spans(years)}" if years else f"it has {', '.join(self.places())}"
        raise CostModelError(f"{self.id} has no figure for {key} in {year}; {held}")

    def places(self) -> list[str]:
        """Return the currencies or countries that stand in the series."""
        return sorted({place for place, _ in self.figures})


def require_one_vintage(name: str, figures: Mapping[str, Figure]) -> None:
    """Refuse figures of one series that come from two vintages; both are named.

    Raises
    ------
    CostModelError

    Examples
    --------
    >>> require_one_vintage("cpi", {"2012": Figure(230.1, "A"), "2016": Figure(240.0, "B")})
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: cpi: 2012 is of vintage A, 2016 is of vintage B; figures of two \
vintages are never mixed: take another series that holds both in one
    """
    if len({figure.vintage for figure in figures.values()} - {""}) > 1:
        held = ", ".join(f"{when} is of vintage {figure.vintage}" for when, figure in figures.items())
        raise CostModelError(
            f"{name}: {held}; figures of two vintages are never mixed: take another series that holds both "
            "in one"
        )


def spans(years: Iterable[int]) -> str:
    """Return years as runs.

    Examples
    --------
    >>> spans([2000, 2001, 2002, 2016])
    '2000–2002, 2016'
    """
    ordered = sorted(set(years))
    breaks = [n for n, (one, other) in enumerate(pairwise(ordered), start=1) if other > one + 1]
    starts, ends = [0, *breaks], [*breaks, len(ordered)]
    runs = [(ordered[start], ordered[end - 1]) for start, end in zip(starts, ends, strict=True) if ordered]
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs) or "no year"


def _require_positive(name: str, figures: Mapping[Any, Figure]) -> None:
    if not figures:
        raise CostModelError(f"{name} has no figure")
    for when, figure in figures.items():
        if not 0 < figure.value < float("inf"):
            raise CostModelError(f"{name}: every figure must be above 0; found {figure.value} at {when}")
