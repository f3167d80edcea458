"""Scans as the frames and tables that people work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.prices.official.engine import Scan
from costmodel.prices.spending import SpendingTable
from costmodel.prices.table import PriceTable

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


def price_table(found: Scan) -> PriceTable:
    """Return a scan of prices as a table in memory; rows are indexed by the line of the file."""
    return PriceTable(frame_of(found.relation), found.file, frame_of(found.unparsed))


def spending_table(found: Scan) -> SpendingTable:
    """Return a scan of spending as a table in memory; rows are indexed by the line of the file."""
    return SpendingTable(frame_of(found.relation), found.file, frame_of(found.unparsed))


def frame_of(relation: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Return the rows of a relation in the order of the file, indexed by ``row``, its line.

    Text is never missing, dates are ``datetime64[s]``, and figures that are not stated are nan.
    """
    import pandas as pd
    import pyarrow as pa

    # a line may hold several periods or prices of several types
    within = [name for name in ("period_start", "price_type") if name in relation.columns]
    table = relation.order(", ".join(["line", *within])).to_arrow_table()
    for at, part in enumerate(table.schema):
        if pa.types.is_date(part.type):
            table = table.set_column(at, part.name, table.column(at).cast(pa.timestamp("s")))
    strings = {pa.string(): pd.StringDtype("pyarrow", na_value=float("nan"))}
    frame: pd.DataFrame = table.to_pandas(types_mapper=strings.get).rename(columns={"line": "row"})
    return frame.set_index("row")
