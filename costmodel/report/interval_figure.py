"""Figures of numbers with their intervals: what savings could buy, events by strategy."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new, plain_log
from costmodel.report.style import FIGURE_WIDTH, PALETTE, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS = ("o", "s", "^", "D", "v")
_SHOW = significant(3)
_BESIDE, _ABOVE = 26, 30
_PANELS = 3


def interval_marks(table: pd.DataFrame, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw numbers above 0 as marks on a logarithmic scale, each with its interval, one row per thing.

    Parameters
    ----------
    table : DataFrame
        Columns ``row``, ``series``, ``value``, ``low`` and ``high``; rows and series in the order in which
        they come. A number that is not above 0 has no mark.
    label : str
        What is measured, with its unit.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        No number is above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("Tapers", "made", 10.0, 8.0, 12.0), ("Tapers", "left", 0.1, 0.09, 0.13)]
    >>> table = pd.DataFrame(rows, columns=["row", "series", "value", "low", "high"])
    >>> [text.get_text() for text in interval_marks(table, label="Number").get_yticklabels()]
    ['Tapers']
    """
    names, series = (list(dict.fromkeys(table[column])) for column in ("row", "series"))
    shown = table[table["value"] > 0]
    if shown.empty:
        raise CostModelError("there is nothing to draw: no number is above 0")
    with use_style():
        ax = axes_or_new(ax, height=0.5 * len(names) + 1.0 + 0.18 * len(series))
        for place, one in enumerate(series):
            rows = shown[shown["series"] == one]
            at = np.array([names.index(name) for name in rows["row"]]) + 0.3 * (place - (len(series) - 1) / 2)
            low = rows["low"].where(rows["low"] > 0, rows["value"])
            ax.hlines(at, low, rows["high"], color=PALETTE[place % len(PALETTE)], linewidth=1.4)
            ax.plot(rows["value"], at, label=str(one), **_mark(place))
        plain_log(ax)
        ax.set_yticks(range(len(names)), [textwrap.fill(name, _BESIDE) for name in names])
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.set_xlabel(label)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2)
        return ax


def interval_panels(table: pd.DataFrame, *, label: str) -> Figure:
    """Draw numbers as marks with intervals, one panel per thing, each with a scale of its own from 0.

    Parameters
    ----------
    table : DataFrame
        As for :func:`interval_marks`.
    label : str
        What is measured, with its unit.

    Raises
    ------
    CostModelError
        The table has no row.
    """
    from matplotlib.figure import Figure as NewFigure

    names, series = (list(dict.fromkeys(table[column])) for column in ("row", "series"))
    if not names:
        raise CostModelError("there is nothing to draw: the table has no row")
    with use_style():
        lines = -(-len(names) // _PANELS)
        fig = NewFigure(figsize=(FIGURE_WIDTH, lines * (0.2 * len(series) + 0.75) + 0.4))
        panels = fig.subplots(lines, min(_PANELS, len(names)), squeeze=False, sharey=True).ravel()
        for ax, name in zip(panels, names, strict=False):
            for at, one in enumerate(series):
                row = table[(table["row"] == name) & (table["series"] == one)].iloc[0]
                ax.hlines(at, row["low"], row["high"], color=PALETTE[at % len(PALETTE)], linewidth=1.4)
                ax.plot([row["value"]], [at], **_mark(at))
            ax.set_title(textwrap.fill(name, _ABOVE), fontsize=8, fontweight="normal")
            ax.set_xlim(0, None)
            ax.locator_params(axis="x", nbins=4)
            ax.grid(axis="x")
            ax.set_yticks(range(len(series)), [textwrap.fill(one, _BESIDE - 4) for one in series])
            ax.tick_params(axis="y", length=0, labelsize=7.5)
        panels[0].set_ylim(len(series) - 0.5, -0.5)
        for ax in panels[len(names) :]:
            ax.remove()
        fig.supxlabel(label, fontsize=9)
        return fig


def interval_alt(table: pd.DataFrame, *, label: str) -> str:
    """Return the alternative text of :func:`interval_marks` and :func:`interval_panels`: every number."""
    parts = [
        f"{name}: "
        + ", ".join(
            f"{one['series']} {_SHOW(one['value'])} ({_SHOW(one['low'])} to {_SHOW(one['high'])})"
            for one in rows.to_dict("records")
        )
        for name, rows in table.groupby("row", sort=False)
    ]
    return f"{label}, each with its interval. {'; '.join(parts)}."


def _mark(place: int) -> dict[str, Any]:
    at = place % len(PALETTE)
    return {"color": PALETTE[at], "marker": _MARKS[at], "markersize": 4.5, "linestyle": "none"}
