"""How a table looks in the notebook itself, and in a terminal."""

from __future__ import annotations

import re

from costmodel.report.emit import CITE_CLOSE, CITE_OPEN, table_html
from costmodel.report.records import TableRecord

_CSS = """
.costmodel table {border-collapse: collapse; border-top: 2px solid; border-bottom: 2px solid;
  font-variant-numeric: tabular-nums; margin: 0}
.costmodel caption {caption-side: top; text-align: left; padding: 0.3em 0; color: inherit}
.costmodel .label {font-weight: bold}
.costmodel th, .costmodel td {padding: 0.2em 0.7em; vertical-align: top; border: 0; max-width: 28em;
  white-space: normal}
.costmodel thead th {border-bottom: 1px solid; font-weight: bold; vertical-align: bottom}
.costmodel tbody th {font-weight: normal}
.costmodel .left {text-align: left} .costmodel .right {text-align: right}
.costmodel .center {text-align: center}
.costmodel .group th {font-weight: bold; text-align: left; padding-top: 0.6em}
.costmodel .total > * {font-weight: bold; border-top: 1px solid}
.costmodel .note {font-size: 0.9em; opacity: 0.8; margin: 0.3em 0}
"""


def table_for_notebook(record: TableRecord) -> str:
    """Return the table as HTML for a cell's output; its id stands where the report puts the number."""
    marked = re.compile(f"{CITE_OPEN}(.*?){CITE_CLOSE}")
    shown = marked.sub(lambda found: f"[{found[1].replace(';', ', ')}]", table_html(record, f"@{record.id}"))
    return f'<div class="costmodel"><style>{_CSS}</style>{shown}</div>'


def table_plain(record: TableRecord) -> str:
    """Return the table as aligned plain text.

    Examples
    --------
    >>> table = TableRecord(
    ...     id="tbl-a",
    ...     caption="Prices",
    ...     columns=("Product", "Price"),
    ...     align=("left", "right"),
    ...     widths=(None, None),
    ...     rows=(("Generic", "0.03"),),
    ... )
    >>> print(table_plain(table))
    Table tbl-a: Prices
    Product | Price
    Generic |  0.03
    """
    lines = [record.columns, *record.rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(record.columns))]
    aligned = (
        " | ".join(
            cell.rjust(width) if side == "right" else cell.ljust(width)
            for cell, width, side in zip(line, widths, record.align, strict=True)
        ).rstrip()
        for line in lines
    )
    return "\n".join([f"Table {record.id}: {record.caption}", *aligned])
