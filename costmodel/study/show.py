"""A run's result in the terminal."""

from __future__ import annotations

from costmodel.analysis.incremental import increments
from costmodel.model import Outcomes


def show_outcomes(outcomes: Outcomes) -> None:
    """Print costs and effects by segment and strategy, and the increments in words."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    frame = outcomes.frame()
    drawn = "base case" if outcomes.n_draws == 1 else f"mean of {outcomes.n_draws:,} draws"
    table = Table(title=escape(f"{outcomes.study}: {outcomes.money} per person, discounted, {drawn}"))
    for name in frame.columns:
        table.add_column(escape(name), justify="left" if name in {"segment", "strategy"} else "right")
    before = None
    for row in frame.to_dict("records"):
        segment = str(row.pop("segment"))
        if before not in (None, segment):
            table.add_section()
        cells = [escape(cell) if isinstance(cell, str) else f"{cell:,.2f}" for cell in row.values()]
        table.add_row("" if before == segment else escape(segment), *cells)
        before = segment
    console.print(table)
    for item in increments(outcomes):
        effect = f", {item.effect}" if item.effect else ""
        line = f"{item.strategy} against {item.comparator} ({item.perspective}{effect}): {item.words}"
        console.print(escape(line), highlight=False)
