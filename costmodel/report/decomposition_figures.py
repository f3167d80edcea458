"""Figure of a change split into price, volume and interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costmodel.checks import one_of
from costmodel.report.change_figures import waterfall_alt, waterfall_figure
from costmodel.report.style import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_PARTS = {"price_effect": "Price effect", "volume_effect": "Volume effect", "interaction": "Interaction"}


def decomposition_rows(
    table: pd.DataFrame, measure: str, *, old: str = "Old", new: str = "New"
) -> pd.DataFrame:
    """Return one measure's split as the rows of :func:`waterfall_figure`: from old to new in three steps.

    Parameters
    ----------
    table : DataFrame
        As :func:`costmodel.analysis.decompose` gives it.
    measure : str
        A perspective or a measure; a perspective where both have the name.
    old, new : str
        Labels of the two totals, such as ``Brand`` and ``Generic``.

    Raises
    ------
    CostModelError
        The measure is not in the table.
    """
    import pandas as pd

    row = _row(table, measure)
    steps = [(label, float(row[part])) for part, label in _PARTS.items()]
    amounts = [(old, float(row["old"])), *steps, (new, float(row["new"]))]
    frame = pd.DataFrame(amounts, columns=["label", "amount"])
    return frame.assign(total=[True, False, False, False, True])


def decomposition_figure(
    table: pd.DataFrame,
    measure: str,
    *,
    unit: str,
    old: str = "Old",
    new: str = "New",
    scale: float = 1.0,
    decimals: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """Draw how price, volume and interaction lead from the old amount to the new one, with intervals.

    A line beside a step's end is the interval of that step over the draws, where the table has one.

    Parameters
    ----------
    table, measure, old, new
        As for :func:`decomposition_rows`.
    unit : str
        What amounts are in after scaling, such as ``USD per person``.
    scale : float, default 1
    decimals : int, default 1
    ax : Axes, optional

    Raises
    ------
    CostModelError
        The measure is not in the table, or its parts do not lead from old to new.
    """
    rows = decomposition_rows(table, measure, old=old, new=new)
    ax = waterfall_figure(rows, unit=unit, scale=scale, decimals=decimals, ax=ax)
    row = _row(table, measure)
    if "total_low" not in row:
        return ax
    level = float(row["old"])
    for place, part in enumerate(_PARTS, start=1):
        ends = [(level + float(row[f"{part}_{side}"])) * scale for side in ("low", "high")]
        if ends[0] < ends[1]:
            ax.plot(
                [place + 0.26] * 2,
                ends,
                color="#1b1b1b",
                linestyle="-",
                linewidth=1.2,
                marker="_",
                markersize=6,
            )
        level += float(row[part])
    ax.relim()
    ax.autoscale_view()
    return ax


def decomposition_alt(
    table: pd.DataFrame,
    measure: str,
    *,
    unit: str,
    old: str = "Old",
    new: str = "New",
    scale: float = 1.0,
    decimals: int = 1,
) -> str:
    """Return the alternative text of :func:`decomposition_figure`."""
    rows = decomposition_rows(table, measure, old=old, new=new)
    text = f"{measure.replace('_', ' ')}. " + waterfall_alt(rows, unit=unit, scale=scale, decimals=decimals)
    row = _row(table, measure)
    if "total_low" not in row:
        return text
    ends = [f"{label.lower()} {_span(row, part, scale, decimals)}" for part, label in _PARTS.items()]
    return f"{text} Intervals over draws: {'; '.join(ends)}."


def _span(row: dict[str, Any], part: str, scale: float, decimals: int) -> str:
    show = number(decimals, scale=scale)
    return f"{show(row[f'{part}_low'])} to {show(row[f'{part}_high'])}"


def _row(table: pd.DataFrame, measure: str) -> dict[str, Any]:
    one_of(measure, list(table["measure"]), "measure")
    return {str(name): value for name, value in table[table["measure"] == measure].iloc[0].items()}
