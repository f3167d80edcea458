"""Money in other money: inflation by a named index, exchange rates, purchasing power, and the steps taken."""

from costmodel.money.bundled import INDICES, RATES, deflator, list_series, read_index, read_rates
from costmodel.money.conversion import (
    ROUTES,
    Converted,
    Step,
    convert,
    exchange,
    inflate,
    ppp,
    require_comparable,
)
from costmodel.money.series import ExchangeRates, Figure, PriceIndex

__all__ = [
    "INDICES",
    "RATES",
    "ROUTES",
    "Converted",
    "ExchangeRates",
    "Figure",
    "PriceIndex",
    "Step",
    "convert",
    "deflator",
    "exchange",
    "inflate",
    "list_series",
    "ppp",
    "read_index",
    "read_rates",
    "require_comparable",
]
