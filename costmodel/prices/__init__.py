"""Prices: the table and its readers, brand-generic matching, comparison, and binding to parameters."""

import sys
from types import ModuleType
from typing import Any

from costmodel.prices.binding import BoundPrice, bind_price
from costmodel.prices.bundled import prices
from costmodel.prices.comparison import annual_cost, compare_prices
from costmodel.prices.errors import PriceError
from costmodel.prices.fetching import Fetched, FetchError, catalogue, fetch
from costmodel.prices.matching import match, unmatched
from costmodel.prices.official.nadac import read_nadac
from costmodel.prices.spending import SpendingTable
from costmodel.prices.spending_tables import read_spending, spending
from costmodel.prices.store import Added, add_file, read_molecules, read_stored, remove_stored, stored
from costmodel.prices.table import PriceTable
from costmodel.prices.tidy import read_prices

__all__ = [
    "Added",
    "BoundPrice",
    "FetchError",
    "Fetched",
    "PriceError",
    "PriceTable",
    "SpendingTable",
    "add_file",
    "annual_cost",
    "bind_price",
    "catalogue",
    "compare_prices",
    "fetch",
    "match",
    "prices",
    "read_molecules",
    "read_nadac",
    "read_prices",
    "read_spending",
    "read_stored",
    "remove_stored",
    "spending",
    "stored",
    "unmatched",
]


class _CallablePackage(ModuleType):
    """``cm.prices("us/nadac")`` reads a table although ``costmodel.prices`` is also this package."""

    def __call__(self, table_id: str, **options: Any) -> PriceTable:
        return prices(table_id, **options)


sys.modules[__name__].__class__ = _CallablePackage
