"""The staircase of a taper: the dose over time, the doses that cannot be made, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.prices.regimen import ADVICE, Taper
from costmodel.report.axes import figure_of
from costmodel.report.style import FIGURE_WIDTH, PALETTE, money, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LINES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)))
_SIGNS = ("X", "P", "D")
_MOST = len(_SIGNS)
_SHOWN = 8
_SCHEDULE = "#9a9a9a"
_APART = 0.26


def taper_staircase(tapers: Mapping[str, Taper], *, ax: Axes | None = None) -> Axes:
    """Draw the dose over time as a staircase for each taper, and the cumulative cost below it.

    The schedule's dose is a grey area; each taper's line is the dose that is taken. A sign stands on each
    step whose scheduled dose cannot be made. Costs are of what is used.

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
        alone = ax is not None
        if ax is None:
            from matplotlib.figure import Figure

            figure = Figure(figsize=(FIGURE_WIDTH, 4.8), layout="constrained")
            ax, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
            _costs(below, tapers)
            figure_of(ax).supxlabel(ADVICE, fontsize=7.5, color="#555555", x=0.01, ha="left")
        else:
            ax.set_xlim(0, first.days)
            ax.set_xlabel(f"Days since the taper began\n{ADVICE}")
        _schedule(ax, first)
        for place, (name, item) in enumerate(tapers.items()):
            _staircase(ax, name, item, place, of=len(tapers), total=alone)
        ax.set_ylabel("mg a day")
        ax.set_ylim(0, None)
        _legend(ax)
        return ax


def taper_alt(tapers: Mapping[str, Taper]) -> str:
    """Return the alternative text of :func:`taper_staircase`: length, doses that cannot be made, cost."""
    first = _checked(tapers)
    parts = []
    for name, item in tapers.items():
        wrong = [f"{step.step.dose_mg:g}" for step in item.steps if not step.makeable]
        shown = ", ".join(wrong[:_SHOWN]) + (" and others" if len(wrong) > _SHOWN else "")
        made = f"{len(wrong)} doses cannot be made ({shown} mg)" if wrong else "every dose can be made"
        parts.append(f"{name}: {made}; cost {_total(item)}")
    doses = first.schedule.steps
    return (
        f"Staircase of the daily dose by the schedule {first.schedule.name}, from {doses[0].dose_mg:g} to "
        f"{doses[-1].dose_mg:g} mg in {len(doses)} steps over {first.days} days, and cumulative cost. "
        f"{'. '.join(parts)}. {ADVICE}"
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


def _staircase(ax: Axes, name: str, item: Taper, place: int, *, of: int, total: bool) -> None:
    frame = item.frame()
    edges = _edges(frame)
    doses = frame["used_mg"].to_numpy()
    ax.plot(
        np.append(np.repeat(edges, 2)[1:-1], edges[-1]),
        np.append(np.repeat(doses, 2), 0.0),
        color=PALETTE[place],
        linestyle=_LINES[place],
        label=f"{name}, {_total(item)}" if total else name,
        zorder=3 + place,
        clip_on=False,
    )
    wrong = frame[~frame["makeable"]]
    if len(wrong):
        ax.scatter(
            wrong["start_day"] + wrong["days"] * (place + 1) / (of + 1),
            wrong["used_mg"],
            marker=_SIGNS[place],
            s=46,
            color=PALETTE[place],
            edgecolor="white",
            linewidth=0.7,
            label=f"{name}: {len(wrong)} of {len(frame)} doses cannot be made",
            zorder=6 + place,
        )


def _legend(ax: Axes) -> None:
    """Set the legend above the axes, lines before signs, so that it covers no step."""
    pairs = list(zip(*ax.get_legend_handles_labels(), strict=True))
    pairs.sort(key=lambda pair: pair[1].endswith("cannot be made"))
    handles, labels = zip(*pairs, strict=True)
    ax.legend(handles, labels, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)


def _costs(ax: Axes, tapers: Mapping[str, Taper]) -> None:
    for place, (name, item) in enumerate(tapers.items()):
        frame = item.frame()
        ax.plot(
            _edges(frame),
            np.append(0.0, frame["cumulative_cost"]),
            color=PALETTE[place],
            linestyle=_LINES[place],
            label=name,
        )
    top = max(item.cost_used for item in tapers.values())
    for (name, item), height in zip(tapers.items(), _heights(tapers, top), strict=True):
        ax.annotate(
            f"{name}\n{money(2)(item.cost_used)}",
            (item.days, height),
            va="center",
            xytext=(6, 0),
            textcoords="offset points",
            annotation_clip=False,
            fontsize=8.5,
            linespacing=1.1,
        )
    ax.set_ylim(0, top * 1.08)
    ax.set_xlim(0, next(iter(tapers.values())).days)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    ax.set_ylabel(f"Cost so far, {next(iter(tapers.values())).currency}")
    ax.set_xlabel("Days since the taper began")


def _heights(tapers: Mapping[str, Taper], top: float) -> list[float]:
    """Return where the labels stand: at the curve's end, moved up where the one below is too near."""
    costs = [item.cost_used for item in tapers.values()]
    heights: dict[int, float] = {}
    lowest = _APART * top / 2
    for place in sorted(range(len(costs)), key=costs.__getitem__):
        heights[place] = max(costs[place], lowest)
        lowest = heights[place] + _APART * top
    return [heights[place] for place in range(len(costs))]
