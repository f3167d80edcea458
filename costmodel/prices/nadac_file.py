"""The text of an official NADAC file: its columns found by name, its rows as they stand."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults

PUBLISHED = {
    "product": "NDC Description",
    "product_id": "NDC",
    "price": "NADAC Per Unit",
    "date": "Effective Date",
    "pricing_unit": "Pricing Unit",
    "otc": "OTC",
    "explanation_code": "Explanation Code",
    "class": "Classification for Rate Setting",
    "as_of": "As of Date",
}
"""The columns that are read, under CMS's names."""

_OPTIONAL = ("otc", "explanation_code")


def read_text(file: Path, faults: Faults) -> pd.DataFrame:
    """Return the columns of :data:`PUBLISHED` as text, one row per row of the file that is not blank.

    Parameters
    ----------
    file : path
    faults : Faults
        Used to say which columns are missing.

    Returns
    -------
    pandas.DataFrame
        Cells as they stand; the index ``row`` is the line of the file, the header being line 1.

    Raises
    ------
    CostModelError
        The file is missing or cannot be opened.
    DataError
        The file is not UTF-8 text, is no CSV file, holds no price, or a column is missing.
    """
    try:
        header = _header(file)
        positions = _positions(header, faults)
        faults.raise_if_any(f"{file.name} is not a NADAC file")
        frame = _body(file, positions)
    except FileNotFoundError:
        raise CostModelError(f"{file} does not exist; check the path") from None
    except (IsADirectoryError, PermissionError) as problem:
        raise CostModelError(f"{file} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        faults.add("must be UTF-8 text", found=problem.reason, remedy="save the file as 'CSV UTF-8'")
    except (csv.Error, pd.errors.ParserError) as problem:
        faults.add("must be a well-formed CSV file", found=problem, remedy="download the file again")
    else:
        if frame.empty:
            faults.add("must have at least one price", remedy="download the file again")
    faults.raise_if_any(f"{file.name} cannot be read")
    return frame


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def _positions(header: list[str], faults: Faults) -> dict[str, int]:
    plain = [_plain(name) for name in header]
    positions: dict[str, int] = {}
    for name, published in PUBLISHED.items():
        count = plain.count(_plain(published))
        if count:
            positions[name] = plain.index(_plain(published))
        elif name not in _OPTIONAL:
            remedy = did_you_mean(published, header) if any(header) else "download the file again"
            faults.add("column is missing", row=1, column=published, remedy=remedy)
        if count > 1:
            faults.add("a column name may stand only once", row=1, column=published)
    return positions


def _body(file: Path, positions: dict[str, int]) -> pd.DataFrame:
    ordered = sorted(positions, key=positions.__getitem__)
    frame = pd.read_csv(
        file,
        dtype=str,
        usecols=[positions[name] for name in ordered],
        encoding="utf-8-sig",
        na_filter=False,
        skip_blank_lines=False,
        compression=None,
    )
    frame.columns = pd.Index(ordered)
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    blank = frame["product"].eq("")
    for name in ordered if blank.any() else []:
        blank &= frame[name].eq("")
    return frame.loc[~blank] if blank.any() else frame


def explain_widths(file: Path, faults: Faults) -> Faults:
    """Return the faults with those of a row that has too many or too few cells put down to that.

    An unquoted comma in a description moves every later cell of its row by one.
    """
    faulty = {fault.row for fault in faults}
    explained = Faults(file.name)
    wrong = set()
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        width = len(next(reader))
        for line, cells in enumerate(reader, start=2):
            if line in faulty and len(cells) != width:
                wrong.add(line)
                explained.add(
                    f"must have {width} cells, as the header has",
                    row=line,
                    found=f"{len(cells)} cells",
                    remedy="put text that holds a comma between quotation marks",
                )
    explained.extend(fault for fault in faults if fault.row not in wrong)
    return explained
