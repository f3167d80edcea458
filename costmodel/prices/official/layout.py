"""How a publisher prints its file: the columns, how their cells are written, and what a row means.

A layout is data. One description serves the reading of a small file into memory and the streaming of
one of any size into a store.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from costmodel.errors import Faults

CellKind = Literal["text", "number", "date", "word"]
FileKind = Literal["price", "spending", "reference"]

YEAR = "{year}"
"""Stands in a column's name for the year, where a file has one such column for each year."""


def fold(name: str) -> str:
    r"""Return a header without accents, capitals, blanks and signs, as headers are compared.

    Examples
    --------
    >>> fold("\ufeffNDC_Description"), fold("SUBSTÂNCIA ")
    ('ndcdescription', 'substancia')
    """
    bare = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^\w~%]+|_", "", bare.casefold())


@dataclass(frozen=True)
class PublishedColumn:
    """A column as its publisher prints it.

    Parameters
    ----------
    name : str
        The publisher's header; ``Tot_Clms_{year}`` for one column per year.
    target : str
        What the cells are called in a layout's SQL; a column per year is called ``claims_2022``.
    kind : {"text", "number", "date", "word"}
        A ``word`` is one of a few, translated by ``words``.
    aliases : tuple of str
        Headers of other years of the file.
    required : bool
        Whether the column must be in the file.
    filled : bool
        Whether every row must have a value.
    low : float, optional
        The least number allowed.
    open_low : bool
        Whether ``low`` itself is excluded.
    words : mapping of str to str
        The publisher's words and ours.
    marks : tuple of str
        What is printed in place of a figure that is withheld or absent. The cell is then missing, and
        ``<target>_marked`` is true.
    dates : tuple of str
        How dates are written, as ``strptime`` has it.
    remedy : str
        Said when a cell breaks the rule.
    """

    name: str
    target: str
    kind: CellKind = "text"
    aliases: tuple[str, ...] = ()
    required: bool = True
    filled: bool = False
    low: float | None = None
    open_low: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    remedy: str = ""

    @property
    def yearly(self) -> bool:
        """Whether the file has one such column for each year."""
        return YEAR in self.name

    @property
    def checked(self) -> bool:
        """Whether a cell can break a rule of its own."""
        return self.kind != "text" or self.filled

    def of_year(self, year: str) -> PublishedColumn:
        """Return the column of one year."""
        from dataclasses import replace

        aliases = tuple(alias.replace(YEAR, year) for alias in self.aliases)
        return replace(
            self, name=self.name.replace(YEAR, year), target=f"{self.target}_{year}", aliases=aliases
        )


@dataclass(frozen=True)
class Lookup:
    """A rule of Python that runs once for each distinct text of a column, and is joined back.

    Parameters
    ----------
    name : str
        Of the table of answers.
    of : tuple of str
        The text columns whose distinct combinations are asked about.
    rule : callable
        Takes the list of distinct combinations, each a tuple of str, and returns one list per answer.
        The answer ``fault``, where there is one, holds the rule that a text breaks, or ``""``.
    answers : mapping of str to str
        The DuckDB type of each answer.
    remedy : str
        Said with a fault.
    """

    name: str
    of: tuple[str, ...]
    rule: Callable[[list[tuple[str, ...]]], Mapping[str, Sequence[Any]]]
    answers: Mapping[str, str]
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A rule about a whole row: rows for which the SQL ``broken`` is true are faults.

    Parameters
    ----------
    column : str
        The target whose header the fault names.
    rule : str
    broken : str or callable
        SQL over the cells and answers; a callable takes :class:`Cells`.
    remedy : str
    found : str
        SQL for what was found; the column's value by default.
    """

    column: str
    rule: str
    broken: str | Callable[[Cells], str]
    remedy: str
    found: str = ""


@dataclass(frozen=True)
class Cells:
    """What a layout's SQL may read: the typed cells of one file.

    Parameters
    ----------
    table : str
        Has ``line``, the targets of the columns found, and the answers of the look-ups.
    present : frozenset of str
        The targets found; a column of SQL that is not among them does not exist.
    years : tuple of str
        The years of the file's yearly columns, in order.
    file : str
        The name of the file.
    facts : mapping of str to str
        What the layout's ``about`` told of the whole file.
    """

    table: str
    present: frozenset[str]
    years: tuple[str, ...]
    file: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def get(self, target: str, otherwise: str = "NULL") -> str:
        """Return SQL for a column that may be absent."""
        return f'"{target}"' if target in self.present else otherwise


@dataclass(frozen=True)
class Layout:
    """How a publisher prints its file, and what a row of it means.

    Parameters
    ----------
    name : str
        Short, for example ``nadac``.
    title : str
        Completes "is not a …", for example ``NADAC file``.
    publisher, address : str
        Who publishes it and where.
    kind : {"price", "spending", "reference"}
        Which schema the rows come in.
    columns : tuple of PublishedColumn
    query : callable
        Takes :class:`Cells`, returns SQL: ``line`` and the columns of the schema, in its order.
    absent : tuple of str
        Headers that tell that it is another file, which has the same columns and more.
    unparsed : callable, optional
        The same for rows that are set aside, which end in the column ``reason``.
    lookups, checks : tuple
    key : tuple of str
        Cells or answers that identify a row. A row that repeats an earlier one in every cell is left
        out (``repeats`` is true of it); one that repeats only the key is a fault.
    key_rule : str
        The rule that is then broken, in words.
    encodings : tuple of str
        Tried in order.
    delimiter, quote : str
        ``quote`` is empty where the publisher quotes nothing.
    title_rows : int
        How many rows may stand above the header.
    footer : str
        A regular expression; rows whose first cell matches it are left out.
    thousands, decimal : str
        How numbers are grouped; ``thousands`` is empty where they are not.
    signs : tuple of str
        Currency signs that the publisher prints with its numbers.
    sheet : str
        A regular expression for the sheet of a workbook; the first that fits the columns otherwise.
    about : callable, optional
        Takes the file's name, the rows above its header as text, and the faults; returns what holds
        of the whole file, such as its day, or notes a fault where neither says it.
    exact : bool
        Whether, of several headers that differ only in signs, the one spelt as its column is meant.
    left_out : mapping of str to tuple of str
        Cells by which a row is left out, by target: a row of another kind of thing.
    """

    name: str
    title: str
    publisher: str
    kind: FileKind
    columns: tuple[PublishedColumn, ...]
    query: Callable[[Cells], str]
    absent: tuple[str, ...] = ()
    unparsed: Callable[[Cells], str] | None = None
    lookups: tuple[Lookup, ...] = ()
    checks: tuple[Check, ...] = ()
    key: tuple[str, ...] = ()
    key_rule: str = ""
    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    quote: str = '"'
    title_rows: int = 0
    footer: str = ""
    thousands: str = ""
    decimal: str = "."
    signs: tuple[str, ...] = ()
    sheet: str = ""
    address: str = ""
    about: Callable[[str, Sequence[str], Faults], Mapping[str, str]] | None = None
    exact: bool = False
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def noun(self) -> str:
        """What a row holds."""
        return "row" if self.kind == "reference" else self.kind.replace("spending", "row of spending")
