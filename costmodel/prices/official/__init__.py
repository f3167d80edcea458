"""Readers of the files of prices and spending as their publishers release them."""

from costmodel.prices.official.engine import Scan, scan
from costmodel.prices.official.layout import Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.nadac import read_nadac
from costmodel.prices.official.ndc import normalise_ndc, product_ndc
from costmodel.prices.official.recognition import LAYOUTS, read_official, recognise

__all__ = [
    "LAYOUTS",
    "Check",
    "Layout",
    "Lookup",
    "PublishedColumn",
    "Scan",
    "normalise_ndc",
    "product_ndc",
    "read_nadac",
    "read_official",
    "recognise",
    "scan",
]
