"""Figures of prices: the ladder of products, ratios with their intervals, and prices over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new, beside, plain_log
from costmodel.report.style import LINE_STYLES, PALETTE, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CLASS_MARKS: dict[str, tuple[str, str, str]] = {
    "brand": (PALETTE[0], "o", "Brand"),
    "generic": (PALETTE[2], "s", "Generic"),
    "branded generic": (PALETTE[1], "D", "Branded generic"),
    "unknown": (PALETTE[3], "^", "Generic or branded generic, not told apart"),
}
"""Colour, mark and name of each class of product, the same in every figure."""

_SHOW = significant(3)


def price_ladder(frame: pd.DataFrame, *, unit: str, log: bool = True, ax: Axes | None = None) -> Axes:
    """Draw one rung per product, cheapest at the foot, marked by class.

    Parameters
    ----------
    frame : DataFrame
        ``label`` (what the product is called), ``class`` and ``unit_price``, all on one price type.
        Products of one label, class and price share a rung, which says how many they are.
    unit : str
        What the price is per and its currency, such as ``USD per tablet``.
    log : bool, default True
        Whether prices stand on a log scale, which a ladder of brand and generics nearly always needs.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    CostModelError
        There is no product, or a price is not above 0.
    """
    rungs = _rungs(frame)
    with use_style():
        ax = axes_or_new(ax, height=0.235 * len(rungs) + 1.15)
        rows = np.arange(len(rungs))
        low = rungs["unit_price"].min() / 1.6 if log else 0.0
        ax.hlines(rows, low, rungs["unit_price"], color="#cccccc", linewidth=0.9, zorder=1)
        for name, (colour, mark, label) in CLASS_MARKS.items():
            mine = (rungs["class"] == name).to_numpy()
            if mine.any():
                at = rungs["unit_price"][mine]
                ax.scatter(at, rows[mine], s=40, color=colour, marker=mark, label=label, zorder=2)
        for row, price in enumerate(rungs["unit_price"]):
            beside(ax, _SHOW(price), (price, row), size=8)
        ax.set_yticks(rows, list(rungs["label"]))
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(-0.7, len(rungs) - 0.3)
        ax.set_xlim(low, rungs["unit_price"].max() * (2.2 if log else 1.15))
        if log:
            plain_log(ax)
        ax.set_xlabel(f"{unit}{', log scale' if log else ''}")
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
        return ax


def ladder_alt(frame: pd.DataFrame, *, unit: str) -> str:
    """Return the alternative text of :func:`price_ladder`."""
    rungs = _rungs(frame)
    low, high = rungs.iloc[0], rungs.iloc[-1]
    return (
        f"Ladder of {len(rungs)} products by price in {unit}. Cheapest: {low['label']} at "
        f"{_SHOW(low['unit_price'])}. Dearest: {high['label']} at {_SHOW(high['unit_price'])}."
    )


def _rungs(frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        raise CostModelError("a price ladder needs at least one product")
    if not (frame["unit_price"] > 0).all():
        raise CostModelError("a price ladder needs prices above 0")
    kept = frame[["label", "class", "unit_price"]].assign(unit_price=frame["unit_price"].round(9))
    rungs = kept.groupby(["unit_price", "label", "class"], as_index=False).size()
    several = rungs["size"] > 1
    rungs["label"] = rungs["label"].where(~several, rungs["label"] + " (" + rungs["size"].astype(str) + ")")
    return rungs.sort_values(["unit_price", "label"], ignore_index=True)


def ratio_figure(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw ratios of brand to generic price with their intervals, on a log scale with a line at 1.

    Parameters
    ----------
    frame : DataFrame
        ``label`` and ``ratio``; ``low`` and ``high`` where there is an interval; ``hollow`` (bool),
        optional, marks what rests on a doubtful row.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        There is no ratio to draw, or one is not above 0.
    """
    rows = frame[frame["ratio"].notna()].iloc[::-1].reset_index(drop=True)
    if rows.empty or not (rows["ratio"] > 0).all():
        raise CostModelError("a figure of ratios needs at least one ratio, and each above 0")
    with use_style():
        ax = axes_or_new(ax, height=0.28 * len(rows) + 0.95)
        at = np.arange(len(rows))
        ax.axvline(1, color="#555555", linewidth=0.9, linestyle="--", zorder=0)
        _intervals(ax, rows, at)
        hollow = rows["hollow"].astype(bool) if "hollow" in rows else rows["ratio"].isna()
        faces = ["white" if doubt else PALETTE[0] for doubt in hollow]
        ax.scatter(rows["ratio"], at, s=42, c=faces, edgecolors=PALETTE[0], linewidths=1.4, zorder=3)
        tips = rows["high"].fillna(rows["ratio"]) if "high" in rows else rows["ratio"]
        for row, (ratio, tip) in enumerate(zip(rows["ratio"], tips, strict=True)):
            beside(ax, _ratio_text(ratio), (float(tip), row), size=8)
        ax.set_yticks(at, list(rows["label"]))
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(-0.6, len(rows) - 0.2)
        ends = rows[[name for name in ("ratio", "low", "high") if name in rows]]
        ax.set_xlim(min(0.8, ends.min().min() / 1.3), ends.max().max() * 1.5)
        plain_log(ax)
        ax.set_xlabel("Brand price over generic price, log scale")
        return ax


