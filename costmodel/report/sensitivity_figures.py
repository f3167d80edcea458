"""Figures of sensitivity: the tornado, the two-way map, and what learning is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new, beside
from costmodel.report.style import LINE_STYLES, MINUS, PALETTE, bar_style, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SHOW = significant(3)


def _plain(value: float, _position: float = 0) -> str:
    return f"{value:,.4g}".replace("-", MINUS) if abs(value) < 1e4 else f"{value:,.0f}".replace("-", MINUS)  # noqa: PLR2004


def tornado_figure(table: pd.DataFrame, *, label: str, most: int = 12, ax: Axes | None = None) -> Axes:
    """Draw how far each parameter moves the result, the widest on top, both ends labelled by its value.

    Where both ends move it the same way, the label of the nearer one stands across the base case.

    Parameters
    ----------
    table : DataFrame
        As :func:`costmodel.analysis.one_way` gives it. What moves nothing has no bar: name it with
        :func:`tornado_rest`.
    label : str
        What is drawn, such as :attr:`Question.label`, and its currency.
    most : int, default 12
        Bars drawn.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        No parameter moves the result.
    """
    rows = _moving(table).head(most).iloc[::-1].reset_index(drop=True)
    if rows.empty:
        raise CostModelError(
            "no parameter moves the result: there is nothing to draw, and that is the result"
        )
    base = float(table["base"].iloc[0])
    with use_style():
        ax = axes_or_new(ax, height=0.36 * len(rows) + 1.0)
        for place, row in enumerate(rows.to_dict("records")):
            ends_at = np.array([row["at_low"], row["at_high"]]) - base
            hidden = int(np.abs(ends_at).argmin()) if (ends_at > 0).all() or (ends_at < 0).all() else -1
            for style, (end, length) in enumerate(zip(("low", "high"), ends_at, strict=True)):
                ax.barh(place, length, left=base, height=0.62, **bar_style(style))
                at, right = (base, length < 0) if style == hidden else (base + length, length >= 0)
                beside(ax, _SHOW(row[end]), (at, place), side="right" if right else "left", size=7.5)
        ax.axvline(base, color="#1b1b1b", linewidth=1)
        ends = rows[["at_low", "at_high"]].to_numpy()
        if ends.min() < 0 < ends.max():
            ax.axvline(0, color="#555555", linewidth=0.9, linestyle="--")
        margin = 0.16 * float(np.ptp(np.append(ends, base)))
        ax.set_xlim(ends.min() - margin, ends.max() + margin)
        ax.set_yticks(range(len(rows)), list(rows["parameter"]))
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(label)
        ax.xaxis.set_major_formatter(_plain)
        for style, name in enumerate(("Low end of the range", "High end")):
            ax.barh([0], [0], left=base, label=name, **bar_style(style))
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
        return ax


def _moving(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["remark"].eq("") & table["swing"].gt(0)]


def tornado_rest(table: pd.DataFrame, *, most: int = 12) -> str:
    """Return in words what a tornado does not draw: smaller bars, and what moves nothing."""
    moving = _moving(table)
    parts = []
    if len(moving) > most:
        parts.append(f"Smaller, not drawn: {', '.join(moving['parameter'].iloc[most:])}.")
    for remark, rows in table[table["remark"].ne("")].groupby("remark"):
        parts.append(f"{str(remark).capitalize()}: {', '.join(rows['parameter'])}.")
    return " ".join(parts)


def tornado_alt(table: pd.DataFrame, *, label: str, most: int = 12) -> str:
    """Return the alternative text of :func:`tornado_figure`."""
    parts = [
        f"{row['parameter']} from {_SHOW(row['low'])} to {_SHOW(row['high'])}: {_plain(row['at_low'])} to "
        f"{_plain(row['at_high'])}"
        for row in _moving(table).head(most).to_dict("records")
    ]
    base = _plain(float(table["base"].iloc[0]))
    return (
        f"Tornado of {label}, base case {base}. {'; '.join(parts)}. {tornado_rest(table, most=most)}".strip()
    )


def grid_figure(table: pd.DataFrame, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw a result over two parameters in shades, with the line on which the decision turns.

    Parameters
    ----------
    table : DataFrame
        As :func:`costmodel.analysis.grid` gives it: one parameter down, one across.
    label : str
        What the shades are.
    ax : Axes, optional
    """
    x, y = table.columns.to_numpy(dtype=float), table.index.to_numpy(dtype=float)
    values = table.to_numpy()
    with use_style():
        ax = axes_or_new(ax, height=3.7)
        shades = ax.contourf(x, y, values, levels=11, cmap="cividis")
        levels = np.asarray(shades.levels)[1:-1:2]
        lines = ax.contour(x, y, values, levels=levels, colors="white", linewidths=0.6)
        ax.clabel(lines, fmt=_plain, fontsize=7.5)
        if values.min() < 0 < values.max():
            ax.contour(x, y, values, levels=[0], colors="#D55E00", linewidths=2.4, linestyles="--")
            ax.plot([], [], color="#D55E00", linewidth=2.4, linestyle="--", label="The decision turns")
            ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0))
        ax.set_xlabel(str(table.columns.name))
        ax.set_ylabel(str(table.index.name))
        figure = ax.get_figure()
        assert figure is not None
        figure.colorbar(shades, ax=ax, label=label, format=_plain)
        return ax


