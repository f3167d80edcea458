"""The trace: what share of people is in each state over time, a panel per strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model import Model, occupancy
from costmodel.report.axes import figure_of
from costmodel.report.states import absorbing, state_labels, states_of, strategy_label
from costmodel.report.style import FIGURE_WIDTH, PALETTE, use_style
from costmodel.study import Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ABSORBING = "#d9d9d9"
_LONG = 8
"""More states than this are told below the panels: beside them they would leave little room."""
_ACROSS = {1: 1, 2: 2, 4: 2}
"""Panels in a row by their number, where it is not three."""
_TINTS = (1.0, 0.5)
_HATCHES = ("", "//", "..", "xx", "--")


def trace_figure(
    source: Study | Model, draws: Draws | None = None, *, strategy: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the share of people in each state over time as stacked areas.

    Shares are means over draws and over segments by size; time in a state, where it is remembered, is
    added up. States that are never left stand on top, in grey.

    Parameters
    ----------
    source : Study or Model
        With states.
    draws : Draws, optional
        The base case of a study if left out; a model needs them.
    strategy : str, optional
        One strategy; a panel for each if left out.
    ax : Axes, optional
        Where one strategy is drawn.

    Returns
    -------
    Axes
        The first panel.

    Raises
    ------
    CostModelError
        The model has no states, the strategy is unknown, a model comes without draws, or one pair of axes
        is given for several strategies.
    """
    model, shares = _shares(source, draws)
    names = _strategies(model, strategy)
    with use_style():
        states = len(state_labels(model))
        axes = _panels(len(names), ax, below=states if states > _LONG else 0)
        for panel, name in zip(axes, names, strict=True):
            _panel(panel, model, shares[shares["strategy"] == name])
            if len(names) > 1:
                panel.set_title(strategy_label(model, name), fontsize=9)
        first = axes[0]
        first.set_ylabel("Share of the starting cohort" if states_of(model).inflow else "Share of people")
        handles, labels = first.get_legend_handles_labels()
        look: dict[str, Any] = {"handlelength": 1.4, "handleheight": 1.1}
        if ax is None and states > _LONG:
            figure_of(first).legend(handles[::-1], labels[::-1], loc="outside lower left", ncols=2, **look)
        elif ax is None:
            figure_of(first).legend(handles[::-1], labels[::-1], loc="outside right center", **look)
        else:
            ax.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1, 1), **look)
        return first


def trace_alt(source: Study | Model, draws: Draws | None = None, *, strategy: str | None = None) -> str:
    """Return the alternative text of :func:`trace_figure`: who is where at the start, midway, at the end."""
    model, shares = _shares(source, draws)
    labels = state_labels(model)
    parts = []
    for name in _strategies(model, strategy):
        own = shares[shares["strategy"] == name].pivot_table(index="years", columns="state", values="share")
        moments = []
        for row in dict.fromkeys((0, len(own) // 2, len(own) - 1)):
            found = ", ".join(f"{labels[state]} {own[state].iloc[row]:.0%}" for state in labels)
            moments.append(f"after {own.index[row]:g} years {found}")
        parts.append(f"{strategy_label(model, name)}: {'; '.join(moments)}")
    return f"Stacked areas of the share of people in each state over time. {'. '.join(parts)}."


def _shares(source: Study | Model, draws: Draws | None) -> tuple[Model, pd.DataFrame]:
    model = source.model() if isinstance(source, Study) else source
    if draws is None:
        if not isinstance(source, Study):
            raise CostModelError("a model needs draws: trace_figure(model, draws); a study brings its own")
        draws = source.draws()
    return model, occupancy(model, draws)


def _strategies(model: Model, strategy: str | None) -> list[str]:
    names = [item.name for item in model.strategies]
    return names if strategy is None else [one_of(strategy, names, "strategy")]


def _panels(count: int, ax: Axes | None, *, below: int) -> list[Axes]:
    """Return the axes of so many panels, with room below for the names of so many states in two columns."""
    if ax is not None:
        if count > 1:
            raise CostModelError("one pair of axes shows one strategy: name it, strategy=…")
        return [ax]
    from matplotlib.figure import Figure

    across = _ACROSS.get(count, 3)
    down = -(-count // across)
    figure = Figure(figsize=(FIGURE_WIDTH, 0.5 + 2.3 * down + 0.1 * below), layout="constrained")
    axes = list(np.ravel(figure.subplots(down, across, sharey=True, squeeze=False)))
    for empty in axes[count:]:
        empty.set_axis_off()
    return axes[:count]


def _panel(ax: Axes, model: Model, shares: pd.DataFrame) -> None:
    labels, looks = state_labels(model), _looks(model)
    wide = shares.pivot_table(index="years", columns="state", values="share")
    years = wide.index.to_numpy()
    floor = np.zeros(len(years))
    for state, look in looks.items():
        top = floor + wide[state].to_numpy()
        ax.fill_between(years, floor, top, label=labels[state], linewidth=0.0, **look)
        ax.plot(years, top, color="white", linewidth=1.1, linestyle="-")
        floor = top
    ax.set_xlim(years[0], max(years[-1], model.time.cycle_years))
    ax.set_ylim(0, max(1.0, float(floor.max())))
    ax.set_xlabel("Years")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _looks(model: Model) -> Mapping[str, dict[str, Any]]:
    """Return colour and hatch of each state, in the order of stacking."""
    last = absorbing(model)
    moving = [name for name in states_of(model).names if name not in last]
    looks = {name: _look(place) for place, name in enumerate(moving)}
    for place, name in enumerate(last):
        hatch = _HATCHES[place % len(_HATCHES)]
        looks[name] = {"facecolor": _ABSORBING, "hatch": hatch, "edgecolor": "white"}
    return looks


def _look(place: int) -> dict[str, Any]:
    colours: Sequence[str] = PALETTE[:4]
    colour, turn = colours[place % len(colours)], place // len(colours)
    tint = _TINTS[min(turn, len(_TINTS) - 1)]
    hatch = _HATCHES[(place + 2 * turn) % len(_HATCHES)]
    return {"facecolor": _tinted(colour, tint), "edgecolor": "white", "hatch": hatch}


def _tinted(colour: str, strength: float) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return red, green, blue
