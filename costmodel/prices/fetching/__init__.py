"""Official files, fetched whole or not at all, from addresses that a catalogue names."""

from costmodel.prices.fetching.catalogue import CatalogueEntry, catalogue
from costmodel.prices.fetching.errors import FetchError
from costmodel.prices.fetching.fetch import Fetched, fetch

__all__ = ["CatalogueEntry", "FetchError", "Fetched", "catalogue", "fetch"]
