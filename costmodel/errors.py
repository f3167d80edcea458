"""Errors that teach: which input, which rule, what was found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20
_LONGEST = 200


class CostModelError(Exception):
    """Base of every error that a user of costmodel can cause."""


@dataclass(frozen=True)
class Fault:
    """One fault in an input: where it is, which rule it breaks, what was found, what to do."""

    file: str
    row: int | None
    column: str
    rule: str
    found: str
    remedy: str

    def __str__(self) -> str:
        where = self.file
        if self.row is not None:
            where += f", row {self.row}"
        if self.column:
            where += f", {self.column}"
        found = f"; found {self.found}" if self.found else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return f"{where}: {self.rule}{found}{remedy}"


class DataError(CostModelError):
    """One or more faults in input data, collected and raised once.

    Attributes
    ----------
    faults : pandas.DataFrame
        One row per fault: ``file, row, column, rule, found, remedy``. ``row`` is the line of the
        file as a text editor counts it (the header is line 1), missing where no row is meant.

    Examples
    --------
    >>> error = DataError(
    ...     "prices.csv cannot be used",
    ...     [Fault("prices.csv", 4, "price", "must be above 0", "-2", "give the price of one pack")],
    ... )
    >>> print(error)
    prices.csv cannot be used (1 fault):
      prices.csv, row 4, price: must be above 0; found -2 -> give the price of one pack
    >>> list(error.faults.columns)
    ['file', 'row', 'column', 'rule', 'found', 'remedy']
    """

    def __init__(self, summary: str, faults: Iterable[Fault]) -> None:
        self.summary = summary
        self.items = tuple(faults)
        super().__init__(summary, self.items)

    @property
    def faults(self) -> pd.DataFrame:
        """One row per fault."""
        import pandas as pd

        names = [field.name for field in fields(Fault)]
        frame = pd.DataFrame([astuple(item) for item in self.items], columns=names)
        return frame.astype({"row": "Int64"})

    def __str__(self) -> str:
        count = len(self.items)
        lines = [f"{self.summary} ({count} fault{'s' if count != 1 else ''}):"]
        lines += [f"  {item}" for item in self.items[:_SHOWN]]
        if count > _SHOWN:
            lines.append(f"  … and {count - _SHOWN} more; the error's `faults` holds them all")
        return "\n".join(lines)


class Faults:
    """Collects faults while an input is read, so that all of them are reported at once."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self._items: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add(
        self,
        rule: str,
        *,
        row: int | None = None,
        column: str = "",
        found: object = "",
        remedy: str = "",
        file: str | None = None,
    ) -> None:
        """Note one fault; ``found`` is shown as text and cut where it is long."""
        text = str(found)
        shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        self._items.append(Fault(self.file if file is None else file, row, column, rule, shown, remedy))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over faults that another reader has collected."""
        self._items.extend(faults)

    def raise_if_any(self, summary: str) -> None:
        """Raise :class:`DataError` when at least one fault was noted."""
        if self._items:
            raise DataError(summary, self._items)
