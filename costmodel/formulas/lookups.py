"""Look-up tables: life tables and tariffs that `lookup`, `step` and `interpolate` read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from costmodel.checks import did_you_mean, is_name
from costmodel.errors import CostModelError, Faults
from costmodel.formulas.errors import Problem, plain
from costmodel.formulas.functions import BoolArray, FloatArray
from costmodel.formulas.nodes import TableRef
from costmodel.tables import Column, RawTable, typed

_FEWEST_COLUMNS = 2


@dataclass(frozen=True)
class KeyIndex:
    """The rows' keys, ranked column by column, so that a search finds a row in any number of keys.

    ``steps`` holds, for each key column, its sorted distinct values and the sorted distinct codes of
    the keys so far; ``rows`` is the row of each last code.
    """

    steps: tuple[tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.int64]]], ...]
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A table of numbers: the first columns are keys, the others values.

    How many columns are keys, the formula says by the number of keys that it gives.

    Parameters
    ----------
    name : str
        The file, for messages.
    columns : tuple of str
        At least two names.
    numbers : array, (rows, columns)
        Finite. A copy is kept, and cannot be written to.

    Raises
    ------
    CostModelError
        The shape does not fit the columns, or a number is not finite.

    Examples
    --------
    >>> LookupTable("tariff.csv", ("packs", "price"), [[1, 9.5], [10, 8.0]]).column("price").tolist()
    [9.5, 8.0]
    """

    name: str
    columns: tuple[str, ...]
    numbers: FloatArray
    _indexes: dict[int, KeyIndex] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        numbers = np.array(self.numbers, dtype=np.float64)
        width = len(self.columns)
        if width < _FEWEST_COLUMNS or numbers.shape[1:] != (width,) or not numbers.size:
            raise CostModelError(
                f"table {self.name} must have two columns or more and one row or more; "
                f"found {width} columns and numbers of shape {numbers.shape}"
            )
        if not np.isfinite(numbers).all():
            raise CostModelError(f"table {self.name} must hold finite numbers only")
        numbers.flags.writeable = False
        object.__setattr__(self, "numbers", numbers)

    @classmethod
    def from_raw(cls, table: RawTable) -> LookupTable:
        r"""Type a table that was read as text.

        Raises
        ------
        DataError
            A column has no name that a formula can use, there are fewer than two columns or no row, or
            a cell is no number: all faults at once.

        Examples
        --------
        >>> from costmodel.tables import parse_csv
        >>> life = LookupTable.from_raw(parse_csv(b"age,q\n60,0.01\n61,0.02\n", name="life.csv"))
        >>> life.columns, life.column("q").tolist()
        (('age', 'q'), [0.01, 0.02])
        """
        faults = Faults(table.file)
        _check_header(table, faults)
        cells = typed(table, [Column(name, "number", required=True) for name in table.columns], faults)
        faults.raise_if_any(f"{table.file} cannot be used as a look-up table")
        numbers = np.array([cells[name] for name in table.columns], dtype=np.float64).T
        return cls(table.file, table.columns, numbers)

    def column(self, name: str) -> FloatArray:
        """Return one column, in the order of the rows."""
        return self.numbers[:, self.columns.index(name)]

    def keys(self, count: int) -> KeyIndex:
        """Return the index of the first ``count`` columns, which is built once."""
        if count not in self._indexes:
            self._indexes[count] = _build_index(self.numbers[:, :count])
        return self._indexes[count]


def _check_header(table: RawTable, faults: Faults) -> None:
    if len(table.columns) < _FEWEST_COLUMNS:
        faults.add(
            "must have two columns or more",
            found=", ".join(table.columns),
            remedy="put the key in the first column and what to read in the others",
        )
    if not table.rows:
        faults.add("must have one row or more", remedy="add the rows")
    for name in table.columns:
        if not is_name(name):
            faults.add(
                "a column must have a name that a formula can use",
                row=1,
                column=name,
                found=name,
                remedy="a letter, then letters, digits and underscores",
            )


def _build_index(keys: FloatArray) -> KeyIndex:
    steps = []
    codes = np.zeros(len(keys), dtype=np.int64)
    for values in keys.T:
        levels, ranks = np.unique(values, return_inverse=True)
        known, codes = np.unique(codes * len(levels) + ranks, return_inverse=True)
        steps.append((levels, known))
    rows = np.empty(len(known), dtype=np.int64)
    rows[codes] = np.arange(len(keys))
    return KeyIndex(tuple(steps), rows)


