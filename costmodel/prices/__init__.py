"""Prices: the table and its readers, brand-generic matching, comparison, and binding to parameters."""

import sys
from pathlib import Path
from types import ModuleType

from costmodel.prices.binding import BoundPrice, bind_price
from costmodel.prices.bundled import prices
from costmodel.prices.comparison import annual_cost, compare_prices
from costmodel.prices.countries import compare_within_countries
from costmodel.prices.errors import PriceError
from costmodel.prices.matching import match, unmatched
from costmodel.prices.nadac import read_nadac
from costmodel.prices.regimen import (
    DoseError,
    Regimen,
    Taper,
    TaperSchedule,
    TaperStep,
    cheapest_regimen,
    compare_tapers,
    guideline_taper,
    label_taper,
    protocol_taper,
    regimen_frontier,
    taper,
    user_taper,
)
from costmodel.prices.spending import SpendingTable
from costmodel.prices.spending_tables import read_spending, spending
from costmodel.prices.table import PriceTable
from costmodel.prices.tidy import read_prices

__all__ = [
    "BoundPrice",
    "DoseError",
    "PriceError",
    "PriceTable",
    "Regimen",
    "SpendingTable",
    "Taper",
    "TaperSchedule",
    "TaperStep",
    "annual_cost",
    "bind_price",
    "cheapest_regimen",
    "compare_prices",
    "compare_tapers",
    "compare_within_countries",
    "guideline_taper",
    "label_taper",
    "match",
    "prices",
    "protocol_taper",
    "read_nadac",
    "read_prices",
    "read_spending",
    "regimen_frontier",
    "spending",
    "taper",
    "unmatched",
    "user_taper",
]


class _CallablePackage(ModuleType):
    """``cm.prices("us/nadac")`` reads a table although ``costmodel.prices`` is also this package."""

    def __call__(self, table_id: str, *, study: Path | None = None) -> PriceTable:
        return prices(table_id, study=study)


sys.modules[__name__].__class__ = _CallablePackage
