"""Figures of probabilistic analyses: the plane, acceptability, expected loss, and convergence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new
from costmodel.report.style import LINE_STYLES, PALETTE, money, percent, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from costmodel.model import Outcomes

_SHOWN = 2000
_SHOW = significant(3)
_MARKS = ("o", "s", "D", "^", "v")
_SHARES = (0.95, 0.5)
_METHODS = {"monte_carlo": "Monte Carlo", "sobol": "Sobol"}


def _plane(
    outcomes: Outcomes, strategy: str, perspective: str, effect: str, segment: str | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from costmodel.analysis import Question

    cost = Question(strategy, perspective, segment=segment).of(outcomes)
    net = Question(strategy, perspective, wtp=1.0, effect=effect, segment=segment).of(outcomes)
    return cost, net + cost


def plane_figure(
    outcomes: Outcomes,
    strategy: str,
    *,
    perspective: str,
    wtp: float,
    effect: str = "qaly",
    segment: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the cost-effectiveness plane: draws, contours of their density, and willingness to pay.

    Parameters
    ----------
    outcomes : Outcomes
    strategy : str
        Against the outcomes' comparator, which stands at the origin.
    perspective, effect : str
    wtp : float
        The slope of the line below which the strategy is worth having.
    segment : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Notes
    -----
    The first 2,000 draws are shown. The contours hold 50 % and 95 % of them, by a Gaussian kernel density;
    they are left out where the draws lie on a line, as they do in a cost-minimisation.
    """
    cost, gained = _plane(outcomes, strategy, perspective, effect, segment)
    with use_style():
        ax = axes_or_new(ax, height=3.9)
        ax.axhline(0, color="#555555", linewidth=0.8, zorder=0)
        ax.axvline(0, color="#555555", linewidth=0.8, zorder=0)
        x, y = gained[:_SHOWN], cost[:_SHOWN]
        ax.scatter(x, y, s=5, color=PALETTE[0], alpha=0.25, linewidths=0, label="Draw", rasterized=True)
        _limits(ax, x, y)
        _contours(ax, x, y)
        low, high = ax.get_xlim()
        bottom, top = ax.get_ylim()
        label = f"{wtp:,.0f} per {effect.replace('_', ' ')}"
        label = label.replace("qaly", "QALY")
        ax.plot([low, high], [wtp * low, wtp * high], color=PALETTE[1], linestyle="--", label=label)
        ax.scatter([gained.mean()], [cost.mean()], s=46, marker="D", color="black", label="Mean", zorder=4)
        ax.set_xlim(low, high)
        ax.set_ylim(bottom, top)
        ax.yaxis.set_major_formatter(money())
        ax.set_xlabel(f"Difference in {_name(effect)} per person")
        ax.set_ylabel(f"Difference in cost, {outcomes.money.currency} per person")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2, handlelength=1.8)
        return ax


def _name(effect: str) -> str:
    return {"qaly": "QALYs", "life_years": "life-years"}.get(effect, effect.replace("_", " "))


