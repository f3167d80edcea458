"""Any file a publisher releases as plain UTF-8 text: unpacked, transcoded, and its lines counted."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from costmodel.checks import nearest
from costmodel.errors import CostModelError, Faults

_BLOCK = 1 << 22
_EXACT = 1e15
_WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Plain:
    """A UTF-8 file: the publisher's own, or a copy in a temporary folder.

    Parameters
    ----------
    path : Path
    lines : int
        Lines up to the last that is not blank.
    odd : bool
        Whether cells may hold tabs or no-break spaces, which are trimmed at more cost than blanks.
    workbook : bool
        Whether it was the sheet of a workbook; it is then delimited by commas.
    """

    path: Path
    lines: int
    odd: bool = True
    workbook: bool = False


def is_workbook(path: Path) -> bool:
    """Tell by its name whether a file is a workbook."""
    return path.suffix.lower() in _WORKBOOKS


def plain_text(path: Path, encodings: tuple[str, ...], folder: Path, faults: Faults) -> Plain | None:
    """Return a delimited file as UTF-8 text, or note why it is none.

    A file in UTF-8 that is not packed is read where it is. Any other is copied in blocks.

    Raises
    ------
    CostModelError
        The file is missing, cannot be opened or unpacked.
    """
    try:
        packed = path.suffix.lower() in (".gz", ".zip")
        head = next(_blocks(path), b"")
        if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|body)", head[:200].lower()):
            remedy = "the address led to a page: download the file itself"
            faults.add("must be a data file, not a web page", found=_shown(head), remedy=remedy)
            return None
        marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "")
        for encoding in (marked,) if marked else encodings:
            found = _read(path, encoding, folder, copy=packed or encoding != "utf-8")
            if isinstance(found, Plain):
                return found
            problem = found
    except FileNotFoundError:
        raise CostModelError(f"{path} does not exist; check the path") from None
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise CostModelError(f"{path} cannot be read: {reason}") from None
    spelt = " or ".join(encoding.upper() for encoding in ((marked,) if marked else encodings))
    faults.add(f"must be {spelt} text", found=problem, remedy="save the file as 'CSV UTF-8'")
    return None


def _shown(head: bytes) -> str:
    return repr(head[:60].decode("ascii", "replace").strip())


def _blocks(path: Path) -> Iterator[bytes]:
    with _opened(path) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _opened(path: Path) -> IO[bytes]:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path))
    if suffix == ".zip":
        archive = zipfile.ZipFile(path)
        members = [name for name in archive.namelist() if not name.endswith("/")]
        if len(members) != 1:
            names = ", ".join(members[:8])
            raise CostModelError(f"{path} must hold one file, not {len(members)} ({names}): unpack it first")
        return archive.open(members[0])
    return path.open("rb")


def _read(path: Path, encoding: str, folder: Path, *, copy: bool) -> Plain | str:
    """Decode every block once; return what the encoding does not allow, as text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    target = folder / "plain.txt"
    lines, tail, odd = 0, b"", False
    with target.open("wb") if copy else io.BytesIO() as out:
        try:
            for block in _blocks(path):
                pending = decoder.getstate()[0]
                if encoding == "utf-8" and not pending and block.isascii():
                    text = block
                else:
                    text = decoder.decode(block).encode("utf-8")
                if b"\x00" in text:
                    return "a NUL byte"
                lines += text.count(b"\n")
                odd = odd or b"\t" in text or b"\xc2\xa0" in text
                tail = (tail + text)[-_BLOCK:]
                if copy:
                    out.write(text)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as problem:
            return f"byte 0x{problem.object[problem.start]:02x} after line {lines + 1}"
    rest = tail[len(tail.rstrip(b"\r\n \t")) :]
    blank = rest.count(b"\n")
    ended = 1 if tail.strip() or not blank else 0
    return Plain(target if copy else path, lines - blank + ended, odd)


def sheets(path: Path) -> list[str]:
    """Return the names of a workbook's sheets."""
    return list(_workbook(path).sheet_names)


def sheet_text(path: Path, sheet: str, folder: Path, *, decimal: str = ".") -> Plain:
    """Return a sheet as a CSV file; its lines are the sheet's rows.

    Cells that are numbers are written with the decimal mark by which the file's text is read.
    """
    book = _workbook(path)
    if sheet not in book.sheet_names:
        guess = nearest(sheet, book.sheet_names) or ", ".join(book.sheet_names)
        raise CostModelError(f"{path.name} has no sheet '{sheet}'; it has {guess}")
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    target = folder / "plain.txt"
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([_cell(value, decimal) for value in row] for row in rows)
    return Plain(target, len(rows), workbook=True)


def _workbook(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook

    if not path.exists():
        raise CostModelError(f"{path} does not exist; check the path")
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as problem:
        raise CostModelError(f"{path} is no workbook that can be read: {problem}") from None


def _cell(value: Any, decimal: str) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, float):
        return repr(value).replace(".", decimal)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value).replace("\x00", "")
