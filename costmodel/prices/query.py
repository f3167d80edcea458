"""Rows that meet a query, compared after typing, and the reasons why none does."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.checks import did_you_mean, nearest
from costmodel.errors import CostModelError
from costmodel.prices.errors import PriceError
from costmodel.tables import parse_date, parse_number

Mask = NDArray[np.bool_]
"""One truth per row."""

SHOWN = 12
"""How many values an error lists before it says how many there are."""


def conditions(frame: pd.DataFrame, query: Mapping[str, Any]) -> dict[str, Mask]:
    """Return, for each column of a query, which rows meet it.

    Parameters
    ----------
    frame : pandas.DataFrame
    query : mapping of str to value
        A list, tuple or set of values means any of them.

    Raises
    ------
    PriceError
        A column is unknown, or a value cannot be of the column's type.

    Examples
    --------
    >>> frame = pd.DataFrame({"strength_mg": [0.5, 2.0], "form": ["tablet", "tablet"]})
    >>> conditions(frame, {"strength_mg": "2"})["strength_mg"].tolist()
    [False, True]
    >>> conditions(frame, {"strenght_mg": 2})
    Traceback (most recent call last):
        ...
    costmodel.prices.errors.PriceError: 'strenght_mg' is not a column; did you mean 'strength_mg'?
    """
    for name in query:
        if name not in frame.columns:
            raise PriceError(f"'{name}' is not a column; {did_you_mean(name, list(frame.columns))}")
    return {name: _any_of(frame[name], value) for name, value in query.items()}


def all_of(masks: Iterable[Mask], rows: int) -> Mask:
    """Return which of ``rows`` rows meet every condition; all of them when there is none.

    Examples
    --------
    >>> all_of([np.array([True, True]), np.array([True, False])], 2).tolist()
    [True, False]
    """
    keep = np.ones(rows, dtype=bool)
    for mask in masks:
        keep &= mask
    return keep


def selected(frame: pd.DataFrame, filters: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows that meet every filter; ``class_`` stands for the column ``class``.

    Examples
    --------
    >>> selected(pd.DataFrame({"class": ["brand", "generic"]}), {"class_": "brand"}).index.tolist()
    [0]
    """
    masks = conditions(frame, {_column(name, frame): value for name, value in filters.items()})
    return frame.loc[all_of(masks.values(), len(frame))]


def _column(name: str, frame: pd.DataFrame) -> str:
    bare = name.removesuffix("_")
    return bare if bare in frame.columns and name not in frame.columns else name


def several(values: Iterable[Any]) -> bool:
    """Tell whether the values are not all the same.

    Examples
    --------
    >>> several(["USD", "USD"]), several(["EUR", "USD"])
    (False, True)
    """
    return len(set(values)) > 1


def _any_of(column: pd.Series[Any], wanted: Any) -> Mask:
    values = wanted if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
    if not values:
        raise PriceError(f"{column.name}: the list of values is empty; name at least one")
    return np.asarray(np.any([_equals(column, value) for value in values], axis=0), dtype=bool)


def _equals(column: pd.Series[Any], value: Any) -> Mask:
    if pd.api.types.is_numeric_dtype(column):
        return _close(column.to_numpy(dtype=float), _number(column.name, value))
    if pd.api.types.is_datetime64_dtype(column):
        return np.asarray(column == pd.Timestamp(_date(column.name, value)), dtype=bool)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        return _close(numbers, value)
    return np.asarray(column == str(value).strip(), dtype=bool)


def _close(numbers: NDArray[np.float64], wanted: float) -> Mask:
    return np.asarray(np.isclose(numbers, wanted, rtol=1e-9, atol=0.0), dtype=bool)


def _number(name: object, value: Any) -> float:
    if isinstance(value, str):
        try:
            return parse_number(value.strip())
        except CostModelError as problem:
            raise PriceError(f"{name} = '{value}' {problem}") from None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise PriceError(f"{name} must be a finite number; found {value!r}")
    return number


