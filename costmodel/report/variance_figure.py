"""The figure of Sobol indices: what each parameter does alone, and with the others, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new
from costmodel.report.style import MINUS, PALETTE, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_KINDS = (("total", "Total", "s", 0.14), ("first", "First order (alone)", "o", -0.14))


def indices_figure(table: pd.DataFrame, *, label: str, most: int = 12, ax: Axes | None = None) -> Axes:
    """Draw first-order and total Sobol indices with their intervals, the largest total on top.

    Intervals are drawn as computed, below 0 too. The distance between the two marks is what a parameter
    does only together with others.

    Parameters
    ----------
    table : DataFrame
        As :func:`costmodel.analysis.sobol_indices` gives it.
    label : str
        Whose variance is shared out, such as :attr:`Question.label`.
    most : int, default 12
        Parameters drawn; name the others with :func:`indices_rest`.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        There is no row.
    """
    rows = _shown(table, most).iloc[::-1].reset_index(drop=True)
    if rows.empty:
        raise CostModelError("there is no index to draw: the table has no row")
    with use_style():
        ax = axes_or_new(ax, height=0.36 * len(rows) + 1.2)
        for place, (kind, name, marker, shift) in enumerate(_KINDS):
            at = np.arange(len(rows)) + shift
            values = rows["first_order" if kind == "first" else kind]
            ax.hlines(at, rows[f"{kind}_low"], rows[f"{kind}_high"], color=PALETTE[place], linewidth=1.4)
            ax.plot(values, at, marker, color=PALETTE[place], markersize=5, label=name)
        ax.axvline(0, color="#555555", linewidth=0.9)
        ax.set_yticks(range(len(rows)), list(rows["parameter"]))
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}".replace("-", MINUS))
        level = table.attrs.get("level")
        lines = f"; lines are {level:.0%} intervals" if level is not None else ""
        ax.set_xlabel(f"Share of the variance{lines}\n{label}")
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
        return ax


def _shown(table: pd.DataFrame, most: int) -> pd.DataFrame:
    return table.sort_values("total", ascending=False, kind="stable").head(most)


def indices_rest(table: pd.DataFrame, *, most: int = 12) -> str:
    """Return in words what the figure does not show: smaller indices, and what is left over."""
    parts = []
    names = table.sort_values("total", ascending=False, kind="stable")["parameter"]
    if len(names) > most:
        parts.append(f"Smaller, not drawn: {', '.join(names.iloc[most:])}.")
    if "remark" in table:
        for remark, rows in table[table["remark"].ne("")].groupby("remark"):
            parts.append(f"{str(remark).capitalize()}: {', '.join(rows['parameter'])}.")
    alone = float(table["first_order"].sum())
    parts.append(
        f"Alone, parameters explain {alone:.0%} of the variance; {1 - alone:.0%} is left to interactions "
        "and to the error of the estimate."
    )
    return " ".join(parts)


def _two(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def indices_alt(table: pd.DataFrame, *, label: str, most: int = 12) -> str:
    """Return the alternative text of :func:`indices_figure`."""
    parts = [
        f"{row['parameter']} {_two(row['first_order'])} alone ({_two(row['first_low'])} to "
        f"{_two(row['first_high'])}), {_two(row['total'])} in total ({_two(row['total_low'])} to "
        f"{_two(row['total_high'])})"
        for row in _shown(table, most).to_dict("records")
    ]
    return f"Sobol indices of {label}. {'; '.join(parts)}. {indices_rest(table, most=most)}"
