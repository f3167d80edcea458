"""The staircase of a taper: the dose over time, the doses that cannot be made, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.prices.regimen import ADVICE, Taper
from costmodel.report.study_figures import figure_of
from costmodel.report.style import FIGURE_WIDTH, PALETTE, money, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LINES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)))
_SIGNS = ("X", "P", "D")
_MOST = len(_SIGNS)
_SCHEDULE = "#9a9a9a"


def taper_staircase(tapers: Mapping[str, Taper], *, ax: Axes | None = None) -> Axes:
    """Draw the dose over time as a staircase for each taper, and the cumulative cost below it.

    The schedule's dose is a grey area; each taper's line is the dose that can be made. A sign stands on
    each step whose scheduled dose cannot be made. Costs are of what is used, on a log scale.

    Parameters
    ----------
    tapers : mapping of str to Taper
        One to three tapers of one schedule in one currency, such as ``{"Brand": …, "Generic": …}``.
    ax : Axes, optional
        Where the staircase is drawn, without the panel of costs; the legend then states the totals.

    Returns
    -------
    Axes
        Of the staircase.

    Raises
    ------
    CostModelError
        There is no taper or more than three, or schedules or currencies differ.
    """
    first = _checked(tapers)
    with use_style():
        if ax is None:
            from matplotlib.figure import Figure

            figure = Figure(figsize=(FIGURE_WIDTH, 4.6), layout="constrained")
            ax, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
            _costs(below, tapers)
            figure_of(ax).supxlabel(ADVICE, fontsize=7.5, color="#555555", x=0.01, ha="left")
        else:
            below = None
            ax.set_xlabel("Days since the taper began")
        _schedule(ax, first)
        for place, (name, item) in enumerate(tapers.items()):
            _staircase(ax, name if below is not None else f"{name}, {_total(item)}", item, place)
        ax.set_ylabel("mg a day")
        ax.set_ylim(0, None)
        ax.legend(loc="upper right")
        return ax


def taper_alt(tapers: Mapping[str, Taper]) -> str:
    """Return the alternative text of :func:`taper_staircase`: length, doses that cannot be made, cost."""
    first = _checked(tapers)
    parts = []
    for name, item in tapers.items():
        wrong = [f"{step.step.dose_mg:g}" for step in item.steps if not step.makeable]
        made = f"cannot be made exactly: {', '.join(wrong)} mg" if wrong else "every dose can be made"
        parts.append(f"{name}: {made}; cost {_total(item)}")
    doses = first.schedule.steps
    return (
        f"Staircase of the daily dose by the schedule {first.schedule.name}, from {doses[0].dose_mg:g} to "
        f"{doses[-1].dose_mg:g} mg in {len(doses)} steps over {first.days} days, and cumulative cost on a "
        f"log scale. {'. '.join(parts)}. {ADVICE}"
    )


def _checked(tapers: Mapping[str, Taper]) -> Taper:
    if not 1 <= len(tapers) <= _MOST:
        raise CostModelError(f"a staircase shows 1 to {_MOST} tapers; found {len(tapers)}")
    items = list(tapers.values())
    if any(item.schedule != items[0].schedule for item in items):
        names = ", ".join(dict.fromkeys(item.schedule.name for item in items))
        raise CostModelError(f"a staircase shows tapers of one schedule; found {names}")
    if len({item.currency for item in items}) > 1:
        raise CostModelError("a staircase shows one currency: convert the prices first")
    return items[0]


def _total(item: Taper) -> str:
    return f"{money(2)(item.cost)} {item.currency}".strip()


def _edges(frame: pd.DataFrame) -> Any:
    return np.append(frame["start_day"], frame["start_day"].iloc[-1] + frame["days"].iloc[-1])


def _schedule(ax: Axes, item: Taper) -> None:
    frame = item.frame()
    ax.stairs(
        frame["dose_mg"],
        _edges(frame),
        fill=True,
        facecolor="#e4e4e4",
        edgecolor=_SCHEDULE,
        label=f"Schedule: {item.schedule.name}",
        zorder=1,
    )


def _staircase(ax: Axes, name: str, item: Taper, place: int) -> None:
    frame = item.frame()
    colour = PALETTE[place]
    ax.stairs(
        frame["used_mg"],
        _edges(frame),
        baseline=None,
        color=colour,
        linestyle=_LINES[place],
        linewidth=1.8,
        label=name,
        zorder=3 + place,
    )
    wrong = frame[~frame["makeable"]]
    if len(wrong):
        ax.scatter(
            wrong["start_day"] + wrong["days"] / 2,
            wrong["used_mg"],
            marker=_SIGNS[place],
            s=42,
            color=colour,
            edgecolor="white",
            linewidth=0.7,
            label=f"{len(wrong)} of {len(frame)} doses cannot be made: nearest taken",
            zorder=6 + place,
            clip_on=False,
        )


def _costs(ax: Axes, tapers: Mapping[str, Taper]) -> None:
    currency = next(iter(tapers.values())).currency
    for place, (name, item) in enumerate(tapers.items()):
        frame = item.frame()
        ends = _edges(frame)[1:]
        ax.plot(ends, frame["cumulative_cost"], color=PALETTE[place], linestyle=_LINES[place], label=name)
        ax.annotate(
            f"{name}: {money(2)(item.cost_used)}",
            (ends[-1], frame["cumulative_cost"].iloc[-1]),
            ha="right",
            va="bottom",
            xytext=(0, 4),
            textcoords="offset points",
            fontsize=8.5,
            color="#1b1b1b",
        )
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * 3)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    ax.yaxis.set_minor_formatter(lambda _value, _: "")
    ax.set_ylabel(f"Cumulative cost,\n{currency}, log scale")
    ax.set_xlabel("Days since the taper began")
    ax.set_xlim(0, None)
