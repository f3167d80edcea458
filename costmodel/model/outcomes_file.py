"""Outcomes as a file: every number with its labels, currency and perspectives, exact to the last bit."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.checks import one_of
from costmodel.errors import CostModelError, Faults
from costmodel.files import write_atomic
from costmodel.model.definition import KINDS
from costmodel.model.grid import Grid, LongTable, to_grid
from costmodel.model.outcomes import Outcomes
from costmodel.tables import Column
from costmodel.units import Money

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet")
YEAR = "year_"

_SAME = ("study", "currency", "price_year", "comparator", "perspectives", "clipped", "resampled")
_COLUMNS = (
    Column("study", required=True, optional=False),
    Column("currency", required=True, optional=False),
    Column("price_year", "integer", required=True, optional=False),
    Column("comparator", required=True, optional=False),
    Column("perspectives", required=True, optional=False),
    Column("clipped", required=True, optional=False),
    Column("resampled", "integer", required=True, optional=False),
    Column("strategy", required=True, optional=False),
    Column("measure", required=True, optional=False),
    Column("kind", required=True, optional=False, choices=KINDS),
    Column("segment", required=True, optional=False),
    Column("draw", "integer", required=True, optional=False),
    Column("size", "number", required=True, optional=False),
    Column("discounted", "number", required=True, optional=False),
    Column("undiscounted", "number", required=True, optional=False),
)


def write_outcomes(outcomes: Outcomes, path: Path | str) -> Path:
    """Write outcomes as a long table, CSV or Parquet by the ending of the path; whole or not at all.

    A row per strategy, measure, segment and draw: ``study, currency, price_year, comparator, perspectives,
    clipped, resampled, strategy, measure, kind, segment, draw, size, discounted, undiscounted, year_1 …``.
    Totals are per person, costs positive where money is spent. ``perspectives`` and ``clipped`` are JSON;
    all that holds for the whole run stands in every row. Numbers are written so that reading them gives
    the same bits. Parquet is smaller and read faster.

    Raises
    ------
    CostModelError
        The path ends otherwise; there are no measures; or a label begins or ends with a blank, which CSV
        does not keep.

    Examples
    --------
    >>> import tempfile
    >>> from costmodel.model import evaluate
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> outcomes = evaluate(two_prices(), two_prices_draws())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = read_outcomes(write_outcomes(outcomes, f"{folder}/run.csv"))
    >>> again.money == outcomes.money, again.cost("payer").tolist()
    (True, [[400.0], [100.0]])
    """
    ending = _ending(path)
    frame = _frame(outcomes)
    if ending == ".csv":
        return write_atomic(path, frame.to_csv(index=False, lineterminator="\n"))
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return write_atomic(path, buffer.getvalue())


def read_outcomes(path: Path | str) -> Outcomes:
    """Read outcomes that :func:`write_outcomes` has written, also when another program saved them again.

    Rows may stand in any order; strategies, measures and segments keep the order in which they first appear.

    Raises
    ------
    CostModelError
        The file is missing, or ends neither in ``.csv`` nor in ``.parquet``.
    DataError
        All faults at once: columns or rows that are missing, rows that repeat, numbers that are not
        finite, a measure of two kinds, and anything that must be the same in every row and is not.
    """
    table = _opened(path)
    faults = Faults(table.file)
    summary = f"{table.file} cannot be used as outcomes"
    years = [Column(f"{YEAR}{number}", "number", required=True) for number in range(1, _n_years(table) + 1)]
    _check_columns(table, [column.name for column in (*_COLUMNS, *years)], faults)
    cells = table.read([*_COLUMNS, *years], faults)
    faults.raise_if_any(summary)
    _check_same(table, cells, faults)
    _check_kinds(table, cells, faults)
    faults.raise_if_any(summary)
    grid = to_grid({name: cells[name] for name in ("strategy", "measure", "draw", "segment")}, table, faults)
    faults.raise_if_any(summary)
    outcomes = _outcomes(grid, cells, table, faults)
    faults.raise_if_any(summary)
    assert outcomes is not None
    return outcomes


def _ending(path: Path | str) -> str:
    return one_of(Path(path).suffix.lower(), FORMATS, "ending of a file of outcomes")


def _frame(outcomes: Outcomes) -> pd.DataFrame:
    """Return outcomes as a long table."""
    import pandas as pd

    shape = outcomes.discounted.shape
    if 0 in shape:
        raise CostModelError(f"outcomes of '{outcomes.study}' hold no numbers; give at least one measure")
    labels = [outcomes.strategies, tuple(outcomes.measures), range(shape[2]), outcomes.segments]
    _check_labels(outcomes)
    place = [axis.ravel() for axis in np.indices(shape)]
    strategy, measure, draw, segment = (
        np.array(list(names), dtype=object)[at] for names, at in zip(labels, place, strict=True)
    )
    columns: dict[str, Any] = {
        "study": outcomes.study,
        "currency": outcomes.money.currency,
        "price_year": outcomes.money.price_year,
        "comparator": outcomes.comparator,
        "perspectives": json.dumps(dict(outcomes.perspectives), ensure_ascii=False),
        "clipped": json.dumps(dict(outcomes.clipped), ensure_ascii=False),
        "resampled": outcomes.resampled,
        "strategy": strategy,
        "measure": measure,
        "kind": np.array(list(outcomes.measures.values()), dtype=object)[place[1]],
        "segment": segment,
        "draw": draw.astype(np.int64),
        "size": np.broadcast_to(outcomes.sizes, shape).ravel(),
        "discounted": outcomes.discounted.ravel(),
        "undiscounted": outcomes.undiscounted.ravel(),
    }
    for year in range(outcomes.by_year.shape[-1]):
        columns[f"{YEAR}{year + 1}"] = outcomes.by_year[..., year].ravel()
    return pd.DataFrame(columns)


def _check_labels(outcomes: Outcomes) -> None:
    names = [outcomes.study, *outcomes.strategies, *outcomes.measures, *outcomes.segments]
    for name in names:
        if not name or name != name.strip(" \t\u00a0\ufeff") or "\x00" in name or "\r" in name:
            raise CostModelError(
                f"outcomes of '{outcomes.study}': a label must be text without blanks at its ends; "
                f"found {name!r}"
            )


def _opened(path: Path | str) -> LongTable:
    ending = _ending(path)
    if ending == ".csv":
        return LongTable.of(path)
    import pandas as pd
    from pyarrow import ArrowException

    file = Path(path)
    if not file.is_file():
        raise CostModelError(f"{file} does not exist; check the path")
    try:
        frame = pd.read_parquet(file, engine="pyarrow")
    except (ArrowException, OSError) as problem:
        raise CostModelError(f"{file} is no Parquet file: {problem}") from None
    table = LongTable.of(frame)
    return LongTable(file.name, table.columns, table.lines, table.content)


def _n_years(table: LongTable) -> int:
    return sum(name.removeprefix(YEAR).isdigit() for name in table.columns if name.startswith(YEAR))


def _check_columns(table: LongTable, wanted: list[str], faults: Faults) -> None:
    """Note columns that are none of this table's; a year that is left out shows as one beyond the last."""
    for name in table.columns:
        if name not in wanted:
            remedy = "years are numbered from 1 without a gap" if name.startswith(YEAR) else "drop it"
            faults.add("is not a column of outcomes", row=1, column=name, found=name, remedy=remedy)


