"""A local store of official files: read once, kept as Parquet, queried for what is wanted."""

from costmodel.prices.store.contents import remove_stored, stored
from costmodel.prices.store.direct import read_molecules
from costmodel.prices.store.importing import Added, add_file
from costmodel.prices.store.location import store_folder
from costmodel.prices.store.reading import read_stored

__all__ = [
    "Added",
    "add_file",
    "read_molecules",
    "read_stored",
    "remove_stored",
    "store_folder",
    "stored",
]
