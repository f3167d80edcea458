"""Long tables as arrays: typed columns, one row for every combination of labels and draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import Faults
from costmodel.model.accrual import FloatArray
from costmodel.tables import Column, RawTable, read_csv, typed

if TYPE_CHECKING:
    import pandas as pd

IntArray = NDArray[np.int64]

_SHOWN = 5
_HEADER = 2


@dataclass(frozen=True)
class LongTable:
    """A table that has been opened, from a file or from memory.

    Parameters
    ----------
    file : str
        What messages call it.
    columns : tuple of str
    lines : sequence of int
        The line of each row. A table in memory is counted as if it were saved: its first row is line 2.
    content : RawTable or DataFrame
    """

    file: str
    columns: tuple[str, ...]
    lines: Sequence[int]
    content: RawTable | pd.DataFrame

    @classmethod
    def of(cls, table: pd.DataFrame | Path | str) -> LongTable:
        """Open a data frame, or a CSV file by its path.

        Raises
        ------
        CostModelError
            The file is missing.
        DataError
            The file is no table.
        """
        if isinstance(table, (str, Path)):
            raw = read_csv(table)
            return cls(raw.file, raw.columns, raw.lines, raw)
        columns = tuple(str(name) for name in table.columns)
        return cls("table", columns, range(_HEADER, _HEADER + len(table)), table.set_axis(columns, axis=1))

    def read(self, columns: Iterable[Column], faults: Faults) -> dict[str, Any]:
        """Return the declared columns: numbers as an array, NaN where at fault, text as a list.

        A cell at fault is noted and must not be used: raise the faults before anything is computed.
        """
        wanted = list(columns)
        if isinstance(self.content, RawTable):
            cells = typed(self.content, wanted, faults, others=True)
        else:
            cells = {column.name: self._frame_column(column, self.content, faults) for column in wanted}
        return {
            column.name: cells[column.name]
            if column.kind == "text"
            else np.asarray(cells[column.name], dtype=np.float64)
            for column in wanted
            if column.name in self.columns
        }

    def _frame_column(self, column: Column, frame: pd.DataFrame, faults: Faults) -> Any:
        if column.name not in self.columns:
            if not column.optional:
                remedy = column.remedy or f"add the column '{column.name}'"
                found = "columns " + ", ".join(self.columns[:20])
                faults.add("column is missing", column=column.name, found=found, remedy=remedy)
            return []
        if column.kind != "text" and frame[column.name].dtype.kind in "iuf":
            numbers = frame[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
            for row in np.flatnonzero(~np.isfinite(numbers)).tolist():
                self._note(column, row, float(numbers[row]), faults)
            values = numbers.tolist()
        else:
            cells = frame[column.name].tolist()
            values = [self._cell(column, row, cell, faults) for row, cell in enumerate(cells)]
        if column.kind == "integer":
            for row, value in enumerate(values):
                if math.isfinite(value) and value != round(value):
                    faults.add("must be a whole number", row=self.lines[row], column=column.name, found=value)
        return values

    def _cell(self, column: Column, row: int, cell: Any, faults: Faults) -> Any:
        if column.kind == "text":
            fine = isinstance(cell, str) and cell != ""
        else:
            fine = isinstance(cell, Real) and not isinstance(cell, bool | np.bool_) and math.isfinite(cell)
        if not fine:
            self._note(column, row, cell, faults)
            return "" if column.kind == "text" else np.nan
        if column.choices and cell not in column.choices:
            rule = "must be one of: " + ", ".join(column.choices)
            faults.add(rule, row=self.lines[row], column=column.name, found=cell)
        return cell if isinstance(cell, str) else float(cell)

    def _note(self, column: Column, row: int, cell: Any, faults: Faults) -> None:
        rule = "must be text" if column.kind == "text" else "must be a finite number"
        missing = cell is None or cell != cell or cell == ""  # noqa: PLR0124 (NaN alone differs from itself)
        if missing:
            rule, cell = "must have a value", "an empty cell"
        faults.add(rule, row=self.lines[row], column=column.name, found=cell, remedy=column.remedy)


@dataclass(frozen=True)
class Grid:
    """Where each row of a long table stands in an array with one axis per key.

    Parameters
    ----------
    axes : mapping of str to tuple
        The labels of each axis: text in the order in which it appears, draws in ascending order.
    position : array of int, shape (row,)
        Place of each row in the flattened array.
    """

    axes: Mapping[str, tuple[Any, ...]]
    position: IntArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every axis."""
        return tuple(len(labels) for labels in self.axes.values())

    def fill(self, values: FloatArray) -> FloatArray:
        """Return the values of a column in the grid."""
        array = np.empty(self.shape)
        array.flat[self.position] = values
        return array

    def constant(
        self, values: FloatArray, over: str, *, name: str, table: LongTable, faults: Faults
    ) -> FloatArray:
        """Return the values of a column that may not differ along an axis, without that axis.

        A column that does differ is noted as one fault, at its first row that departs from the first label.
        """
        axis = list(self.axes).index(over)
        array = self.fill(values)
        first = array.take([0], axis=axis)
        wrong = (array != first).ravel()[self.position]
        if wrong.any():
            row = int(np.argmax(wrong))
            wanted = np.broadcast_to(first, self.shape).flat[self.position[row]]
            faults.add(
                f"must be the same for every {over}",
                row=table.lines[row],
                column=name,
                found=f"{values[row]:g} instead of {wanted:g}",
                remedy=f"give one {name} per draw and segment",
            )
        return np.squeeze(first, axis=axis)


