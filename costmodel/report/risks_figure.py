"""Absolute risks under two courses beside one another, on one scale that also shows none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.report.axes import axes_or_new
from costmodel.report.style import DASH, MINUS, PALETTE, significant, use_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SHOW = significant(2)
_MARKS = (("comparator", "o", 0.15), ("risk", "s", -0.15))
_SHARE_OF_NONE = 0.5
_ABOVE_HEADING = 1.8


def risk_figure(
    rows: pd.DataFrame,
    *,
    unit: str,
    names: tuple[str, str] = ("With", "Without"),
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw absolute risks with and without, the largest on top, and write the difference beside them.

    The scale is logarithmic and goes down to none at its left end. An event that neither course has in any
    draw is left out: name it with :func:`risk_rest`.

    Parameters
    ----------
    rows : DataFrame
        As :func:`costmodel.analysis.risk_difference.risk_differences` gives it.
    unit : str
        What the numbers are, such as ``Events per 1,000 people in a year``.
    names : (str, str), default ("With", "Without")
        The two courses: strategy and comparator.
    labels : mapping of event to str, optional
        What events are called; their names without underscores if left out.
    ax : Axes, optional

    Raises
    ------
    CostModelError
        No event happens under either course.
    """
    shown = _shown(rows).iloc[::-1].reset_index(drop=True)
    with use_style():
        ax = axes_or_new(ax, height=0.42 * len(shown) + 1.2)
        for place, (kind, marker, shift) in enumerate(_MARKS):
            colour = PALETTE[1 - place]
            at = np.arange(len(shown)) + shift
            ax.hlines(at, shown[f"{kind}_low"], shown[f"{kind}_high"], color=colour, linewidth=1.4, zorder=2)
            ax.plot(
                shown[kind],
                at,
                marker,
                color=colour,
                markerfacecolor=colour if place else "white",
                markeredgewidth=1.3,
                markersize=5.5,
                label=names[1 - place],
                clip_on=False,
                zorder=3,
            )
        _scale(ax, shown)
        for place, row in enumerate(shown.to_dict("records")):
            ax.annotate(
                _change(row), (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=8
            )
        ax.annotate(
            "Difference",
            (1.02, len(shown) - 0.4),
            xycoords=("axes fraction", "data"),
            va="bottom",
            fontsize=8,
        )
        ax.set_yticks(range(len(shown)), [_label(name, labels) for name in shown["event"]])
        ax.set_ylim(-0.6, len(shown) - 0.4)
        ax.tick_params(axis="y", length=0, pad=8)
        ax.set_xlabel(f"{unit}, log scale\n{_lines(rows)}")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=_ABOVE_HEADING)
        return ax


def risk_alt(
    rows: pd.DataFrame,
    *,
    unit: str,
    names: tuple[str, str] = ("With", "Without"),
    labels: Mapping[str, str] | None = None,
) -> str:
    """Return the alternative text of :func:`risk_figure`."""
    parts = [
        f"{_label(row['event'], labels)}: {names[0].lower()} {_SHOW(row['risk'])}, {names[1].lower()} "
        f"{_SHOW(row['comparator'])}, difference {_change(row)}"
        for row in _shown(rows).to_dict("records")
    ]
    return f"{unit}, marks with lines. {'; '.join(parts)}. {risk_rest(rows, labels=labels)}".strip()


def risk_rest(rows: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """Return in words which events the figure leaves out; empty where it leaves out none."""
    idle = [_label(name, labels) for name in rows.loc[~_happens(rows), "event"]]
    return f"None under either course, or not counted for this person: {', '.join(idle)}." if idle else ""


def risk_table(
    rows: pd.DataFrame,
    *,
    names: tuple[str, str] = ("With", "Without"),
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the risks as text for a table: each number with its interval, a dash where nothing happens."""
    import pandas as pd

    happens = _happens(rows)
    cells = [
        {
            "Event": _label(row["event"], labels),
            names[1]: _with_interval(row, "comparator") if real else DASH,
            names[0]: _with_interval(row, "risk") if real else DASH,
            "Difference": _change(row) if real else DASH,
        }
        for row, real in zip(rows.to_dict("records"), happens, strict=True)
    ]
    return pd.DataFrame(cells)


def _happens(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows[["risk_high", "comparator_high"]].max(axis=1).gt(0)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    real = rows[_happens(rows)]
    if real.empty:
        raise CostModelError("no event happens under either course: there is no risk to draw")
    return real.sort_values("risk", ascending=False, kind="stable")


def _label(event: Any, labels: Mapping[str, str] | None) -> str:
    return (labels or {}).get(event, str(event).replace("_", " ").capitalize())


def _lines(rows: pd.DataFrame) -> str:
    return f"Lines and brackets hold {rows.attrs.get('level', 0.95):.0%} of the draws"


def _scale(ax: Axes, shown: pd.DataFrame) -> None:
    """Set a scale that is straight from 0 to the smallest risk's power of ten, and logarithmic above."""
    values = shown[["risk", "comparator", "risk_low", "comparator_low"]].to_numpy()
    first = 10.0 ** math.floor(math.log10(values[values > 0].min()))
    top = float(shown[["risk_high", "comparator_high"]].to_numpy().max())
    ax.set_xscale("symlog", linthresh=first, linscale=_SHARE_OF_NONE)
    powers = first * 10.0 ** np.arange(math.ceil(math.log10(top / first)) + 1)
    ax.set_xticks([0.0, *powers], ["0", *(f"{value:,.10g}" for value in powers)])
    ax.xaxis.set_minor_locator(_no_ticks())
    ax.set_xlim(0, max(top * 1.15, first * 10))
    ax.grid(visible=True, axis="x")


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _change(row: Mapping[Any, Any]) -> str:
    signed = {part: _signed(row[f"difference{part}"]) for part in ("", "_low", "_high")}
    if row["difference_low"] == row["difference_high"]:
        return signed[""]
    return f"{signed['']} ({signed['_low']} to {signed['_high']})"


def _signed(value: float) -> str:
    size = _SHOW(abs(value))
    return size if value == 0 else f"{'+' if value > 0 else MINUS}{size}"


def _with_interval(row: Mapping[Any, Any], kind: str) -> str:
    low, high = row[f"{kind}_low"], row[f"{kind}_high"]
    return _SHOW(row[kind]) + ("" if low == high else f" ({_SHOW(low)} to {_SHOW(high)})")