def _limits(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Show the origin and nearly all draws, with room around them."""
    for values, put in ((x, ax.set_xlim), (y, ax.set_ylim)):
        low, high = np.quantile(values, [0.001, 0.999])
        low, high = min(low, 0.0), max(high, 0.0)
        room = 0.08 * (high - low or 1.0)
        put(low - room, high + room)


def _contours(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    from scipy.stats import gaussian_kde

    if len(x) < 30 or min(np.ptp(x), np.ptp(y)) == 0 or abs(np.corrcoef(x, y)[0, 1]) > 1 - 1e-6:  # noqa: PLR2004
        return
    density = gaussian_kde(np.stack([x, y]))
    across, up = np.linspace(*ax.get_xlim(), 90), np.linspace(*ax.get_ylim(), 90)
    grid = density(np.stack([one.ravel() for one in np.meshgrid(across, up)])).reshape(90, 90)
    held = density(np.stack([x, y]))
    for share, style in zip(_SHARES, (":", "-"), strict=True):
        ax.contour(
            across,
            up,
            grid,
            levels=[float(np.quantile(held, 1 - share))],
            colors="black",
            linewidths=1.1,
            linestyles=style,
        )
        ax.plot([], [], color="black", linewidth=1.1, linestyle=style, label=f"{share:.0%} of draws")


def plane_alt(
    outcomes: Outcomes,
    strategy: str,
    *,
    perspective: str,
    wtp: float,
    effect: str = "qaly",
    segment: str | None = None,
) -> str:
    """Return the alternative text of :func:`plane_figure`."""
    cost, gained = _plane(outcomes, strategy, perspective, effect, segment)
    worth = np.mean(wtp * gained > cost)
    parts = ", ".join(
        f"{np.mean(where):.0%} {words}"
        for where, words in (
            ((cost > 0) & (gained > 0), "cost more and gain"),
            ((cost < 0) & (gained < 0), "cost less and lose"),
            ((cost <= 0) & (gained >= 0), "cost no more and lose nothing"),
            ((cost >= 0) & (gained <= 0) & ((cost > 0) | (gained < 0)), "cost no less and gain nothing"),
        )
    )
    return (
        f"Cost-effectiveness plane of {strategy} against {outcomes.comparator}, {len(cost):,} draws. Mean "
        f"difference: {_SHOW(cost.mean())} {outcomes.money.currency} and {_SHOW(gained.mean())} "
        f"{_name(effect)} per person. Of the draws {parts}; {worth:.0%} lie below the line at {wtp:,.0f}."
    )


def acceptability_figure(table: pd.DataFrame, *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw the probability of the highest net benefit of every strategy, and the acceptability frontier.

    Parameters
    ----------
    table : DataFrame
        Of :func:`costmodel.analysis.acceptability`.
    unit : str
        Of willingness to pay, such as ``USD per QALY``.
    ax : Axes, optional

    Notes
    -----
    The frontier, thick and grey, follows the strategy with the highest expected net benefit, which need not
    be the one most often best.
    """
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        best = table[table["optimal"]].sort_values("wtp")
        ax.plot(
            best["wtp"],
            best["probability"],
            color="#bbbbbb",
            linewidth=6,
            linestyle="-",
            label="Frontier (best on average)",
            solid_capstyle="butt",
        )
        _curves(ax, table, "probability")
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(percent(0))
        ax.set_ylabel("Probability of the highest net benefit")
        return _along(ax, unit)


def acceptability_alt(table: pd.DataFrame, *, unit: str) -> str:
    """Return the alternative text of :func:`acceptability_figure`."""
    return (
        f"Probability of having the highest net benefit, by willingness to pay in {unit}. {_ends(table)} "
        f"Highest expected net benefit: {_turns(table)}."
    )


def loss_figure(table: pd.DataFrame, *, currency: str, unit: str, ax: Axes | None = None) -> Axes:
    """Draw the expected loss of choosing each strategy; the lowest is the value of perfect information.

    Parameters
    ----------
    table : DataFrame
        Of :func:`costmodel.analysis.acceptability`.
    currency : str
    unit : str
        Of willingness to pay.
    ax : Axes, optional
    """
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        least = table.groupby("wtp")["expected_loss"].min()
        ax.plot(
            least.index,
            least,
            color="#bbbbbb",
            linewidth=6,
            linestyle="-",
            label="Value of perfect information",
        )
        _curves(ax, table, "expected_loss")
        ax.set_ylim(0, None)
        ax.yaxis.set_major_formatter(money())
        ax.set_ylabel(f"Expected loss, {currency} per person")
        return _along(ax, unit)


def loss_alt(table: pd.DataFrame, *, currency: str, unit: str) -> str:
    """Return the alternative text of :func:`loss_figure`."""
    least = table.groupby("wtp")["expected_loss"].min()
    return (
        f"Expected loss in {currency} per person of choosing each strategy, by willingness to pay in {unit}. "
        f"Least loss: {_turns(table)}. The value of perfect information is at most {_SHOW(least.max())}, at "
        f"{least.idxmax():,.0f}."
    )


def _curves(ax: Axes, table: pd.DataFrame, column: str) -> None:
    if table.empty:
        raise CostModelError("a curve needs at least one strategy and one willingness to pay")
    for place, (name, rows) in enumerate(table.groupby("strategy", sort=False)):
        ax.plot(
            rows["wtp"],
            rows[column],
            color=PALETTE[place % len(PALETTE)],
            linestyle=LINE_STYLES[place % len(LINE_STYLES)],
            marker=_MARKS[place % len(_MARKS)],
            markersize=4,
            markevery=max(1, len(rows) // 8),
            label=str(name).replace("_", " "),
        )


def _along(ax: Axes, unit: str) -> Axes:
    ax.xaxis.set_major_formatter(money())
    ax.set_xlabel(f"Willingness to pay, {unit}")
    ax.margins(x=0.02)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    return ax


def _ends(table: pd.DataFrame) -> str:
    parts = []
    for name, rows in table.groupby("strategy", sort=False):
        first, last = rows.iloc[0], rows.iloc[-1]
        parts.append(
            f"{name}: {first['probability']:.0%} at {first['wtp']:,.0f}, "
            f"{last['probability']:.0%} at {last['wtp']:,.0f}"
        )
    return "; ".join(parts) + "."


def _turns(table: pd.DataFrame) -> str:
    best = table[table["optimal"]].sort_values("wtp")
    starts = best[best["strategy"] != best["strategy"].shift()]
    return ", ".join(f"{row['strategy']} from {row['wtp']:,.0f}" for row in starts.to_dict("records"))


def convergence_figure(table: pd.DataFrame, *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw the error of ways of drawing against the number of draws, both on log scales.

    Parameters
    ----------
    table : DataFrame
        Of :func:`costmodel.analysis.compare_methods`.
    unit : str
        Of the result, such as ``USD per person``.
    ax : Axes, optional
    """
    with use_style():
        ax = axes_or_new(ax, height=3.3)
        for place, (name, rows) in enumerate(table.groupby("method", sort=False)):
            ax.plot(
                rows["n"],
                rows["rmse"],
                color=PALETTE[place],
                linestyle=LINE_STYLES[place],
                marker=_MARKS[place],
                label=_METHODS.get(str(name), str(name)),
            )
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        sizes = sorted(table["n"].unique())
        ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        ax.set_xlabel("Draws")
        ax.set_ylabel(f"Error of the mean (RMSE), {unit}")
        ax.legend(loc="lower left")
        return ax


def convergence_alt(table: pd.DataFrame, *, unit: str) -> str:
    """Return the alternative text of :func:`convergence_figure`."""
    last = table[table["n"] == table["n"].max()]
    parts = "; ".join(
        f"{_METHODS.get(row['method'], row['method'])} {_SHOW(row['rmse'])}, "
        f"worth {_SHOW(row['equal_draws'])} independent ones"
        for row in last.to_dict("records")
    )
    return f"Error of the mean in {unit} by number of draws. At {table['n'].max():,} draws: {parts}."
