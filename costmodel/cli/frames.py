"""Tables in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def print_frame(frame: pd.DataFrame) -> None:
    """Print a table; text from data is shown literally."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for name, dtype in frame.dtypes.items():
        table.add_column(escape(str(name)), justify="right" if dtype.kind in "iuf" else "left")
    for row in frame.to_dict("records"):
        table.add_row(*(escape(str(cell)) for cell in row.values()))
    Console().print(table)
