"""One molecule straight out of a large file, for those who want it once: the lines that name it, read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.errors import CostModelError
from costmodel.prices.official.layout import Layout
from costmodel.prices.official.recognition import read_official, recognise
from costmodel.prices.spending import SpendingTable
from costmodel.prices.table import PriceTable

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1 << 18
_LARGE = 1 << 24
_BY_NAME = ("nadac", "sdud")
"""Layouts whose rows belong to a molecule because the product's name begins with its name."""

_CUT = 10
_HEAD = 100
_RESTORED = "leading zeros"


def read_molecules(
    path: Path | str, molecules: Mapping[str, Sequence[str]], *, layout: Layout | None = None
) -> PriceTable | SpendingTable:
    """Read the rows of some molecules from an official file, without adding it to the store.

    Only lines that hold a name are read as rows, which is much faster than reading all. What is
    returned is what :func:`costmodel.prices.read_official` returns. Where a name alone cannot tell (a
    cell of several lines, a code that lost its leading zeros, a fault) the whole file is read.

    Parameters
    ----------
    path : path
    molecules : mapping of str to sequence of str
        The names, generic and brand, by which each molecule goes.
    layout : Layout, optional
        Recognised by the header when it is left out.

    Raises
    ------
    CostModelError
        The file is missing or fits no layout, or has no row of a molecule.
    DataError
        The rows have faults.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> file = dataset_path("us/nadac_official_excerpt")
    >>> read_molecules(file, {"clonazepam": ["klonopin"]}).frame["price"].tolist()
    [2.67965, 3.06372, 4.26033]
    """
    file = Path(path)
    known = layout or _recognised(file)
    found = _from_lines(file, molecules, known) if known.name in _BY_NAME else None
    table = read_official(file, layout=known, molecules=molecules) if found is None else found
    if not isinstance(table, (PriceTable, SpendingTable)):
        raise CostModelError(f"{file.name} is a {known.title}: it has neither prices nor spending")
    return table


def _recognised(file: Path) -> Layout:
    """Recognise a large text file by its first lines; any other, by all of it."""
    if not file.is_file() or not _plain(file) or file.stat().st_size < _LARGE:
        return recognise(file)
    with tempfile.TemporaryDirectory(prefix="costmodel-") as folder, file.open("rb") as stream:
        head = Path(folder) / file.name
        head.write_bytes(b"".join(stream.readline() for _ in range(_HEAD)))
        return recognise(head)


def _plain(file: Path) -> bool:
    return file.suffix.lower() in (".csv", ".txt")


def _from_lines(
    file: Path, molecules: Mapping[str, Sequence[str]], layout: Layout
) -> PriceTable | SpendingTable | None:
    """Read the lines that hold a name; None where that could differ from reading the file."""
    words = _words(molecules)
    if not words or not file.is_file() or not _plain(file):
        return None
    with tempfile.TemporaryDirectory(prefix="costmodel-") as folder:
        narrow = Path(folder) / file.name
        lines = _copy_lines(file, narrow, words)
        if lines is None:
            return None
        try:
            table = read_official(narrow, layout=layout, molecules=molecules)
        except CostModelError:
            return None
    if not isinstance(table, (PriceTable, SpendingTable)):
        return None
    if table.frame["note"].str.contains(_RESTORED).any():
        return None
    return replace(table, frame=_at(table.frame, lines), unparsed=_at(table.unparsed, lines))


def _words(molecules: Mapping[str, Sequence[str]]) -> list[bytes]:
    """Return what every row of the molecules must hold: the start of the first word of a name."""
    try:
        firsts = {
            name.split()[0].lower()[:_CUT].encode("ascii") for names in molecules.values() for name in names
        }
    except (UnicodeEncodeError, IndexError, AttributeError):
        return []
    return sorted(firsts)


def _copy_lines(file: Path, narrow: Path, words: list[bytes]) -> list[int] | None:
    """Copy the header and each line that holds a word; return the lines' numbers, the header's first.

    None where a line is no whole row: it has a quotation mark that is not closed.
    """
    numbers: list[int] = []
    with narrow.open("wb") as out:
        for number, line in _lines_with(file, words):
            if line.count(b'"') % 2 or b"\x00" in line:
                return None
            out.write(line if line.endswith(b"\n") else line + b"\n")
            numbers.append(number)
    return numbers if len(numbers) > 1 and numbers[0] == 1 else None


def _lines_with(file: Path, words: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the first line of a file, and each later one that holds a word in capitals or not."""
    before, rest = 0, b""
    with file.open("rb") as stream:
        head = stream.readline()
        yield 1, head
        before = 1
        while block := stream.read(_BLOCK):
            whole, newline, tail = (rest + block).rpartition(b"\n")
            if not newline:
                rest = tail
                continue
            yield from _hits(whole + newline, words, before)
            before += whole.count(b"\n") + 1
            rest = tail
    if rest:
        yield from _hits(rest, words, before)


def _hits(text: bytes, words: list[bytes], before: int) -> Iterator[tuple[int, bytes]]:
    lowered, starts = text.lower(), set()
    for word in words:
        at = lowered.find(word)
        while at >= 0:
            starts.add(text.rfind(b"\n", 0, at) + 1)
            end = text.find(b"\n", at)
            at = lowered.find(word, end) if end >= 0 else -1
    counted, number = 0, before + 1
    for start in sorted(starts):
        number += text.count(b"\n", counted, start)
        counted = start
        end = text.find(b"\n", start)
        yield number, text[start : end + 1] if end >= 0 else text[start:]


def _at(frame: pd.DataFrame, lines: list[int]) -> pd.DataFrame:
    """Return the rows indexed by their lines in the file they were copied from."""
    import pandas as pd

    if frame.empty:
        return frame
    return frame.set_axis(pd.Index([lines[row - 1] for row in frame.index], name=frame.index.name))
