"""Figures of what a change is made of, and of price against the number of makers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new, beside, plain_log
from costmodel.report.style import LINE_STYLES, MINUS, PALETTE, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NEARLY = 1e-9
_SHOW = significant(3)


def waterfall_figure(
    frame: pd.DataFrame, *, unit: str, scale: float = 1.0, decimals: int = 1, ax: Axes | None = None
) -> Axes:
    """Draw how a total becomes another: totals as bars from zero, the changes between them as steps.

    Parameters
    ----------
    frame : DataFrame
        ``label``, ``amount`` and ``total`` (bool): a total stands from zero, a change is added to what
        stands before it. The last total must be what the steps lead to.
    unit : str
        What amounts are in after scaling, such as ``million USD``.
    scale : float, default 1
        Amounts are multiplied by it.
    decimals : int, default 1
    ax : Axes, optional

    Raises
    ------
    CostModelError
        A later total is not what the changes before it add up to.
    """
    starts, ends = _steps(frame)
    with use_style():
        ax = axes_or_new(ax, height=3.2)
        for place, row in enumerate(frame.to_dict("records")):
            low, high = sorted((starts[place] * scale, ends[place] * scale))
            rises = row["amount"] >= 0
            colour, hatch = (
                ("#555555", "") if row["total"] else ((PALETTE[1], "///") if rises else (PALETTE[0], "..."))
            )
            ax.bar(
                place, high - low, bottom=low, width=0.62, facecolor=colour, edgecolor="white", hatch=hatch
            )
            text = _signed(row["amount"] * scale, decimals, signed=not row["total"])
            beside(ax, text, (place, max(high, 0.0)), side="above")
        for place in range(len(frame) - 1):
            level = ends[place] * scale
            ax.plot(
                [place + 0.31, place + 0.69], [level, level], color="#555555", linewidth=0.8, linestyle="-"
            )
        ax.axhline(0, color="#1b1b1b", linewidth=0.9)
        ax.set_xticks(range(len(frame)), [str(text).replace(" ", "\n", 1) for text in frame["label"]])
        ax.tick_params(axis="x", length=0)
        ax.set_ylabel(unit)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:,g}".replace("-", MINUS))
        ax.margins(y=0.14)
        return ax


def waterfall_alt(frame: pd.DataFrame, *, unit: str, scale: float = 1.0, decimals: int = 1) -> str:
    """Return the alternative text of :func:`waterfall_figure`."""
    _steps(frame)
    parts = [
        f"{row['label']} {_signed(row['amount'] * scale, decimals, signed=not row['total'])}"
        for row in frame.to_dict("records")
    ]
    return f"Waterfall in {unit}: {'; '.join(parts)}."


def _signed(amount: float, decimals: int, *, signed: bool) -> str:
    size = f"{abs(amount):,.{decimals}f}"
    sign = MINUS if amount < 0 else "+" if signed else ""
    return f"{sign}{size}"


def _steps(frame: pd.DataFrame) -> tuple[list[float], list[float]]:
    starts: list[float] = []
    ends: list[float] = []
    level = 0.0
    largest = float(frame["amount"].abs().max()) or 1.0
    for place, row in enumerate(frame.to_dict("records")):
        amount = float(row["amount"])
        if row["total"]:
            if place and abs(amount - level) > _NEARLY * largest:
                raise CostModelError(
                    f"the steps before '{row['label']}' lead to {level:,.6g}, but it is {amount:,.6g}: "
                    "a waterfall shows parts that add up"
                )
            starts.append(0.0)
            level = amount
        else:
            starts.append(level)
            level += amount
        ends.append(level)
    return starts, ends


def competition_figure(
    curves: pd.DataFrame, observed: Mapping[str, tuple[float, float]], *, ax: Axes | None = None
) -> Axes:
    """Draw generic price relative to brand against the number of makers, with observed points.

    Parameters
    ----------
    curves : DataFrame
        ``curve``, ``producers`` and ``relative_price`` (generic over brand, 1 = the brand's price).
    observed : mapping of str to (producers, relative price)
        Points by label, such as ``{"clonazepam 2 mg, 2026": (11, 0.009)}``.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        A price or a number of makers is not above 0.
    """
    if not ((curves["relative_price"] > 0) & (curves["producers"] > 0)).all():
        raise CostModelError("curves of competition need numbers of makers and prices above 0")
    with use_style():
        ax = axes_or_new(ax, height=3.5)
        for place, (name, rows) in enumerate(curves.groupby("curve", sort=False)):
            ordered = rows.sort_values("producers")
            ax.plot(
                ordered["producers"],
                ordered["relative_price"],
                color=PALETTE[place % len(PALETTE)],
                linestyle=LINE_STYLES[place % len(LINE_STYLES)],
                marker=("o", "s", "D", "^", "v")[place % 5],
                markersize=4.5,
                label=str(name),
            )
        for label, (makers, price) in observed.items():
            ax.scatter([makers], [price], s=120, marker="*", color=PALETTE[4], zorder=4)
            beside(ax, f"{label}: {price:.1%}", (makers, price), side="left")
        plain_log(ax, "y")
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
        ax.set_ylabel("Generic price, brand price = 1, log scale")
        ax.set_xlabel("Number of generic makers")
        most = max([float(curves["producers"].max()), *(float(point[0]) for point in observed.values())])
        ax.set_xlim(0, most + 1)
        ax.legend(loc="upper right", fontsize=8)
        return ax


def competition_alt(curves: pd.DataFrame, observed: Mapping[str, tuple[float, float]]) -> str:
    """Return the alternative text of :func:`competition_figure`."""
    parts = []
    for name, rows in curves.groupby("curve", sort=False):
        ends = rows.sort_values("producers").iloc[[0, -1]]
        first, last = (f"{_SHOW(r['relative_price'])} at {r['producers']:g}" for r in ends.to_dict("records"))
        parts.append(f"{name}: from {first} to {last} makers")
    points = [f"{label}: {price:.3g} at {makers:g} makers" for label, (makers, price) in observed.items()]
    return f"Generic price relative to brand against the number of makers. {'; '.join([*parts, *points])}."
