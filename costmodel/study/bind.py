"""Bindings: parameters whose value is read from a table by a query, with the rows that gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.checks import did_you_mean
from costmodel.datasets import dataset_path, describe, read_dataset
from costmodel.errors import CostModelError
from costmodel.inputs import Parameter, fixed_parameter
from costmodel.study.schema import DataBinding, PriceBinding
from costmodel.study.toml import filters
from costmodel.units import Money

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bound:
    """A parameter read from a table.

    Parameters
    ----------
    parameter : Parameter
        Its value, unit, money and source.
    table : str
        The table's id.
    query : mapping of str to value
    statistic : str
    rows : DataFrame
        The rows that matched.
    flags : tuple of str
        Doubts that the table states about these rows.
    note : str
    """

    parameter: Parameter
    table: str
    query: Mapping[str, Any]
    statistic: str
    rows: pd.DataFrame = field(compare=False, repr=False)
    flags: tuple[str, ...]
    note: str

    def __str__(self) -> str:
        wanted = ", ".join(f"{key} = {value}" for key, value in self.query.items())
        rows = f"{len(self.rows)} row{'' if len(self.rows) == 1 else 's'}"
        return f"{self.table} where {wanted} ({self.statistic} of {rows})"


def bind_to_price(name: str, binding: PriceBinding, *, study: Path) -> Bound:
    """Read a unit price from a price table; exactly one price basis may match.

    Raises
    ------
    CostModelError
        No row or several price bases match, or rows disagree; the message lists the candidates.
    """
    from costmodel.prices import bind_price, read_prices

    table = read_prices(dataset_path(binding.table, study=study))
    query = filters(binding)
    price = bind_price(table, query, statistic=binding.statistic, weight=binding.weight)
    parameter = fixed_parameter(
        name,
        price.value,
        unit=f"{price.currency}/{price.unit}",
        currency=price.currency,
        price_year=price.as_of.year,
        source=f"table:{binding.table}",
        locator=price.source,
        status="computed" if binding.statistic != "unique" else "read",
        note=binding.note,
    )
    return Bound(parameter, binding.table, query, binding.statistic, price.rows, price.flags, binding.note)


def bind_to_data(name: str, binding: DataBinding, *, study: Path) -> Bound:
    """Read a number from a column of any table.

    Raises
    ------
    CostModelError
        A column is unknown, no row matches, or rows disagree under ``unique``; or the money is no currency
        and year, or does not go with the unit.
    """
    frame = read_dataset(binding.table, study=study)
    query = filters(binding)
    rows = select_rows(frame, query, table=binding.table)
    if binding.column not in frame.columns:
        raise CostModelError(
            f"table {binding.table} has no column '{binding.column}'; "
            f"{did_you_mean(binding.column, list(frame.columns))}"
        )
    value = _statistic(rows[binding.column], binding.statistic, f"{binding.table}.{binding.column}")
    own = (study / "tables" / f"{binding.table}.csv").is_file()
    units = {} if own else describe(binding.table).units
    money = Money.parse(binding.money) if binding.money else None
    parameter = fixed_parameter(
        name,
        value,
        unit=binding.unit or units.get(binding.column, ""),
        currency=money.currency if money else "",
        price_year=money.price_year if money else None,
        source=f"table:{binding.table}",
        locator="; ".join(dict.fromkeys(rows["source"].astype(str))) if "source" in rows else "",
        status="read" if binding.statistic == "unique" else "computed",
        note=binding.note,
    )
    flags = (
        tuple(dict.fromkeys(str(flag) for flag in rows["flag"].dropna() if flag)) if "flag" in rows else ()
    )
    return Bound(parameter, binding.table, query, binding.statistic, rows, flags, binding.note)


def select_rows(frame: pd.DataFrame, query: Mapping[str, Any], *, table: str) -> pd.DataFrame:
    """Return the rows that a query asks for.

    Raises
    ------
    CostModelError
        A column is unknown, or no row matches; the message says which filter leaves nothing.
    """
    rows = frame
    for column, wanted in query.items():
        if column not in frame.columns:
            raise CostModelError(
                f"table {table} has no column '{column}'; {did_you_mean(column, list(frame.columns))}"
            )
        before = rows
        rows = before[before[column].map(_comparable) == _comparable(wanted)]
        if rows.empty:
            values = sorted({str(value) for value in before[column].dropna()})
            raise CostModelError(
                f"table {table} has no row with {column} = {wanted!r} among those that the filters before it "
                f"leave; there: {', '.join(values[:12])}"
            )
    return rows


def _comparable(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(str(value))
    except ValueError:
        return str(value)[:10] if hasattr(value, "isoformat") else str(value)


def _statistic(values: pd.Series[Any], statistic: str, what: str) -> float:
    numbers = values.astype(float)
    if numbers.isna().any():
        raise CostModelError(f"{what}: a row that matches has no value; narrow the query")
    if statistic == "unique":
        distinct = numbers.unique()
        if len(distinct) > 1:
            shown = ", ".join(f"{value:g}" for value in distinct[:12])
            raise CostModelError(
                f"{what}: {len(numbers)} rows match and disagree ({shown}); narrow the query or name a "
                "statistic: sum, mean, median, minimum, maximum"
            )
        return float(distinct[0])
    functions = {"sum": "sum", "mean": "mean", "median": "median", "minimum": "min", "maximum": "max"}
    return float(getattr(numbers, functions[statistic])())