def _check_same(table: LongTable, cells: Mapping[str, Any], faults: Faults) -> None:
    """Note what must be the same in every row and is not, at the first row that differs."""
    if not cells["strategy"]:
        faults.add("must have rows", remedy="write it anew with write_outcomes")
        return
    for name in _SAME:
        first = cells[name][0]
        for line, value in zip(table.lines, cells[name], strict=True):
            if value != first:
                remedy = "outcomes have one; keep others in a file of their own"
                found = f"{value} after {first}"
                faults.add("must be the same in every row", row=line, column=name, found=found, remedy=remedy)
                break


def _check_kinds(table: LongTable, cells: Mapping[str, Any], faults: Faults) -> None:
    kinds: dict[str, str] = {}
    for line, measure, kind in zip(table.lines, cells["measure"], cells["kind"], strict=True):
        if kinds.setdefault(measure, kind) != kind:
            found = f"{measure}: {kind} after {kinds[measure]}"
            faults.add("a measure must be of one kind", row=line, column="kind", found=found)
            break


def _outcomes(grid: Grid, cells: Mapping[str, Any], table: LongTable, faults: Faults) -> Outcomes | None:
    """Return the outcomes; what they refuse about themselves is a fault of the file."""
    kinds = dict(zip(cells["measure"], cells["kind"], strict=True))
    by_measure = grid.constant(cells["size"], "strategy", name="size", table=table, faults=faults)
    sizes = by_measure[0]
    if (by_measure != sizes).any():
        faults.add("must be the same for every measure", column="size", remedy="give one size per segment")
    discounted = grid.fill(cells["discounted"])
    by_year = [grid.fill(column) for name, column in cells.items() if name.startswith(YEAR)]
    try:
        return Outcomes(
            study=cells["study"][0],
            money=Money.parse(f"{cells['currency'][0]} {cells['price_year'][0]:.0f}"),
            strategies=grid.axes["strategy"],
            comparator=cells["comparator"][0],
            measures={name: kinds[name] for name in grid.axes["measure"]},
            segments=grid.axes["segment"],
            perspectives=_perspectives(cells["perspectives"][0]),
            discounted=discounted,
            undiscounted=grid.fill(cells["undiscounted"]),
            by_year=np.stack(by_year, axis=-1) if by_year else np.empty((*discounted.shape, 0)),
            sizes=sizes,
            clipped=_clipped(cells["clipped"][0]),
            resampled=int(cells["resampled"][0]),
        )
    except CostModelError as problem:
        faults.add(str(problem))
        return None


def _perspectives(text: str) -> dict[str, tuple[str, ...]]:
    given = _json(text)
    if given is None or not all(
        isinstance(members, list) and all(isinstance(member, str) for member in members)
        for members in given.values()
    ):
        raise CostModelError(
            f"perspectives must be sets of measures by name; found {text}; "
            'write them as {"payer": ["drug", "visits"]}'
        )
    return {name: tuple(members) for name, members in given.items()}


def _clipped(text: str) -> dict[str, int]:
    given = _json(text)
    if given is None or not all(type(count) is int for count in given.values()):
        raise CostModelError(f"clipped must be counts by name; found {text}; write {{}} where there are none")
    return given


def _json(text: str) -> dict[str, Any] | None:
    try:
        given = json.loads(text)
    except json.JSONDecodeError:
        return None
    return given if isinstance(given, dict) else None