def to_grid(keys: Mapping[str, Sequence[str] | FloatArray], table: LongTable, faults: Faults) -> Grid:
    """Place every row by its keys; each combination must stand once, with the same draws everywhere.

    Parameters
    ----------
    keys : mapping of str to column
        The key columns without faults; ``draw`` is one of them and holds numbers.
    table : LongTable
    faults : Faults
        Receives what is missing and what stands twice, one fault per combination of the other keys.

    Examples
    --------
    >>> import pandas as pd
    >>> table = LongTable.of(pd.DataFrame({"strategy": ["b", "a"], "draw": [1.0, 1.0]}))
    >>> grid = to_grid({"strategy": ["b", "a"], "draw": np.array([1.0, 1.0])}, table, Faults())
    >>> grid.axes, grid.fill(np.array([5.0, 7.0])).tolist()
    ({'strategy': ('b', 'a'), 'draw': (1,)}, [[5.0], [7.0]])
    """
    axes: dict[str, tuple[Any, ...]] = {}
    codes = []
    for name, column in keys.items():
        if isinstance(column, np.ndarray):
            labels, code = np.unique(column, return_inverse=True)
            axes[name] = tuple(int(label) for label in labels)
        else:
            places = {label: place for place, label in enumerate(dict.fromkeys(column))}
            code = np.array([places[label] for label in column], dtype=np.int64)
            axes[name] = tuple(places)
        codes.append(code)
    shape = tuple(len(labels) for labels in axes.values())
    position = np.asarray(np.ravel_multi_index(tuple(codes), shape), dtype=np.int64)
    grid = Grid(axes, position)
    _check_once(grid, table, faults)
    return grid


def _check_once(grid: Grid, table: LongTable, faults: Faults) -> None:
    counts = np.bincount(grid.position, minlength=int(np.prod(grid.shape))).reshape(grid.shape)
    if (counts == 1).all():
        return
    draw = list(grid.axes).index("draw")
    others = [name for name in grid.axes if name != "draw"]
    numbers = np.array(grid.axes["draw"])
    by_group = np.moveaxis(counts, draw, -1)
    flat = np.moveaxis(np.arange(counts.size).reshape(grid.shape), draw, -1)
    for place in np.ndindex(by_group.shape[:-1]):
        own = by_group[place]
        where = ", ".join(f"{name} '{grid.axes[name][at]}'" for name, at in zip(others, place, strict=True))
        if (own == 0).any():
            faults.add(
                "must have the same draws as all others",
                column="draw",
                found=f"{where} lacks {_listed(numbers[own == 0])}",
                remedy="add the rows, or drop the draw everywhere",
            )
        if (own > 1).any():
            twice = flat[place][own > 1]
            row = int(np.flatnonzero(np.isin(grid.position, twice))[-1])
            faults.add(
                "each draw may stand only once",
                row=table.lines[row],
                column="draw",
                found=f"{where} repeats {_listed(numbers[own > 1])}",
                remedy="number the draws, and drop the rows that repeat",
            )


def _listed(draws: IntArray) -> str:
    shown = ", ".join(str(draw) for draw in draws[:_SHOWN])
    more = f" … ({len(draws)} draws)" if len(draws) > _SHOWN else ""
    return f"draw{'s' if len(draws) > 1 else ''} {shown}{more}"
