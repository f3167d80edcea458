"""Figures of payments: who pays whom for a fill, and what a patient pays over a plan year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new
from costmodel.report.style import LINE_STYLES, PALETTE, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_PLACES = {
    "patient": (0.0, 2.0),
    "plan": (0.0, 1.0),
    "government": (0.0, 0.0),
    "other": (1.0, 2.0),
    "pharmacy": (1.0, 1.0),
    "wholesaler": (2.0, 1.0),
    "manufacturer": (2.0, 0.0),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money_flow_figure(flows: pd.DataFrame, *, title: str, unit: str, ax: Axes | None = None) -> Axes:
    """Draw the parties to one fill and what each pays another, as arrows with amounts.

    Parameters
    ----------
    flows : DataFrame
        ``from``, ``to`` and ``amount``, such as :meth:`Settlement.flows` of one fill; flows between the same
        two parties are added up.
    title : str
    unit : str
        Currency of the amounts.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        There is no flow, or a party is unknown.
    """
    sums = flows.groupby(["from", "to"], sort=False)["amount"].sum()
    parties = list(dict.fromkeys(name for pair in sums.index for name in pair))
    strange = [name for name in parties if name not in _PLACES]
    if strange or not parties:
        found = ", ".join(strange) or "no flow"
        raise CostModelError(f"a money flow is drawn between {', '.join(_PLACES)}; found {found}")
    largest = float(sums.max())
    with use_style():
        ax = axes_or_new(ax, height=3.0, width=3.9)
        for payer, payee, amount in sums.reset_index().itertuples(index=False, name=None):
            _arrow(ax, payer, payee, amount, largest)
        for name in parties:
            ax.text(
                *_PLACES[name],
                name.capitalize(),
                ha="center",
                va="center",
                fontsize=8.5,
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "#555555"},
                zorder=3,
            )
        ax.set_title(f"{title}, {unit}")
        ax.set_xlim(-0.45, 2.5)
        ax.set_ylim(-0.35, 2.35)
        ax.set_axis_off()
        return ax


def _arrow(ax: Axes, payer: str, payee: str, amount: float, largest: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    start, end = np.array(_PLACES[payer]), np.array(_PLACES[payee])
    back = payer == "manufacturer" and payee in ("plan", "government", "patient", "pharmacy")
    arrow = FancyArrowPatch(
        (float(start[0]), float(start[1])),
        (float(end[0]), float(end[1])),
        arrowstyle="-|>",
        mutation_scale=11,
        linewidth=0.8 + 3.2 * amount / largest,
        linestyle="--" if back else "-",
        color=PALETTE[1] if back else PALETTE[0],
        connectionstyle=f"arc3,rad={-0.25 if back else 0}",
        shrinkA=30,
        shrinkB=38,
        zorder=2,
    )
    ax.add_patch(arrow)
    middle = (start + end) / 2 + np.array([0.0, -0.28 if back else 0.0])
    ax.text(
        float(middle[0]),
        float(middle[1]),
        f"{amount:,.2f}",
        ha="center",
        va="center",
        fontsize=8,
        bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
        zorder=4,
    )


def money_flow_alt(flows: pd.DataFrame, *, title: str, unit: str) -> str:
    """Return the alternative text of :func:`money_flow_figure`."""
    sums = flows.groupby(["from", "to"], sort=False)["amount"].sum()
    rows = sums.reset_index().itertuples(index=False, name=None)
    parts = [f"{payer} to {payee} {amount:,.2f}" for payer, payee, amount in rows]
    return f"{title}: who pays whom in {unit}. {'; '.join(parts)}."


def plan_year_figure(series: Mapping[str, object], *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw what a patient pays month by month, and on the right what the year comes to.

    Parameters
    ----------
    series : mapping of label to array, (12,)
        What the patient pays in each month.
    unit : str
        Currency.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        A series does not have twelve months.
    """
    with use_style():
        ax = axes_or_new(ax, height=3.2)
        for place, (label, values) in enumerate(series.items()):
            paid = _months(label, values)
            ax.plot(
                range(12),
                paid,
                drawstyle="steps-mid",
                color=PALETTE[place % len(PALETTE)],
                linestyle=LINE_STYLES[place % len(LINE_STYLES)],
                marker=("o", "s", "D", "^", "v")[place % 5],
                markersize=4,
                label=f"{label}: {paid.sum():,.2f} in the year",
            )
        ax.set_xticks(range(12), _MONTHS)
        ax.set_ylabel(f"Patient pays, {unit} a month")
        ax.set_ylim(bottom=0)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=1)
        return ax


def _months(label: str, values: object) -> np.ndarray:
    paid = np.asarray(values, dtype=float)
    if paid.shape != (12,):
        raise CostModelError(f"'{label}' must have one amount for each of twelve months; found {paid.shape}")
    return paid


def plan_year_alt(series: Mapping[str, object], *, unit: str) -> str:
    """Return the alternative text of :func:`plan_year_figure`."""
    paid = {label: _months(label, values) for label, values in series.items()}
    parts = [
        f"{label}: {one[0]:,.2f} in January, {one[-1]:,.2f} in December, {one.sum():,.2f} in the year"
        for label, one in paid.items()
    ]
    return f"What a patient pays month by month in {unit}. {'; '.join(parts)}."