def _date(name: object, value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return parse_date(str(value).strip())
    except CostModelError as problem:
        raise PriceError(f"{name} = {value!r} {problem}") from None


def show(value: Any) -> str:
    """Return a value as an error shows it: numbers short, dates ISO, text in quotation marks.

    Examples
    --------
    >>> show(2.0), show("tablet"), show(dt.date(2026, 4, 29)), show([0.5, 1])
    ('2', "'tablet'", '2026-04-29', '0.5 or 1')
    """
    if isinstance(value, (list, tuple, set, frozenset)):
        return " or ".join(show(item) for item in value)
    if value is pd.NaT:
        return "not stated"
    if isinstance(value, (dt.date, np.datetime64)):
        return str(pd.Timestamp(value).date())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:.10g}"
    return f"'{value}'"


def show_all(query: Mapping[str, Any]) -> str:
    """Return the columns and values of a query or a matched set in one line.

    Examples
    --------
    >>> show_all({"molecule": "clonazepam", "strength_mg": 2.0})
    "molecule='clonazepam', strength_mg=2"
    """
    return ", ".join(f"{name}={show(value)}" for name, value in query.items()) or "no conditions"


def rows_text(count: int) -> str:
    """Return a number of rows in words: ``1 row``, ``2 rows``."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def tally(values: Iterable[Any]) -> str:
    """Return the distinct values with the number of rows of each, in order, at most twelve.

    Examples
    --------
    >>> tally(["EUR", "USD", "EUR"])
    "'EUR' (2 rows), 'USD' (1 row)"
    """
    counts = pd.Series(list(values)).value_counts(dropna=False).sort_index()
    parts = [f"{show(value)} ({rows_text(int(count))})" for value, count in counts.items()]
    more = f" … ({len(parts)} in all)" if len(parts) > SHOWN else ""
    return ", ".join(parts[:SHOWN]) + more


def nothing_found(frame: pd.DataFrame, query: Mapping[str, Any], origin: str) -> PriceError:
    """Return the error that says which condition of a query leaves no row, and what there is instead.

    Each condition is dropped in turn: where rows then appear, that condition alone empties the query.
    """
    masks = conditions(frame, query)
    rows = [_without(name, frame, query, masks) for name in query]
    if not any(row["rows"] for row in rows):
        rows = [_alone(name, frame, query, masks) for name in query]
    head = f"no price in {origin} matches {show_all(query)} (0 of {rows_text(len(frame))})"
    lines = [f"  {row['tried']}: {rows_text(row['rows'])}{row['text']}" for row in rows]
    candidates = pd.DataFrame(rows, columns=["column", "tried", "rows", "available"])
    return PriceError("\n".join([head, *lines]), candidates)


def _without(
    name: str, frame: pd.DataFrame, query: Mapping[str, Any], masks: Mapping[str, Mask]
) -> dict[str, Any]:
    others = (mask for other, mask in masks.items() if other != name)
    left = frame.loc[all_of(others, len(frame)), name]
    available = tally(left)
    text = f"; {name} is {available}{_spelling(query[name], left)}" if len(left) else ""
    tried = f"without {name}={show(query[name])}"
    return {"column": name, "tried": tried, "rows": len(left), "available": available, "text": text}


def _alone(
    name: str, frame: pd.DataFrame, query: Mapping[str, Any], masks: Mapping[str, Mask]
) -> dict[str, Any]:
    count, available = int(masks[name].sum()), tally(frame[name])
    text = "" if count else f"; {name} is {available}{_spelling(query[name], frame[name])}"
    tried = f"{name}={show(query[name])} alone"
    return {"column": name, "tried": tried, "rows": count, "available": available, "text": text}


def _spelling(wanted: Any, column: pd.Series[Any]) -> str:
    if not isinstance(wanted, str) or not pd.api.types.is_string_dtype(column):
        return ""
    guess = nearest(wanted, set(column))
    return f"; did you mean '{guess}'?" if guess else ""
