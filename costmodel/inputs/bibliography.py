"""Bibliographies in BibTeX: what the ``source`` of a number stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.errors import CostModelError, Faults
from costmodel.inputs.references import reference_text, reference_url
from costmodel.inputs.unknown import unknown

_TABLE = "table:"
_ENTRY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,}]+)\s*,")
_ENTRY_KEY = re.compile(r"entry with key (\S+) has")
_REPEATED = re.compile(r"repeated bibliography entry: (\S+)")


@dataclass(frozen=True)
class Reference:
    """One source.

    Parameters
    ----------
    key : str
        What ``source`` cells name it by.
    text : str
        Plain text in Vancouver style: authors, title, journal year;volume(issue):pages or publisher, DOI.
    url : str
        The DOI's address, else the entry's URL, else blank.
    """

    key: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Bibliography(Mapping[str, Reference]):
    """References by key, in the order of the file.

    Examples
    --------
    >>> book = Reference("briggs2006", "Briggs A. Decision Modelling.")
    >>> sources = Bibliography({"briggs2006": book})
    >>> sources.missing(["briggs2006", "table:us/nadac", "briggs2005"])
    ('briggs2005',)
    """

    entries: Mapping[str, Reference]

    def __getitem__(self, key: str) -> Reference:
        try:
            return self.entries[key]
        except KeyError:
            raise unknown("reference", key, list(self.entries)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def missing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return the keys that are not here, each once; blanks and data tables (``table:…``) are no keys."""
        wanted = (key for key in keys if key and not key.startswith(_TABLE))
        return tuple(dict.fromkeys(key for key in wanted if key not in self.entries))


def read_bibliography(path: Path | str) -> Bibliography:
    r"""Read a BibTeX file.

    Raises
    ------
    CostModelError
        The file does not exist.
    DataError
        Every fault of the file with its line: what is not BibTeX, keys or fields that repeat, abbreviations
        that are not defined, entries without a title.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "references.bib"
    ...     _ = file.write_text(
    ...         "@article{fenwick2001, author={Fenwick, Elisabeth and Claxton, Karl}, "
    ...         "title={Representing uncertainty}, journal={Health Economics}, volume=10, number=8, "
    ...         "pages={779--787}, year=2001}"
    ...     )
    ...     sources = read_bibliography(file)
    >>> sources["fenwick2001"].text
    'Fenwick E, Claxton K. Representing uncertainty. Health Economics 2001;10(8):779\u2013787.'
    """
    file = Path(path)
    faults = Faults(file.name)
    text = _read_text(file, faults)
    faults.raise_if_any(f"{file.name} cannot be read")
    entries = _parse(text, faults)
    faults.raise_if_any(f"{file.name} cannot be used")
    return Bibliography(
        {key: Reference(key, reference_text(entry), reference_url(entry)) for key, entry in entries.items()}
    )


def _read_text(file: Path, faults: Faults) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise CostModelError(f"{file} does not exist; check the path") from None
    except (IsADirectoryError, PermissionError) as problem:
        raise CostModelError(f"{file} cannot be read: {problem.strerror}") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as problem:
        faults.add(
            "must be UTF-8 text",
            row=data[: problem.start].count(b"\n") + 1,
            found=f"byte 0x{data[problem.start]:02x}",
            remedy="save the file as UTF-8, or write the letter in LaTeX, such as {\\'e}",
        )
        return ""


def _parse(text: str, faults: Faults) -> dict[str, Any]:
    """Return pybtex's entries; what it complains of, and entries without a title, become faults."""
    from pybtex.database import BibliographyData
    from pybtex.database.input.bibtex import Parser
    from pybtex.errors import capture

    with capture() as problems:
        data: BibliographyData = Parser().parse_string(text)
    lines = _lines_of(text)
    for problem in problems:
        _note(problem, text, lines, faults)
    cut_short = {_start_of(problem, text) for problem in problems}
    for key, entry in data.entries.items():
        row = lines.get(key.lower(), [None])[0]
        if not entry.fields.get("title", "").strip() and row not in cut_short:
            faults.add("an entry must have a title", row=row, column=key, remedy="add title = {…}")
    return dict(data.entries.items())


def _note(problem: Exception, text: str, lines: Mapping[str, list[int]], faults: Faults) -> None:
    message = str(problem.args[0])
    line = getattr(problem, "lineno", None)
    repeated, twice = _REPEATED.search(message), _ENTRY_KEY.search(message)
    if repeated:
        where = lines.get(repeated[1].lower(), [None])
        remedy = f"row {where[0]} has it too; rename one of them or delete it"
        faults.add(
            "a key may stand only once", row=where[-1], column=repeated[1], found=repeated[1], remedy=remedy
        )
    elif twice:
        row = lines.get(twice[1].lower(), [None])[0]
        faults.add("a field may stand only once in an entry", row=row, column=twice[1], found=message)
    elif type(problem).__name__ == "UndefinedMacro":
        remedy = "put the text between braces, or define it with @string"
        faults.add("is an abbreviation that is not defined", row=line, found=message, remedy=remedy)
    elif type(problem).__name__ == "InvalidNameString":
        remedy = "write 'Last, First and Last, First': names are separated by 'and'"
        faults.add("names cannot be read", row=_line_of_name(message, text), found=message, remedy=remedy)
    else:
        start = _start_of(problem, text)
        began = f" in the entry that begins in row {start}" if start else ""
        remedy = f"close every brace and put a comma after every field{began}"
        faults.add("must be BibTeX", row=line, found=message, remedy=remedy)


def _lines_of(text: str) -> dict[str, list[int]]:
    """Return the lines on which each key stands, keys in lower case as BibTeX compares them."""
    found: dict[str, list[int]] = {}
    for match in _ENTRY.finditer(text):
        found.setdefault(match[1].lower(), []).append(text.count("\n", 0, match.start()) + 1)
    return found


def _line_of_name(message: str, text: str) -> int | None:
    name = message.partition("'")[2].rpartition("'")[0]
    words = re.search(r"\s+".join(map(re.escape, name.split())), text) if name else None
    return text.count("\n", 0, words.start()) + 1 if words else None


def _start_of(problem: Exception, text: str) -> int | None:
    """Return the line on which the faulty entry begins: the fault may be found far below."""
    match getattr(problem, "error_context_info", None):
        case (int(start), _, _):
            return text.count("\n", 0, start) + 1
    return None