def table_problem(reference: TableRef, tables: Mapping[str, LookupTable], name: str) -> Problem | None:
    """Return what is wrong with a look-up before its keys are known, or None.

    Parameters
    ----------
    reference : TableRef
    tables : mapping of str to LookupTable
    name : str
        The formula's name.

    Examples
    --------
    >>> life = LookupTable("life.csv", ("age", "q"), [[60, 0.01], [61, 0.02]])
    >>> from costmodel.formulas.nodes import Name
    >>> print(table_problem(TableRef("step", "life", "p", (Name("age"),)), {"life": life}, "p_death"))
    p_death: step(life, p, …) must read a column of table 'life'; found 'p' -> one of: q
    """
    call = (
        f"{reference.method}({reference.table}, {'' if not reference.column else reference.column + ', '}…)"
    )
    if reference.table not in tables:
        remedy = did_you_mean(reference.table, list(tables))
        return Problem(name, f"{call} must name a table of the study", f"'{reference.table}'", remedy)
    table, count = tables[reference.table], len(reference.keys)
    values = table.columns[count:]
    if not values:
        rule = f"{call} must leave a column of table '{reference.table}' to read"
        return Problem(name, rule, f"{count} keys for {len(table.columns)} columns", "give fewer keys")
    if reference.column is None and len(values) > 1:
        rule = f"{call} must say which column of table '{reference.table}' to read"
        shown = did_you_mean("", values)
        return Problem(name, rule, f"{len(values)} columns", f"write the column after the table: {shown}")
    if reference.column is not None and reference.column not in values:
        rule = f"{call} must read a column of table '{reference.table}'"
        return Problem(name, rule, f"'{reference.column}'", _column_remedy(reference.column, table, values))
    return _repeated_keys(reference, table, call, name)


def _column_remedy(column: str, table: LookupTable, values: Collection[str]) -> str:
    if column in table.columns:
        return f"'{column}' is a key here; one of: {', '.join(values)}"
    return did_you_mean(column, values)


def _repeated_keys(reference: TableRef, table: LookupTable, call: str, name: str) -> Problem | None:
    count = len(reference.keys)
    if len(table.keys(count).rows) == len(table.numbers):
        return None
    keys, repeats = np.unique(table.numbers[:, :count], axis=0, return_counts=True)
    row = keys[np.argmax(repeats > 1)]
    found = ", ".join(f"{c} = {plain(v)}" for c, v in zip(table.columns, row, strict=False))
    rule = f"{call} needs keys of table '{reference.table}' that stand in one row only"
    more = " or give more keys" if reference.method == "lookup" else ""
    return Problem(name, rule, f"{found} in several rows", f"remove the repeated rows{more}")


def read_table(
    reference: TableRef, table: LookupTable, keys: Sequence[FloatArray]
) -> tuple[FloatArray, BoolArray]:
    """Read a table at keys, which broadcast.

    Parameters
    ----------
    reference : TableRef
        One in which :func:`table_problem` finds nothing wrong.
    table : LookupTable
    keys : sequence of array
        One array per key.

    Returns
    -------
    values : array
        With any number where the key is missing.
    missing : array of bool
        Where ``lookup`` finds no row, or the key lies outside the table.

    Examples
    --------
    >>> life = LookupTable("life.csv", ("age", "q"), [[60, 0.01], [61, 0.02]])
    >>> between = TableRef("interpolate", "life", "q", ())
    >>> read_table(between, life, [np.array([60.5, 62.0])])
    (array([0.015, 0.02 ]), array([False,  True]))
    """
    column = table.column(reference.column or table.columns[-1])
    index = table.keys(len(keys))
    if reference.method == "lookup":
        return _exact(column, index, keys)
    (key,), levels = keys, index.steps[0][0]
    missing = ~((key >= levels[0]) & (key <= levels[-1]))
    if reference.method == "interpolate":
        return np.interp(key, levels, column[index.rows]), missing
    position = np.searchsorted(levels, key, side="right") - 1
    return column[index.rows[np.maximum(position, 0)]], missing


def _exact(column: FloatArray, index: KeyIndex, keys: Sequence[FloatArray]) -> tuple[FloatArray, BoolArray]:
    codes: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = np.zeros((), dtype=np.int64)
    missing: BoolArray = np.zeros((), dtype=np.bool_)
    for (levels, known), key in zip(index.steps, keys, strict=True):
        rank = np.minimum(np.searchsorted(levels, key), len(levels) - 1)
        pair = codes * len(levels) + rank
        codes = np.minimum(np.searchsorted(known, pair), len(known) - 1)
        missing = missing | (levels[rank] != key) | (known[codes] != pair)
    return column[index.rows[codes]], missing


def key_range(table: LookupTable, count: int) -> str:
    """Return the range of the first ``count`` columns, for messages.

    Examples
    --------
    >>> key_range(LookupTable("life.csv", ("age", "q"), [[60, 0.01], [61, 0.02]]), 1)
    'age from 60 to 61'
    """
    ranges = [
        f"{name} from {plain(keys.min())} to {plain(keys.max())}"
        for name, keys in zip(table.columns, table.numbers[:, :count].T, strict=False)
    ]
    return ", ".join(ranges)
