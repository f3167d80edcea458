"""The figures of a budget impact analysis: what payers and patients pay more or less in each year."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.report.axes import axes_or_new, figure_of
from costmodel.report.style import FIGURE_WIDTH, bar_style, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from costmodel.analysis.budget_result import BudgetImpact

SHOW = significant(3)
"""How amounts are written in figures and tables of budget impact."""

_WIDTH = 0.38
_SCALES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def budget_impact_by_year(
    impact: BudgetImpact, *, first_year: int = 1, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """Draw the impact of each year as bars, payer and patients apart, with intervals where there are draws.

    Parameters
    ----------
    impact : BudgetImpact
    first_year : int, default 1
        What year 1 is called, such as 2026.
    level : float, default 0.95
        Of the intervals.
    ax : Axes, optional

    Returns
    -------
    Axes
        Bars above the line are money spent, bars below it money saved; undiscounted, net of rebates or, where
        prices are and no rebate is known, gross of them.
    """
    table = impact.by_year(level=level)
    factor, unit = scale_of(table["impact"])
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        _bars(ax, table, impact, factor=factor, first_year=first_year, shown=True)
        ax.set_xlabel(_years_label(impact, first_year, level))
        ax.set_ylabel(_amount_label(impact, unit))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return ax


def budget_by_segment(
    impact: BudgetImpact, *, first_year: int = 1, level: float = 0.95, axes: Sequence[Axes] | None = None
) -> Figure:
    """Draw the impact of each year as bars in a panel for every segment, on one scale.

    Parameters
    ----------
    impact : BudgetImpact
        Its segments are the payers, or the groups of people, that get a panel each.
    first_year, level
        As in :func:`budget_impact_by_year`.
    axes : sequence of Axes, optional
        One per segment.
    """
    table = impact.by_year(level=level, each_segment=True)
    factor, unit = scale_of(table["impact"])
    with use_style():
        if axes is None:
            axes = _panels(len(impact.segments))
        for ax, segment in zip(axes, impact.segments, strict=True):
            rows = table[table["segment"] == segment]
            _bars(ax, rows, impact, factor=factor, first_year=first_year, shown=False)
            ax.set_title(segment, fontsize=9)
        figure = figure_of(axes[0])
        figure.supylabel(_amount_label(impact, unit), fontsize=9)
        figure.supxlabel(_years_label(impact, first_year, level), fontsize=9)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
        return figure


def _panels(count: int) -> Sequence[Axes]:
    """Return so many panels of a new figure, two in a row, on one scale."""
    from matplotlib.figure import Figure as NewFigure

    rows = -(-count // 2)
    figure = NewFigure(figsize=(FIGURE_WIDTH, 1.75 * rows + 0.9))
    panels = figure.subplots(rows, min(count, 2), sharex=True, sharey=True, squeeze=False).ravel()
    for ax in panels[count:]:
        ax.set_visible(False)
    return list(panels[:count])


def _bars(
    ax: Axes, table: pd.DataFrame, impact: BudgetImpact, *, factor: float, first_year: int, shown: bool
) -> None:
    """Draw bars with intervals, payer and patients side by side, their values written if ``shown``."""
    for place, (who, rows) in enumerate(table.groupby("paid_by", sort=False)):
        at = rows["year"].to_numpy() + first_year - 1 + (place - 0.5) * _WIDTH
        values = rows["impact"].to_numpy() / factor
        ax.bar(at, values, width=_WIDTH, label=account_name(str(who), impact), **bar_style(place))
        tips = values
        if impact.n_draws > 1:
            low, high = (rows[f"impact_{end}"].to_numpy() / factor for end in ("low", "high"))
            ax.vlines(at, low, high, color="#1b1b1b", linewidth=1.2)
            tips = np.where(values >= 0, np.maximum(values, high), np.minimum(values, low))
        for x, tip, value in zip(at, tips, values, strict=True) if shown else ():
            side = 1 if value >= 0 else -1
            ax.annotate(SHOW(value), (x, tip), xytext=(0, 3 * side), textcoords="offset points",
                        ha="center", va="bottom" if side > 0 else "top", fontsize=7.5)  # fmt: skip
    ax.axhline(0, color="#1b1b1b", linewidth=0.8)
    ax.margins(y=0.12)
    ax.set_xticks(sorted(set(table["year"] + first_year - 1)))
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_major_formatter(lambda value, _: SHOW(value))


def _amount_label(impact: BudgetImpact, unit: str) -> str:
    return " ".join(["Impact on the budget,", *filter(None, (unit, impact.currency))]).rstrip(", ")


def _years_label(impact: BudgetImpact, first_year: int, level: float) -> str:
    lines = f"; lines are {level:.0%} intervals" if impact.n_draws > 1 else ""
    return ("Year" if first_year > 1 else "Year of the analysis") + lines


def budget_impact_alt(impact: BudgetImpact, *, first_year: int = 1, level: float = 0.95) -> str:
    """Return the alternative text of :func:`budget_impact_by_year`."""
    table = impact.by_year(level=level)
    factor, unit = scale_of(table["impact"])
    said = _said(table, impact, factor, first_year)
    return f"Bars of the impact on the budget by year{_money(impact, unit)}; {_SIGNS}. {said}."


def budget_by_segment_alt(impact: BudgetImpact, *, first_year: int = 1, level: float = 0.95) -> str:
    """Return the alternative text of :func:`budget_by_segment`."""
    table = impact.by_year(level=level, each_segment=True)
    factor, unit = scale_of(table["impact"])
    ends = table[table["year"].isin([1, impact.years])]
    parts = [
        f"{segment}: {_said(ends[ends['segment'] == segment], impact, factor, first_year)}"
        for segment in impact.segments
    ]
    return (
        f"Bars of the impact on the budget by year{_money(impact, unit)}, a panel for each of "
        f"{len(impact.segments)} payers; {_SIGNS}; first and last year. {'. '.join(parts)}."
    )


_SIGNS = "above 0 is spent, below saved"


def _said(table: pd.DataFrame, impact: BudgetImpact, factor: float, first_year: int) -> str:
    parts = []
    for who, rows in table.groupby("paid_by", sort=False):
        shown = [
            f"{row['year'] + first_year - 1} {SHOW(row['impact'] / factor)}{interval_text(row, factor)}"
            for row in rows.to_dict("records")
        ]
        parts.append(f"{account_name(str(who), impact)}: {', '.join(shown)}")
    return "; ".join(parts)


def _money(impact: BudgetImpact, unit: str) -> str:
    money = " ".join(filter(None, (unit, impact.currency)))
    return f" in {money}" if money else ""


def interval_text(row: Mapping[Hashable, Any], factor: float) -> str:
    """Return the interval of a row of :meth:`BudgetImpact.by_year` in brackets; empty where there is none."""
    if "impact_low" not in row:
        return ""
    return f" ({SHOW(row['impact_low'] / factor)} to {SHOW(row['impact_high'] / factor)})"


def scale_of(amounts: pd.Series) -> tuple[float, str]:
    """Return the factor and the name of the unit in which amounts are shown, by the largest of them.

    Examples
    --------
    >>> import pandas as pd
    >>> scale_of(pd.Series([12.0, -4_500_000.0]))
    (1000000.0, 'million')
    """
    largest = float(amounts.abs().max())
    return next(((factor, name) for factor, name in _SCALES if largest >= factor), (1.0, ""))


def account_name(paid_by: str, impact: BudgetImpact) -> str:
    """Return who pays, and for a payer whether rebates are subtracted."""
    return f"Payer, {impact.basis} of rebates" if paid_by == "payer" else "Patients"
