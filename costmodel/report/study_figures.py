"""The figures of a study's report. Each takes and returns axes, or makes its own."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from costmodel.report.axes import axes_or_new, figure_of
from costmodel.report.findings import Findings, perspective_label
from costmodel.report.style import PALETTE, bar_style, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABEL = 34


def price_figure(pairs: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw brand against generic price per unit by strength, on a log scale, with the ratio between.

    Parameters
    ----------
    pairs : DataFrame
        As :func:`costmodel.prices.compare_prices` gives it.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    with use_style():
        order = _per_unit(pairs).sort_values("strength_mg", ascending=False)
        ax = axes_or_new(ax, height=0.62 * len(order) + 1.1)
        rows = np.arange(len(order))
        ax.hlines(rows, order["generic"], order["brand"], color="#999999", linewidth=1.2, zorder=1)
        ax.scatter(order["generic"], rows, s=58, color=PALETTE[2], marker="s", zorder=2, label="Generic")
        ax.scatter(order["brand"], rows, s=62, color=PALETTE[0], marker="o", zorder=2, label="Brand")
        for row, item in zip(rows, order.to_dict("records"), strict=True):
            middle = float(np.sqrt(item["brand"] * item["generic"]))
            ax.annotate(
                f"{item['ratio']:,.0f} times",
                (middle, row),
                ha="center",
                va="bottom",
                xytext=(0, 3),
                textcoords="offset points",
                fontsize=8.5,
                color="#333333",
            )
            ax.annotate(
                f"{item['generic']:,.4f}",
                (item["generic"], row),
                ha="right",
                va="center",
                xytext=(-8, 0),
                textcoords="offset points",
                fontsize=8.5,
            )
            ax.annotate(
                f"{item['brand']:,.2f}",
                (item["brand"], row),
                ha="left",
                va="center",
                xytext=(8, 0),
                textcoords="offset points",
                fontsize=8.5,
            )
        ax.set_yticks(rows, [f"{strength:g} mg" for strength in order["strength_mg"]])
        ax.set_ylim(-0.6, len(order) - 0.25)
        ax.set_xscale("log")
        ax.set_xlim(order["generic"].min() / 3.2, order["brand"].max() * 2.6)
        ax.set_xlabel(f"{order['currency'].iloc[0]} per {order['unit'].iloc[0]}, log scale")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=2)
        ax.tick_params(axis="y", length=0)
        return ax


def price_alt(pairs: pd.DataFrame) -> str:
    """Return the alternative text of :func:`price_figure`."""
    parts = [
        f"{item['strength_mg']:g} mg: brand {item['brand']:,.2f}, generic {item['generic']:,.4f}, "
        f"{item['ratio']:,.0f} times"
        for item in _per_unit(pairs).sort_values("strength_mg").to_dict("records")
    ]
    return f"Brand and generic price per unit by strength on a log scale. {'; '.join(parts)}."


def payer_figure(
    found: Findings, perspectives: Sequence[str], *, axes: Sequence[Axes] | None = None
) -> Figure:
    """Draw cost per person by segment and strategy, split by who pays.

    Parameters
    ----------
    found : Findings
    perspectives : sequence of str
        Perspectives that share no measure, so that stacking them counts nothing twice.
    axes : sequence of Axes, optional
        One per segment.

    Raises
    ------
    ValueError
        Two perspectives share a measure.
    """
    members = [set(found.outcomes.perspectives[name]) for name in perspectives]
    if sum(len(item) for item in members) != len(set().union(*members)):
        raise ValueError(f"perspectives {', '.join(perspectives)} share a measure: stacking counts it twice")
    segments, strategies = found.outcomes.segments, found.outcomes.strategies
    with use_style():
        if axes is None:
            from matplotlib.figure import Figure as NewFigure

            figure = NewFigure(figsize=(6.3, 3.1))
            axes = list(np.atleast_1d(figure.subplots(1, len(segments), sharey=True)))
        x = np.arange(len(strategies))
        for ax, segment in zip(axes, segments, strict=True):
            floor = np.zeros(len(strategies))
            for position, name in enumerate(perspectives):
                cost = found.outcomes.cost(name, segment=segment).mean(axis=1)
                ax.bar(
                    x, cost, bottom=floor, width=0.72, label=perspective_label(name), **bar_style(position)
                )
                floor = floor + cost
            for place, height in zip(x, floor, strict=True):
                ax.annotate(
                    f"{height:,.0f}",
                    (place, height),
                    ha="center",
                    va="bottom",
                    xytext=(0, 2),
                    textcoords="offset points",
                    fontsize=8,
                )
            ax.set_title(found.segment_label(segment).replace(" ", "\n", 1), fontsize=9)
            ax.set_xticks(
                x, [found.strategy_label(name).replace(" ", "\n", 1) for name in strategies], fontsize=7.5
            )
            ax.tick_params(axis="x", length=0)
            ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes[0].set_ylabel(
            f"{found.money} per person and year" if _one_year(found) else f"{found.money} per person"
        )
        figure = figure_of(axes[0])
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=len(perspectives))
        return figure


def payer_alt(found: Findings, perspectives: Sequence[str]) -> str:
    """Return the alternative text of :func:`payer_figure`."""
    parts = []
    for segment in found.outcomes.segments:
        cost = sum(found.outcomes.cost(name, segment=segment).mean(axis=1) for name in perspectives)
        shown = ", ".join(
            f"{found.strategy_label(strategy)} {value:,.0f}"
            for strategy, value in zip(found.outcomes.strategies, np.asarray(cost), strict=True)
        )
        parts.append(f"{found.segment_label(segment)}: {shown}")
    return f"Stacked bars of cost per person by segment, strategy and who pays. {'; '.join(parts)}."


def scenario_figure(table: pd.DataFrame, *, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the headline difference under each scenario as bars, the base case marked by a line."""
    with use_style():
        order = table.iloc[::-1]
        names = [textwrap.fill(name, _LABEL) for name in order["Scenario"]]
        lines = sum(name.count("\n") + 1 for name in names)
        ax = axes_or_new(ax, height=0.16 * lines + 0.16 * len(table) + 0.9)
        rows = np.arange(len(order))
        colours = [PALETTE[1] if name == "Base case" else PALETTE[0] for name in order["Scenario"]]
        ax.barh(rows, order["Difference"], color=colours, height=0.62)
        base = float(table["Difference"].iloc[0])
        ax.axvline(base, color="#555555", linewidth=0.9, linestyle="--", zorder=0)
        ax.axvline(0, color="#1b1b1b", linewidth=0.9)
        for row, value in zip(rows, order["Difference"], strict=True):
            ax.annotate(
                f"{value:,.0f}".replace("-", "\N{MINUS SIGN}"),
                (value, row),
                va="center",
                ha="right" if value < 0 else "left",
                xytext=(-4 if value < 0 else 4, 0),
                textcoords="offset points",
                fontsize=8.5,
            )
        ax.set_yticks(rows, names)
        low, high = min(0.0, order["Difference"].min()), max(0.0, order["Difference"].max())
        margin = 0.2 * (high - low or 1.0)
        ax.set_xlim(low - margin if low < 0 else 0, high + margin if high > 0 else 0)
        ax.set_xlabel(f"Difference in cost per person, {currency}")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace("-", "\N{MINUS SIGN}"))
        ax.tick_params(axis="y", length=0)
        return ax


def scenario_alt(table: pd.DataFrame) -> str:
    """Return the alternative text of :func:`scenario_figure`."""
    parts = [f"{row['Scenario']} {row['Difference']:,.0f}" for row in table.to_dict("records")]
    return f"Bars of the difference in cost per person under each scenario. {'; '.join(parts)}."


def _per_unit(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[pairs["basis"] == "unit"]


def _one_year(found: Findings) -> bool:
    return found.study.model(found.scenario).time.horizon_years == 1
