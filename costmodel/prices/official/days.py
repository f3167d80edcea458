"""The day or month of a list, read from its file name or the title above its header."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import unquote

from costmodel.errors import CostModelError
from costmodel.tables import parse_date

_NAMES = tuple(name.lower() for name in calendar.month_name[1:])
_MONTH = r"(?<![a-z])(" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _NAMES) + r"|sept)"
_DAY_MONTH_YEAR = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*(?:st|nd|rd|th)?\s*{_MONTH.replace('(?<![a-z])', '')}\s*(20\d\d)"
)
_MONTH_YEAR = re.compile(rf"{_MONTH}\s*(20\d\d|\d\d)(?!\d\d\d)")
_COMPACT_DAY = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_COMPACT_MONTH = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])(?!\d)")
_SLASHES = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(20\d\d)(?!\d)")


def day_in(text: str) -> dt.date | None:
    """Return the one day that a name or title states, day before month; None where none or two stand there.

    Examples
    --------
    >>> str(day_in("Database Of Medicine Prices 05th July 2016.xls"))
    '2016-07-05'
    >>> str(day_in("xls_conformidade_site_20240903_144255507.xls")), str(day_in("Publicada em 10/06/2026"))
    ('2024-09-03', '2026-06-10')
    """
    plain = _plain(text)
    found = [(year, _number(month), day) for day, month, year in _DAY_MONTH_YEAR.findall(plain)]
    found += [(year, month, day) for year, month, day in _COMPACT_DAY.findall(plain)]
    found += [(year, month, day) for day, month, year in _SLASHES.findall(plain)]
    days = {_date(*parts) for parts in found}
    return days.pop() if len(days) == 1 else None


def month_in(text: str) -> dt.date | None:
    """Return the first day of the one month that a name states; None where none or two stand there.

    Examples
    --------
    >>> str(month_in("Part VIIIA April 2026.csv")), str(month_in("Part%20VIIIA%20Nov%2020%20updated.csv"))
    ('2026-04-01', '2020-11-01')
    >>> str(month_in("drug_tariff_viii_a_202509.csv")), month_in("tariff.csv")
    ('2025-09-01', None)
    """
    plain = _plain(text)
    found = [(f"20{year[-2:]}", _number(month)) for month, year in _MONTH_YEAR.findall(plain)]
    found += _COMPACT_MONTH.findall(plain)
    months = {_date(year, month, 1) for year, month in found}
    return months.pop() if len(months) == 1 else None


def month_name_in(text: str) -> int | None:
    """Return the number of the one month that a title names, with or without its year.

    Examples
    --------
    >>> month_name_in("April Drug Tariff Part VIIIA"), month_name_in("Drug Tariff")
    (4, None)
    """
    months = {_number(name) for name in re.findall(rf"{_MONTH}(?![a-z])", _plain(text))}
    return months.pop() if len(months) == 1 else None


def given_day(value: str | dt.date, what: str) -> dt.date:
    """Return a day that a caller gave, as text YYYY-MM-DD or as a date."""
    if isinstance(value, dt.date):
        return value
    try:
        return parse_date(value)
    except CostModelError as problem:
        raise CostModelError(f"{what} {problem}; found {value!r}") from None


def first_day(texts: Iterable[str]) -> dt.date | None:
    """Return the day of the first text that states one."""
    return next((day for text in texts if (day := day_in(text))), None)


def _plain(text: str) -> str:
    return re.sub(r"[_ ]+", " ", unquote(text).lower())


def _number(name: str) -> int:
    return next(at for at, full in enumerate(_NAMES, start=1) if full.startswith(name[:3]))


def _date(year: str, month: str | int, day: str | int) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
