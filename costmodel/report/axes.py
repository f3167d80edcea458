"""What figures share: axes to draw on, labels beside marks, and the figure that axes belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.report.style import FIGURE_WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure_of(ax: Axes) -> Figure:
    """Return the figure that axes belong to."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def axes_or_new(ax: Axes | None, *, height: float, width: float = FIGURE_WIDTH) -> Axes:
    """Return the given axes, or those of a new figure of so many inches."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure as NewFigure

    return NewFigure(figsize=(width, height)).subplots()


def beside(ax: Axes, text: str, at: tuple[float, float], *, side: str = "right", size: float = 8.5) -> None:
    """Write a text beside a mark: to its ``right``, to its ``left``, ``above`` or ``below`` it."""
    shift = {"right": (7, 0), "left": (-7, 0), "above": (0, 4), "below": (0, -4)}[side]
    across = {"right": "left", "left": "right"}.get(side, "center")
    down = {"above": "bottom", "below": "top"}.get(side, "center")
    ax.annotate(text, at, xytext=shift, textcoords="offset points", ha=across, va=down, fontsize=size)


def plain_log(ax: Axes, axis: str = "x") -> None:
    """Put an axis on a log scale whose ticks are plain numbers: 0.1, 1, 10."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.set_xscale("log") if axis == "x" else ax.set_yscale("log")
    side = ax.xaxis if axis == "x" else ax.yaxis
    low, high = side.get_view_interval()
    wide = high / low > 100  # noqa: PLR2004 - two decades hold enough ticks at powers of ten
    side.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
    side.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    side.set_minor_formatter(NullFormatter())
