"""Money and time: amounts that carry what they are measured in, and refuse to be mixed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from costmodel.errors import CostModelError

MONTHS_PER_YEAR = 12
_UNIT_OF_MONEY = re.compile(r"([A-Z]{3})(?:/(.+))?\Z")
_NO_MONEY = ("DDD", "PDD", "ICU", "RVU")
_PRICE_LEVEL = re.compile(r"([A-Z]{3}) (\d{4})\Z")


@dataclass(frozen=True, order=True)
class Money:
    """A currency at the price level of a year, such as 2026 US dollars.

    Examples
    --------
    >>> str(Money("USD", 2026))
    'USD 2026'
    >>> Money.parse("GBP 2025")
    Money(currency='GBP', price_year=2025)
    """

    currency: str
    price_year: int

    def __str__(self) -> str:
        return f"{self.currency} {self.price_year}"

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read ``USD 2026``.

        Raises
        ------
        CostModelError
            The text is not three capitals, a blank and a year.
        """
        found = _PRICE_LEVEL.match(text)
        if found is None:
            raise CostModelError(f"'{text}' is no price level: write the currency and the year, as USD 2026")
        return cls(found[1], int(found[2]))


def currency_of(unit: str) -> str | None:
    """Return the currency that a unit such as ``USD/fill`` counts, or None when it counts no money.

    Examples
    --------
    >>> currency_of("USD/fill"), currency_of("proportion"), currency_of("DDD/day")
    ('USD', None, None)
    """
    found = _UNIT_OF_MONEY.match(unit)
    return found[1] if found and found[1] not in _NO_MONEY else None


def require_same_money(found: Money, wanted: Money, what: str) -> Money:
    """Return ``found`` if it is ``wanted``.

    Raises
    ------
    CostModelError
        The two differ; the message names the conversion that is missing.

    Examples
    --------
    >>> require_same_money(Money("USD", 2024), Money("USD", 2026), "c_fee")
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: c_fee is in USD 2024, but USD 2026 is wanted: convert it with \
costmodel.money.inflate, by a price index from 2024 to 2026
    """
    if found == wanted:
        return found
    steps = []
    if found.currency != wanted.currency:
        steps.append(f"an exchange rate or PPP from {found.currency} to {wanted.currency}")
    if found.price_year != wanted.price_year:
        steps.append(f"a price index from {found.price_year} to {wanted.price_year}")
    tool = "inflate" if found.currency == wanted.currency else "convert"
    raise CostModelError(
        f"{what} is in {found}, but {wanted} is wanted: convert it with costmodel.money.{tool}, by "
        f"{' and '.join(steps)}"
    )


def cycles_in(horizon_years: float, cycle_months: float) -> int:
    """Return how many cycles fill the horizon.

    Raises
    ------
    CostModelError
        The horizon is not a whole number of cycles.

    Examples
    --------
    >>> cycles_in(5, 1), cycles_in(0, 12)
    (60, 0)
    """
    exact = horizon_years * MONTHS_PER_YEAR / cycle_months
    whole = round(exact)
    if abs(exact - whole) > 1e-9 * max(1.0, exact):
        raise CostModelError(
            f"a horizon of {horizon_years:g} years is {exact:g} cycles of {cycle_months:g} months: "
            "choose a horizon that is a whole number of cycles"
        )
    return whole
