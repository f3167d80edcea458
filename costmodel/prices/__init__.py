"""Prices: the table and its readers, brand-generic matching, comparison, and binding to parameters."""

import sys
from pathlib import Path
from types import ModuleType

from costmodel.prices.binding import BoundPrice, bind_price
from costmodel.prices.bundled import prices
from costmodel.prices.comparison import annual_cost, compare_prices
from costmodel.prices.errors import PriceError
from costmodel.prices.fetching import Fetched, FetchError, catalogue, fetch
from costmodel.prices.matching import match, unmatched
from costmodel.prices.official.nadac import read_nadac
from costmodel.prices.spending import SpendingTable
from costmodel.prices.spending_tables import read_spending, spending
from costmodel.prices.table import PriceTable
from costmodel.prices.tidy import read_prices

__all__ = [
    "BoundPrice",
    "FetchError",
    "Fetched",
    "PriceError",
    "PriceTable",
    "SpendingTable",
    "annual_cost",
    "bind_price",
    "catalogue",
    "compare_prices",
    "fetch",
    "match",
    "prices",
    "read_nadac",
    "read_prices",
    "read_spending",
    "spending",
    "unmatched",
]


class _CallablePackage(ModuleType):
    """``cm.prices("us/nadac")`` reads a table although ``costmodel.prices`` is also this package."""

    def __call__(self, table_id: str, *, study: Path | None = None) -> PriceTable:
        return prices(table_id, study=study)


sys.modules[__name__].__class__ = _CallablePackage
