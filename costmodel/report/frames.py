"""From a pandas table to a table of text: formats, alignments, groups, a total."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costmodel.checks import did_you_mean, in_interval
from costmodel.errors import CostModelError
from costmodel.report.records import Align, TableRecord
from costmodel.report.style import DASH, MINUS, Formatter, is_missing, significant
from costmodel.report.text import clean

if TYPE_CHECKING:
    import pandas as pd

Format = str | Callable[[Any], str]
"""A format specification such as ``",.2f"`` or ``".1%"``, or a function from a value to its text."""


def table_record(
    frame: pd.DataFrame,
    *,
    id: str,  # noqa: A002 - what HTML, Typst and the reader call it
    caption: str,
    formats: Mapping[str, Format] | None = None,
    note: str = "",
    align: Mapping[str, Align] | None = None,
    widths: Mapping[str, float] | None = None,
    group: str | None = None,
    cite: str | Collection[str] = (),
    total: bool = False,
) -> TableRecord:
    """Return the record of ``frame``; see :func:`costmodel.report.show_table` for the options.

    Raises
    ------
    CostModelError
        When an option names a column that is not there, when two columns have the same name, when the
        index holds labels and has no name, or when a cell is infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"Product": ["Generic", "Brand"], "Price": [0.031, 12.5]})
    >>> record = table_record(frame, id="tbl-prices", caption="Prices", formats={"Price": ",.2f"})
    >>> record.rows, record.align
    ((('Generic', '0.03'), ('Brand', '12.50')), ('left', 'right'))
    """
    table = _with_index(frame, id)
    cited = (cite,) if isinstance(cite, str) else tuple(cite)
    for what, named in {"formats": formats, "align": align, "widths": widths, "cite": cited}.items():
        _check_columns(named or (), table, f"{id}: {what}")
    _check_columns((group,) if group is not None else (), table, f"{id}: group")
    shown = [name for name in table.columns if name != group]
    texts = [_texts(table[name], (formats or {}).get(name), f"{id}, column '{name}'") for name in shown]
    return TableRecord(
        id=id,
        caption=caption,
        note=note,
        columns=tuple(clean(str(name)) for name in shown),
        align=tuple((align or {}).get(name, _align(table[name])) for name in shown),
        widths=tuple(_width((widths or {}).get(name), id) for name in shown),
        rows=tuple(zip(*texts, strict=True)),
        groups=_groups(table[group], f"{id}, column '{group}'") if group is not None else (),
        total=total,
        cited=tuple(shown.index(name) for name in cited),
    )


def _with_index(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return ``frame`` with its index as leading columns, unless the index only counts rows."""
    levels = [frame.index.get_level_values(level) for level in range(frame.index.nlevels)]
    named = all(level.name is not None for level in levels)
    if not named and all(level.dtype.kind in "iu" for level in levels):
        flat = frame.reset_index(drop=True)
    elif not named:
        raise CostModelError(f"{table}: the table's index holds labels without a name; use rename_axis('…')")
    else:
        flat = frame.reset_index()
    names = [str(name) for name in flat.columns]
    if flat.columns.nlevels > 1 or len(set(names)) < len(names):
        raise CostModelError(f"{table}: every column needs one name of its own; found {', '.join(names)}")
    return flat.set_axis(names, axis=1)


def _check_columns(named: Iterable[str], frame: pd.DataFrame, what: str) -> None:
    for name in named:
        if name not in frame.columns:
            remedy = did_you_mean(str(name), list(frame.columns))
            raise CostModelError(f"{what} names column '{name}', which the table lacks; {remedy}")


def _align(column: pd.Series[Any]) -> Align:
    filled = [value for value in column if not is_missing(value)]
    if filled and all(_is_number(value) for value in filled):
        return "right"
    return "left"


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not _is_boolean(value)


def _is_boolean(value: Any) -> bool:
    return type(value).__name__ in {"bool", "bool_"}


def _width(width: float | None, table: str) -> float | None:
    return None if width is None else in_interval(width, f"{table}: width", low=0, high=100, open_low=True)


def _texts(column: pd.Series[Any], style: Format | None, what: str) -> tuple[str, ...]:
    show = _formatter(style)
    return tuple(_cell(value, show, f"{what}, row {at}") for at, value in enumerate(column, start=1))


def _formatter(style: Format | None) -> Formatter:
    if style is None:
        return plain
    if callable(style):
        return style
    specification = style[2:-1] if style.startswith("{:") and style.endswith("}") else style
    return lambda value: _signed(format(value, specification))


def _cell(value: Any, show: Formatter, what: str) -> str:
    if is_missing(value):
        return DASH
    if _is_number(value) and not math.isfinite(value):
        raise CostModelError(f"{what} is {value}; a report shows finite numbers: give a label instead")
    try:
        text = clean(str(show(value)))
    except (TypeError, ValueError) as error:
        raise CostModelError(f"{what}: the format does not fit {value!r}: {error}") from error
    return text or DASH


def _signed(text: str) -> str:
    """Return a formatted number with a true minus sign, and none on a number that rounds to zero."""
    if not text.startswith("-"):
        return text
    zero = not any(character in "123456789" for character in text)
    return text[1:] if zero else MINUS + text[1:]


def plain(value: Any) -> str:
    """Return the text of a value that has no format: four significant digits, ISO dates, yes or no.

    Examples
    --------
    >>> import datetime as dt
    >>> plain(True), plain(123456), plain(0.031251), plain(dt.date(2026, 4, 29)), plain("2 mg")
    ('yes', '123,456', '0.03125', '2026-04-29', '2 mg')
    """
    if _is_boolean(value):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return _signed(f"{int(value):,}")
    if isinstance(value, numbers.Real):
        return significant(4)(float(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


def _groups(column: Sequence[Any] | pd.Series[Any], what: str) -> tuple[tuple[int, str], ...]:
    texts = _texts(column, None, what)  # type: ignore[arg-type]
    starts = [at for at in range(len(texts)) if at == 0 or texts[at] != texts[at - 1]]
    names = [texts[at] for at in starts]
    if len(set(names)) < len(names):
        raise CostModelError(f"{what}: rows of one group must stand together; sort the table by this column")
    return tuple(zip(starts, names, strict=True))
