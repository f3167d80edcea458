"""Figures of people: the funnel to those treated, Pen's parade, days' wages, and shares over thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new, beside
from costmodel.report.style import PALETTE, bar_style, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from costmodel.populations.affordability import LognormalIncome

_SHOW = significant(3)
_MILLION = 1e6
_THOUSAND = 1e3


def people_text(number: float) -> str:
    """Return a number of people as a report shows it: ``1.97 million``, ``427,700``.

    Examples
    --------
    >>> people_text(1_968_091), people_text(427_700), people_text(12.4)
    ('1.97 million', '427,700', '12')
    """
    if number >= _MILLION:
        return f"{number / _MILLION:,.3g} million" if number < 1e9 else f"{number / 1e9:,.3g} billion"  # noqa: PLR2004
    return f"{number:,.0f}"


def funnel_figure(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw a funnel on a log scale: who remains at every step with its interval, and who is lost.

    Parameters
    ----------
    table : DataFrame
        ``Funnel.table``: ``label, people, lost, loss, share, low, high, status``.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        A step has nobody.
    """
    if table.empty or not (table["people"] > 0).all():
        raise CostModelError("a funnel is drawn of steps that each hold people")
    with use_style():
        ax = axes_or_new(ax, height=0.62 * len(table) + 0.75)
        at = np.arange(len(table))[::-1]
        floor = 10 ** np.floor(np.log10(table["people"].min() / 3))
        for row, item in zip(at, table.to_dict("records"), strict=True):
            firm = item["status"] in ("read", "computed")
            look: dict[str, Any] = {"facecolor": PALETTE[0] if firm else "#9ec9e2", "edgecolor": PALETTE[0]}
            hatch = "" if firm else "///"
            ax.barh(row, item["people"] - floor, left=floor, height=0.46, hatch=hatch, **look)
            ax.hlines(row, item["low"], item["high"], color="#1b1b1b", linewidth=1.2)
            tip = max(item["people"], item["high"])
            share = "" if np.isnan(item["share"]) else f" ({item['share']:.3g} of those above)"
            beside(ax, f"{people_text(item['people'])}{share}", (tip, row), size=8)
            if item["loss"]:
                text = f"lost: {item['loss']}, {people_text(item['lost'])}"
                ax.annotate(text, (floor, row + 0.5), xytext=(4, 0), textcoords="offset points",
                            va="center", fontsize=7.5, color="#555555")  # fmt: skip
        ax.set_xscale("log")
        ax.set_xlim(floor, table["high"].max() * 60)
        ax.set_yticks(at, list(table["label"]))
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(lambda value, _: people_text(value))
        ax.set_xlabel("People, log scale; lines are 95 % intervals; hatched: elicited, recalled or assumed")
        return ax


def funnel_alt(table: pd.DataFrame) -> str:
    """Return the alternative text of :func:`funnel_figure`."""
    parts = [f"{row['label']} {people_text(row['people'])}" for row in table.to_dict("records")]
    return f"Funnel from the population to those treated: {'; '.join(parts)}."


def parade_figure(
    incomes: LognormalIncome, expense: float, *, poverty_line: float, unit: str, ax: Axes | None = None
) -> Axes:
    """Draw Pen's parade: income of people from poorest to richest, with and without a medicine's cost.

    Parameters
    ----------
    incomes : LognormalIncome
        Income or consumption of one person, in the currency and for the period of the other two.
    expense : float
        What the medicine costs the person.
    poverty_line : float
        Above 0.
    unit : str
        Such as ``USD a day``.
    ax : Axes, optional
    """
    levels = np.linspace(0.005, 0.95, 190)
    before = incomes.quantile(levels)
    after = before - expense
    with use_style():
        ax = axes_or_new(ax, height=3.4)
        ax.plot(levels, before, color=PALETTE[0], linestyle="-", label="Without the medicine")
        ax.plot(levels, after, color=PALETTE[1], linestyle="--", label="After paying for it")
        ax.fill_between(levels, after, before, color=PALETTE[1], alpha=0.18, linewidth=0)
        ax.axhline(poverty_line, color="#1b1b1b", linewidth=1, linestyle=":")
        start, end = (float(incomes.share_below(x)) for x in (poverty_line, poverty_line + expense))
        for level in (start, end):
            ax.vlines(level, 0, poverty_line, color="#555555", linewidth=0.9)
        ax.annotate("poverty line", (0.94, poverty_line), ha="right", va="bottom", fontsize=8)
        text = f"poor without: {start:.1%}; after paying: {end:.1%}"
        ax.annotate(
            text, (end, poverty_line / 2), xytext=(6, 0), textcoords="offset points", fontsize=8, va="center"
        )
        ax.axhline(0, color="#1b1b1b", linewidth=0.8)
        ax.set_xlim(0, 0.95)
        ax.set_xlabel("Share of people, from poorest to richest")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_ylabel(unit)
        ax.legend(loc="upper left")
        return ax


