"""The figure of a budget impact analysis: what payer and patients pay more or less in each year."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.report.axes import axes_or_new
from costmodel.report.style import bar_style, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from costmodel.analysis.budget_result import BudgetImpact

_SHOW = significant(3)
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
        Bars above the line are money spent, bars below it money saved; net of rebates, undiscounted.
    """
    table = impact.by_year(level=level)
    factor, unit = _scale(table)
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        for place, (who, rows) in enumerate(table.groupby("paid_by", sort=False)):
            at = rows["year"].to_numpy() + first_year - 1 + (place - 0.5) * _WIDTH
            values = rows["impact"].to_numpy() / factor
            ax.bar(at, values, width=_WIDTH, label=_NAMES[str(who)], **bar_style(place))
            tips = values
            if impact.n_draws > 1:
                low, high = (rows[f"impact_{end}"].to_numpy() / factor for end in ("low", "high"))
                ax.vlines(at, low, high, color="#1b1b1b", linewidth=1.2)
                tips = np.where(values >= 0, np.maximum(values, high), np.minimum(values, low))
            for x, tip, value in zip(at, tips, values, strict=True):
                side = 1 if value >= 0 else -1
                ax.annotate(_SHOW(value), (x, tip), xytext=(0, 3 * side), textcoords="offset points",
                            ha="center", va="bottom" if side > 0 else "top", fontsize=7.5)  # fmt: skip
        ax.axhline(0, color="#1b1b1b", linewidth=0.8)
        ax.margins(y=0.12)
        ax.set_xticks(sorted(set(table["year"] + first_year - 1)))
        ax.tick_params(axis="x", length=0)
        lines = f"; lines are {level:.0%} intervals" if impact.n_draws > 1 else ""
        ax.set_xlabel(("Year" if first_year > 1 else "Year of the analysis") + lines)
        ax.set_ylabel(
            " ".join(["Impact on the budget,", *filter(None, (unit, impact.currency))]).rstrip(", ")
        )
        ax.yaxis.set_major_formatter(lambda value, _: _SHOW(value))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return ax


def budget_impact_alt(impact: BudgetImpact, *, first_year: int = 1, level: float = 0.95) -> str:
    """Return the alternative text of :func:`budget_impact_by_year`."""
    table = impact.by_year(level=level)
    factor, unit = _scale(table)
    money = " ".join(filter(None, (unit, impact.currency)))
    parts = []
    for who, rows in table.groupby("paid_by", sort=False):
        shown = [
            f"{row['year'] + first_year - 1} {_SHOW(row['impact'] / factor)}{_interval(row, factor)}"
            for row in rows.to_dict("records")
        ]
        parts.append(f"{_NAMES[str(who)]}: {', '.join(shown)}")
    of = f" in {money}" if money else ""
    return f"Bars of the impact on the budget by year{of}; above 0 is spent, below saved. {'; '.join(parts)}."


def _interval(row: Mapping[Hashable, Any], factor: float) -> str:
    if "impact_low" not in row:
        return ""
    return f" ({_SHOW(row['impact_low'] / factor)} to {_SHOW(row['impact_high'] / factor)})"


def _scale(table: pd.DataFrame) -> tuple[float, str]:
    largest = float(table["impact"].abs().max())
    return next(((factor, name) for factor, name in _SCALES if largest >= factor), (1.0, ""))


_NAMES = {"payer": "Payer, net of rebates", "patient": "Patients"}
