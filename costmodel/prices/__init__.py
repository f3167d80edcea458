"""Prices: the table and its readers, brand-generic matching, comparison, and binding to parameters."""

import sys
from types import ModuleType
from typing import Any

from costmodel.prices.binding import BoundPrice, bind_price
from costmodel.prices.bundled import prices
from costmodel.prices.comparison import annual_cost, compare_prices
from costmodel.prices.competition import approved_makers, concentration, hhi, marketed_makers
from costmodel.prices.countries import compare_within_countries, for_reading
from costmodel.prices.dispersion import dispersion, gini
from costmodel.prices.entry import beside_curves, competition_curves, entry_scenario, observed_point
from costmodel.prices.equivalence import equivalents, substitution_sets
from costmodel.prices.errors import PriceError
from costmodel.prices.fetching import Fetched, FetchError, catalogue, fetch
from costmodel.prices.index_numbers import price_index
from costmodel.prices.mapped import read_mapped
from costmodel.prices.matching import match, unmatched
from costmodel.prices.official import (
    normalise_ndc,
    read_medicaid,
    read_nadac,
    read_nadac_comparison,
    read_ndc_packages,
    read_ndc_products,
    read_official,
    read_orange_book,
    read_part_d,
    read_part_d_geography,
    read_sdud,
)
from costmodel.prices.official.cmed import read_cmed
from costmodel.prices.official.drug_tariff import read_drug_tariff
from costmodel.prices.official.pca import read_pca, read_pca_annual
from costmodel.prices.official.sep import read_sep
from costmodel.prices.official.who import read_atc_ddd
from costmodel.prices.plausibility import implausible, implausible_reasons
from costmodel.prices.premium import premium
from costmodel.prices.price_per_unit import price_per_unit_savings
from costmodel.prices.price_volume import decompose_spending
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
from costmodel.prices.savings import realised_savings, remaining_savings, substitution_saving
from costmodel.prices.spending import SpendingTable
from costmodel.prices.spending_tables import read_spending, spending
from costmodel.prices.store import Added, add_file, read_molecules, read_stored, remove_stored, stored
from costmodel.prices.table import PriceTable
from costmodel.prices.tidy import read_prices
from costmodel.prices.trend import price_path, price_trend, ratio_path

__all__ = [
    "Added",
    "BoundPrice",
    "DoseError",
    "FetchError",
    "Fetched",
    "PriceError",
    "PriceTable",
    "Regimen",
    "SpendingTable",
    "Taper",
    "TaperSchedule",
    "TaperStep",
    "add_file",
    "annual_cost",
    "approved_makers",
    "beside_curves",
    "bind_price",
    "catalogue",
    "cheapest_regimen",
    "compare_prices",
    "compare_tapers",
    "compare_within_countries",
    "competition_curves",
    "concentration",
    "decompose_spending",
    "dispersion",
    "entry_scenario",
    "equivalents",
    "fetch",
    "for_reading",
    "gini",
    "guideline_taper",
    "hhi",
    "implausible",
    "implausible_reasons",
    "label_taper",
    "marketed_makers",
    "match",
    "normalise_ndc",
    "observed_point",
    "premium",
    "price_index",
    "price_path",
    "price_per_unit_savings",
    "price_trend",
    "prices",
    "protocol_taper",
    "ratio_path",
    "read_atc_ddd",
    "read_cmed",
    "read_drug_tariff",
    "read_mapped",
    "read_medicaid",
    "read_molecules",
    "read_nadac",
    "read_nadac_comparison",
    "read_ndc_packages",
    "read_ndc_products",
    "read_official",
    "read_orange_book",
    "read_part_d",
    "read_part_d_geography",
    "read_pca",
    "read_pca_annual",
    "read_prices",
    "read_sdud",
    "read_sep",
    "read_spending",
    "read_stored",
    "realised_savings",
    "regimen_frontier",
    "remaining_savings",
    "remove_stored",
    "spending",
    "stored",
    "substitution_saving",
    "substitution_sets",
    "taper",
    "unmatched",
    "user_taper",
]


class _CallablePackage(ModuleType):
    """``cm.prices("us/nadac")`` reads a table although ``costmodel.prices`` is also this package."""

    def __call__(self, table_id: str, **options: Any) -> PriceTable:
        return prices(table_id, **options)


sys.modules[__name__].__class__ = _CallablePackage