def parade_alt(incomes: LognormalIncome, expense: float, *, poverty_line: float, unit: str) -> str:
    """Return the alternative text of :func:`parade_figure`."""
    start, end = (float(incomes.share_below(x)) for x in (poverty_line, poverty_line + expense))
    return (
        f"Pen's parade of income in {unit} with and without a cost of {_SHOW(expense)}: {start:.1%} of "
        f"people are below the line of {_SHOW(poverty_line)} without it and {end:.1%} after paying."
    )


def wages_figure(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw days' wages for a month of treatment, by place and product, with a line at one day.

    Parameters
    ----------
    frame : DataFrame
        ``place``, ``product`` and ``days``; the rows of one place stand together.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        There is no row, or a number of days is negative or missing.
    """
    if frame.empty or not (frame["days"] >= 0).all():
        raise CostModelError("days' wages are drawn of at least one row, each at least 0")
    products = list(dict.fromkeys(frame["product"]))
    with use_style():
        ax = axes_or_new(ax, height=0.3 * len(frame) + 1.2)
        rows = frame.iloc[::-1].reset_index(drop=True)
        for row, item in enumerate(rows.to_dict("records")):
            ax.barh(row, item["days"], height=0.66, **bar_style(products.index(item["product"])))
            beside(ax, _SHOW(item["days"]), (item["days"], row), size=8)
        for place, name in enumerate(products):
            ax.barh([0], [0], label=name, **bar_style(place))
        ax.axvline(1, color="#1b1b1b", linewidth=0.9, linestyle="--")
        ax.set_yticks(range(len(rows)), list(rows["place"]))
        ax.tick_params(axis="y", length=0)
        ax.set_xlim(0, max(1.2, rows["days"].max() * 1.18))
        ax.set_xlabel("Days' wages for a month of treatment; the dashed line is one day")
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(products))
        return ax


def wages_alt(frame: pd.DataFrame) -> str:
    """Return the alternative text of :func:`wages_figure`."""
    parts = [f"{row['place']}, {row['product']}: {_SHOW(row['days'])}" for row in frame.to_dict("records")]
    return f"Bars of days' wages for a month of treatment. {'; '.join(parts)}."


def threshold_figure(frame: pd.DataFrame, *, threshold_label: str, ax: Axes | None = None) -> Axes:
    """Draw which share of each group spends more than each threshold, one line per group or product.

    Parameters
    ----------
    frame : DataFrame
        ``group``, ``threshold`` and ``share`` (0 to 1).
    threshold_label : str
        What thresholds are shares of, such as ``Share of income``.
    ax : Axes, optional
    """
    with use_style():
        ax = axes_or_new(ax, height=3.2)
        for name, rows in frame.groupby("group", sort=False):
            ordered = rows.sort_values("threshold")
            ax.plot(ordered["threshold"], ordered["share"], marker="o", markersize=4, label=str(name))
        ax.set_xlabel(threshold_label)
        ax.set_ylabel("Share of people above it")
        ax.set_xticks(sorted(set(frame["threshold"])))
        for side in (ax.xaxis, ax.yaxis):
            side.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_ylim(0, max(0.02, frame["share"].max() * 1.1))
        ax.legend(loc="upper right")
        return ax


def threshold_alt(frame: pd.DataFrame, *, threshold_label: str) -> str:
    """Return the alternative text of :func:`threshold_figure`."""
    parts = [
        f"{row['group']} above {row['threshold']:.0%}: {row['share']:.1%}" for row in frame.to_dict("records")
    ]
    return f"Share of people whose spending exceeds thresholds ({threshold_label}). {'; '.join(parts)}."
