"""Price tables by name: bundled, or of a study's own."""

from __future__ import annotations

from pathlib import Path

from costmodel.datasets import dataset_path
from costmodel.prices.table import PriceTable
from costmodel.prices.tidy import read_prices


def prices(table_id: str, *, study: Path | None = None) -> PriceTable:
    """Return a price table by its id.

    Parameters
    ----------
    table_id : str
        Such as ``us/nadac``; ``costmodel data list`` shows the bundled ones.
    study : Path, optional
        A study folder, whose own ``tables/`` come first.

    Raises
    ------
    CostModelError
        There is no such table; the message names the nearest.
    DataError
        The table is no price table; the error holds every fault.

    Examples
    --------
    >>> prices("us/nadac").select(strength_mg=2, form="tablet", **{"class": "brand"}).frame["price"].tolist()
    [4.26033]
    """
    return read_prices(dataset_path(table_id, study=study))
