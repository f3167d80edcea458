"""Boxes, arrows and text of diagrams, measured in points so that nothing overlaps by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from costmodel.report.style import FIGURE_WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1b1b1b"
LINE = "#555555"
TYPE_SIZE = 8.5
LEADING = 1.2

_POINTS_PER_INCH = 72


@dataclass(frozen=True)
class Canvas:
    """Axes in which one unit is one point, or a little less where the diagram would not fit.

    Parameters
    ----------
    ax : Axes
    scale : float
        Size of a unit in points; type is scaled with it.
    """

    ax: Axes
    scale: float

    @classmethod
    def of(cls, ax: Axes | None, *, width: float, height: float) -> Canvas:
        """Return a canvas of a size in points: in the axes given, or in a new figure of the page's width."""
        widest = FIGURE_WIDTH * _POINTS_PER_INCH
        if ax is None:
            from matplotlib.figure import Figure

            scale = min(1.0, widest / width)
            size = (max(width * scale, widest) / _POINTS_PER_INCH, height * scale / _POINTS_PER_INCH)
            new = Figure(figsize=size)
            new.set_layout_engine("none")
            ax = new.add_axes((0.0, 0.0, 1.0, 1.0))
        else:
            figure = ax.get_figure(root=True)
            assert figure is not None
            box, inches = ax.get_position(), figure.get_size_inches() * _POINTS_PER_INCH
            scale = min(box.width * inches[0] / width, box.height * inches[1] / height)
        ax.set_axis_off()
        ax.set_aspect("equal")
        ax.set_xlim(0.0, width)
        ax.set_ylim(0.0, height)
        return cls(ax, float(scale))

    def text(self, lines: Sequence[str], at: tuple[float, float], *, size: float, **options: Any) -> None:
        """Write lines centred at a point."""
        settings = {"ha": "center", "va": "center", "linespacing": LEADING, "color": INK, **options}
        self.ax.text(*at, "\n".join(lines), fontsize=size * self.scale, parse_math=False, **settings)

    def box(
        self, at: tuple[float, float], size: tuple[float, float], *, rounding: float = 4, **options: Any
    ) -> None:
        """Draw a box centred at a point."""
        from matplotlib.patches import FancyBboxPatch

        corner = (at[0] - size[0] / 2, at[1] - size[1] / 2)
        style = f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0"
        settings = {"facecolor": "white", "edgecolor": INK, "linewidth": 0.9, **options}
        self.ax.add_patch(FancyBboxPatch(corner, *size, boxstyle=style, **settings))

    def arrow(self, points: Sequence[tuple[float, float]], codes: Sequence[int], **options: Any) -> None:
        """Draw an arrow along a path."""
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path

        settings = {"color": LINE, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0, **options}
        style = f"-|>,head_length={4 * self.scale},head_width={2 * self.scale}"
        path = Path(list(points), list(codes))
        self.ax.add_patch(
            FancyArrowPatch(path=path, arrowstyle=style, mutation_scale=1, capstyle="butt", **settings)
        )


@cache
def width_of(text: str, size: float) -> float:
    """Return the width of a line of text in points, in the report's typeface."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    face = FontProperties(family="DejaVu Sans", size=size)
    return float(TextPath((0, 0), text.replace("$", r"\$"), prop=face).get_extents().width)


def size_of(lines: Sequence[str], size: float) -> tuple[float, float]:
    """Return width and height of lines of text in points."""
    return max((width_of(line, size) for line in lines), default=0.0), len(lines) * size * LEADING


def wrapped(text: str, longest: int, *, most: int = 3) -> list[str]:
    """Break a label into even lines at blanks, or after underscores; what is too long ends in an ellipsis.

    Examples
    --------
    >>> wrapped("CD4 200 to 500 cells", 12)
    ['CD4 200 to', '500 cells']
    >>> wrapped("c_community_care_b", 12)
    ['c_community_', 'care_b']
    """
    lines = _filled(text, longest)
    for shorter in range(longest - 1, 0, -1):
        tried = _filled(text, shorter)
        if len(tried) > len(lines):
            break
        lines = tried
    cut = [line if len(line) <= 2 * longest else line[: 2 * longest - 1] + "…" for line in lines[:most]]
    if len(lines) > most:
        cut[-1] = cut[-1].rstrip("…") + "…"
    return cut


def _filled(text: str, longest: int) -> list[str]:
    lines = [""]
    for word in _pieces(text):
        if lines[-1] and len((lines[-1] + word).rstrip()) > longest:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]


def _pieces(text: str) -> list[str]:
    """Return the parts of a label after which a line may end."""
    return text.replace(" ", " \n").replace("_", "_\n").split("\n")
