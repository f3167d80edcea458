"""Readers of the files of prices and spending as their publishers release them."""

from costmodel.prices.official.cmed import read_cmed
from costmodel.prices.official.drug_tariff import read_drug_tariff
from costmodel.prices.official.engine import Scan, scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.nadac import read_nadac
from costmodel.prices.official.nadac_comparison import read_nadac_comparison
from costmodel.prices.official.ndc import normalise_ndc, product_ndc
from costmodel.prices.official.ndc_directory import read_ndc_packages, read_ndc_products
from costmodel.prices.official.orange_book import read_orange_book
from costmodel.prices.official.part_d import read_medicaid, read_part_d
from costmodel.prices.official.part_d_geography import read_part_d_geography
from costmodel.prices.official.pca import read_pca, read_pca_annual
from costmodel.prices.official.recognition import LAYOUTS, layout, read_official, recognise
from costmodel.prices.official.sdud import read_sdud
from costmodel.prices.official.sep import read_sep
from costmodel.prices.official.who import read_atc_ddd

__all__ = [
    "LAYOUTS",
    "Cells",
    "Check",
    "Layout",
    "Lookup",
    "PublishedColumn",
    "Scan",
    "layout",
    "normalise_ndc",
    "product_ndc",
    "read_atc_ddd",
    "read_cmed",
    "read_drug_tariff",
    "read_medicaid",
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
    "read_sdud",
    "read_sep",
    "recognise",
    "scan",
]