def grid_alt(table: pd.DataFrame, *, label: str) -> str:
    """Return the alternative text of :func:`grid_figure`."""
    low, high = float(table.to_numpy().min()), float(table.to_numpy().max())
    turns = "the decision turns inside" if low < 0 < high else "the decision does not turn"
    return (
        f"Map of {label} over {table.index.name} and {table.columns.name}: from {_plain(low)} to "
        f"{_plain(high)}; {turns}."
    )


def information_figure(table: pd.DataFrame, *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw what knowing each group of parameters is worth, with 95 % intervals; doubtful ones hatched.

    Parameters
    ----------
    table : DataFrame
        As :func:`costmodel.analysis.evppi` gives it, at one willingness to pay.
    unit : str
        Currency, per person.
    ax : Axes, optional
    """
    rows = table.sort_values("evppi").reset_index(drop=True)
    with use_style():
        ax = axes_or_new(ax, height=0.36 * len(rows) + 1.0)
        for place, row in enumerate(rows.to_dict("records")):
            look: dict[str, Any] = bar_style(1 if row["doubt"] else 0)
            ax.barh(place, row["evppi"], height=0.6, **look)
            low, high = max(0.0, row["evppi"] - 1.96 * row["se"]), row["evppi"] + 1.96 * row["se"]
            ax.hlines(place, low, high, color="#1b1b1b", linewidth=1.2)
            beside(ax, _SHOW(row["evppi"]), (high, place), size=8)
        ax.set_yticks(range(len(rows)), list(rows["group"]))
        ax.tick_params(axis="y", length=0)
        tip = float((rows["evppi"] + 1.96 * rows["se"]).max())
        ax.set_xlim(0, tip * 1.18 if tip > 0 else 1)
        ax.set_xlabel(f"Value of knowing it, {unit} per person; lines are 95 % intervals")
        ax.xaxis.set_major_formatter(_plain)
        return ax


def information_alt(table: pd.DataFrame, *, unit: str) -> str:
    """Return the alternative text of :func:`information_figure`."""
    parts = [
        f"{row['group']} {_SHOW(row['evppi'])} (standard error {_SHOW(row['se'])})"
        for row in table.sort_values("evppi", ascending=False).to_dict("records")
    ]
    return f"Bars of the value of knowing groups of parameters, {unit} per person. {'; '.join(parts)}."


def sampling_figure(table: pd.DataFrame, *, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the value of a study, its cost and their difference by size, the best size marked.

    Parameters
    ----------
    table : DataFrame
        As :func:`costmodel.analysis.enbs` gives it.
    currency : str
    ax : Axes, optional
    """
    columns = {"population_value": "Value of the study", "study_cost": "Its cost", "enbs": "Net benefit"}
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        for place, (column, label) in enumerate(columns.items()):
            look: dict[str, Any] = {"color": PALETTE[place], "linestyle": LINE_STYLES[place]}
            ax.plot(table["n"], table[column], marker="o", markersize=3.5, label=label, **look)
        best = table[table["optimal"]]
        if len(best):
            at = (float(best["n"].iloc[0]), float(best["enbs"].iloc[0]))
            ax.scatter(*at, marker="*", s=110, color=PALETTE[4], zorder=4)
            beside(ax, f"best: {at[0]:,.0f}", at, side="above", size=8)
        ax.axhline(0, color="#1b1b1b", linewidth=0.8)
        ax.set_xlabel("Subjects")
        ax.set_ylabel(currency)
        ax.xaxis.set_major_formatter(_plain)
        ax.yaxis.set_major_formatter(_plain)
        ax.legend(loc="best")
        return ax


def sampling_alt(table: pd.DataFrame, *, currency: str) -> str:
    """Return the alternative text of :func:`sampling_figure`."""
    best = table[table["optimal"]]
    words = (
        f"the best size is {best['n'].iloc[0]:,.0f} with a net benefit of {_plain(best['enbs'].iloc[0])}"
        if len(best)
        else "no size is worth its cost"
    )
    return f"Value, cost and net benefit of a study by size in {currency}: {words}."
