"""Price tables by name: bundled, of a study's own, or of the local store."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from costmodel.checks import one_of
from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError
from costmodel.prices.errors import PriceError
from costmodel.prices.table import PriceTable
from costmodel.prices.tidy import read_prices

Source = Literal["any", "bundled", "store"]
SOURCES = ("any", "bundled", "store")


def prices(
    table_id: str,
    *,
    study: Path | None = None,
    source: Source = "any",
    store: Path | str | None = None,
    **filters: Any,
) -> PriceTable:
    """Return a price table by its id, or those of its rows that meet every filter.

    Parameters
    ----------
    table_id : str
        Such as ``us/nadac``; ``costmodel data list`` shows the bundled ones.
    study : Path, optional
        A study folder, whose own ``tables/`` come first.
    source : {"any", "bundled", "store"}
        ``store``: official files that were added to the local store, see
        :func:`costmodel.prices.add_file`. ``any``: the study's own and the bundled tables first, then
        the store.
    store : path, optional
        The folder of the store.
    **filters
        As :meth:`PriceTable.select` takes them; of a table in the store only these rows are read.

    Raises
    ------
    CostModelError
        There is no such table; the message names the nearest.
    PriceError
        A column is unknown, a value is not of its type, or the table has no prices.
    DataError
        The table is no price table; the error holds every fault.

    Examples
    --------
    >>> prices("us/nadac").select(strength_mg=2, form="tablet", **{"class": "brand"}).frame["price"].tolist()
    [4.26033]
    """
    if from_store(table_id, study, source, store):
        from costmodel.prices.store.reading import read_stored

        table = read_stored(table_id.removeprefix("prices/"), store=store, **filters)
        if not isinstance(table, PriceTable):
            raise PriceError(
                f"'{table_id}' in the store holds no prices; read it with spending or read_stored"
            )
        return table
    found = read_prices(dataset_path(table_id, study=study))
    return found.select(**filters) if filters else found


def from_store(table_id: str, study: Path | None, source: Source, store: Path | str | None) -> bool:
    """Tell whether a table is to be read from the store."""
    one_of(source, SOURCES, "source")
    if source != "any":
        return source == "store"
    try:
        dataset_path(table_id, study=study)
    except CostModelError:
        from costmodel.prices.store.reading import in_store

        return in_store(table_id.removeprefix("prices/"), store)
    return False