def _ratio_text(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}" if ratio >= 10 else f"{ratio:.2f}"  # noqa: PLR2004


def _intervals(ax: Axes, rows: pd.DataFrame, at: Any) -> None:
    if not {"low", "high"} <= set(rows.columns):
        return
    known = (rows["low"].notna() & rows["high"].notna()).to_numpy()
    ax.hlines(at[known], rows["low"][known], rows["high"][known], color=PALETTE[0], linewidth=1.6, zorder=2)


def ratio_alt(frame: pd.DataFrame) -> str:
    """Return the alternative text of :func:`ratio_figure`."""
    parts = [
        f"{row['label']} {_SHOW(row['ratio'])}" + _between(row)
        for row in frame[frame["ratio"].notna()].to_dict("records")
    ]
    return f"Ratios of brand to generic price on a log scale with a line at 1. {'; '.join(parts)}."


def _between(row: dict[Any, Any]) -> str:
    low, high = row.get("low"), row.get("high")
    if low is None or high is None or np.isnan(low) or np.isnan(high):
        return ""
    return f" (interval {_SHOW(low)} to {_SHOW(high)})"


def price_path_figure(
    frame: pd.DataFrame, *, unit: str, gap_years: float = 2, ax: Axes | None = None
) -> Axes:
    """Draw prices over time on a log scale; drafts are hollow, and no line bridges a gap.

    Parameters
    ----------
    frame : DataFrame
        ``series``, ``date`` and ``price``; ``draft`` (bool), optional.
    unit : str
        What the price is per, its currency and price level.
    gap_years : float, default 2
        Dates further apart are not joined by a line.
    ax : Axes, optional
    """
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        for place, (name, rows) in enumerate(frame.groupby("series", sort=False)):
            _path(ax, rows.sort_values("date"), str(name), place, gap_years)
        plain_log(ax, "y")
        ax.set_ylabel(f"{unit}, log scale")
        ax.legend(loc="upper left", bbox_to_anchor=(0.0, 1.16), ncols=2)
        return ax


def _path(ax: Axes, rows: pd.DataFrame, name: str, place: int, gap_years: float) -> None:
    import pandas as pd

    colour, style = PALETTE[place % len(PALETTE)], LINE_STYLES[place % len(LINE_STYLES)]
    part = (rows["date"].diff() > pd.Timedelta(days=365.25 * gap_years)).cumsum()
    for _, joined in rows.groupby(part):
        ax.plot(joined["date"], joined["price"], color=colour, linestyle=style, linewidth=1.4)
    draft = rows["draft"].astype(bool) if "draft" in rows else rows["price"].isna()
    faces = ["white" if one else colour for one in draft]
    mark = ("o", "s", "D", "^", "v")[place % 5]
    ax.scatter(
        rows["date"], rows["price"], s=36, marker=mark, c=faces, edgecolors=colour, linewidths=1.3, zorder=3
    )
    ax.plot([], [], color=colour, linestyle=style, marker=mark, markersize=5, label=name)
    beside(ax, _SHOW(rows["price"].iloc[-1]), (rows["date"].iloc[-1], rows["price"].iloc[-1]), size=8)


def price_path_alt(frame: pd.DataFrame, *, unit: str) -> str:
    """Return the alternative text of :func:`price_path_figure`."""
    parts = []
    for name, rows in frame.groupby("series", sort=False):
        ends = rows.sort_values("date").iloc[[0, -1]]
        first, last = (f"{_SHOW(row['price'])} in {row['date']:%Y}" for row in ends.to_dict("records"))
        parts.append(f"{name}: from {first} to {last}")
    return f"Prices over time in {unit} on a log scale. {'; '.join(parts)}."
