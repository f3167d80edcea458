"""Tables in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd


def print_frame(frame: pd.DataFrame) -> None:
    """Print a table; text from data is shown literally."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, dtype in frame.dtypes.items():
        side: Literal["left", "right"] = "right" if dtype.kind in "iuf" else "left"
        table.add_column(escape(str(name)), justify=side, overflow="fold")
    for row in frame.to_dict("records"):
        table.add_row(*(escape(str(cell)) for cell in row.values()))
    Console().print(table)
