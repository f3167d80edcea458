"""Which publisher's file a file is, by its header; and the reader of any of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults
from costmodel.prices.official.cmed import CMED
from costmodel.prices.official.drug_tariff import DRUG_TARIFF
from costmodel.prices.official.engine import scan
from costmodel.prices.official.header import Header, find_header, share
from costmodel.prices.official.layout import Layout
from costmodel.prices.official.nadac import NADAC, read_nadac
from costmodel.prices.official.nadac_comparison import NADAC_COMPARISON, read_nadac_comparison
from costmodel.prices.official.ndc_directory import NDC_PACKAGES, NDC_PRODUCTS
from costmodel.prices.official.orange_book import ORANGE_BOOK
from costmodel.prices.official.part_d import MEDICAID, PART_D
from costmodel.prices.official.part_d_geography import PART_D_GEOGRAPHY
from costmodel.prices.official.pca import PCA, PCA_ANNUAL
from costmodel.prices.official.plain import Plain, is_workbook, plain_text, sheet_text, sheets
from costmodel.prices.official.sdud import SDUD, read_sdud
from costmodel.prices.official.sep import SEP
from costmodel.prices.official.tables import frame_of, price_table, spending_table
from costmodel.prices.official.who import ATC_DDD
from costmodel.prices.spending import SpendingTable
from costmodel.prices.table import PriceTable

if TYPE_CHECKING:
    import pandas as pd

LAYOUTS: tuple[Layout, ...] = (
    NADAC,
    NADAC_COMPARISON,
    PART_D,
    MEDICAID,
    SDUD,
    PART_D_GEOGRAPHY,
    ORANGE_BOOK,
    NDC_PRODUCTS,
    NDC_PACKAGES,
    DRUG_TARIFF,
    PCA,
    PCA_ANNUAL,
    CMED,
    SEP,
    ATC_DDD,
)
"""Every layout that a header is compared with."""

_NEAR = 0.25


def layout(name: str) -> Layout:
    """Return a layout by its name.

    Examples
    --------
    >>> layout("nadac").title
    'NADAC file'
    """
    known = {item.name: item for item in LAYOUTS}
    if name not in known:
        raise CostModelError(f"layout: '{name}' is unknown; {did_you_mean(name, list(known))}")
    return known[name]


def recognise(path: Path | str) -> Layout:
    """Return the layout whose required columns a file has.

    Where several fit, the one with most columns is returned.

    Raises
    ------
    CostModelError
        The file is missing or fits none; the message names the nearest and the columns it lacks.
    DataError
        The file is no text.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> recognise(dataset_path("us/nadac_official_excerpt")).name
    'nadac'
    """
    file = Path(path)
    with tempfile.TemporaryDirectory(prefix="costmodel-") as folder:
        found = _headers(file, Path(folder))
    fitting = [(header, item) for header, item in found if not header.missing and not header.foreign]
    if fitting:
        return max(fitting, key=lambda pair: pair[0].found)[1]
    header, nearest = max(found, key=lambda pair: share(*pair))
    raise CostModelError(_unknown(file.name, header, nearest))


def _headers(file: Path, folder: Path) -> list[tuple[Header, Layout]]:
    faults = Faults(file.name)
    plains: list[Plain] = []
    if is_workbook(file):
        for at, sheet in enumerate(sheets(file)):
            place = folder / str(at)
            place.mkdir()
            plains.append(sheet_text(file, sheet, place))
    else:
        encodings = tuple(dict.fromkeys(name for item in LAYOUTS for name in item.encodings))
        plain = plain_text(file, (*encodings, "cp1252", "latin-1"), folder, faults)
        faults.raise_if_any(f"{file.name} cannot be read")
        assert plain is not None
        plains.append(plain)
    return [(find_header(plain, item), item) for item in LAYOUTS for plain in plains]


def _unknown(file: str, header: Header, nearest: Layout) -> str:
    if share(header, nearest) < _NEAR:
        names = ", ".join(item.title for item in LAYOUTS)
        shown = ", ".join(name for name in header.names if name)[:120]
        return f"{file} is no file that is known by its header ({shown}); known are: {names}"
    missing = ", ".join(f"'{name}'" for name in header.missing)
    return f"{file} is nearest to a {nearest.title} of {nearest.publisher}, but lacks the column {missing}"


_BY_MOLECULE: Mapping[str, Callable[..., PriceTable | SpendingTable]] = {
    NADAC.name: read_nadac,
    NADAC_COMPARISON.name: read_nadac_comparison,
    SDUD.name: read_sdud,
}


def _of_molecules(
    path: Path | str, known: Layout, molecules: Mapping[str, Sequence[str]]
) -> PriceTable | SpendingTable:
    if known.name not in _BY_MOLECULE:
        raise CostModelError(
            f"molecules: a {known.title} names each molecule itself; leave molecules out, and select later"
        )
    return _BY_MOLECULE[known.name](path, molecules=molecules)


def read_official(
    path: Path | str,
    *,
    layout: Layout | None = None,
    molecules: Mapping[str, Sequence[str]] | None = None,
) -> PriceTable | SpendingTable | pd.DataFrame:
    """Read a file as its publisher releases it, whichever it is.

    Parameters
    ----------
    path : path
        CSV or other delimited text, also ``.gz`` or a ``.zip`` of one file, or a workbook.
    layout : Layout, optional
        Recognised by the header when it is left out.
    molecules : mapping of str to sequence of str, optional
        The names, generic and brand, by which each molecule goes; only its rows are returned. For files
        that do not name the molecule of a row.

    Returns
    -------
    PriceTable, SpendingTable or pandas.DataFrame
        A frame for files of reference, which hold neither prices nor spending.

    Raises
    ------
    CostModelError
        The file is missing or fits no layout.
    DataError
        With every fault of the file.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> read_official(dataset_path("us/nadac_official_excerpt"))
    PriceTable(nadac_official_excerpt.csv: 47 prices, 49 unparsed)
    """
    known = layout or recognise(path)
    if molecules is not None:
        return _of_molecules(path, known, molecules)
    with scan(path, known) as found:
        if known.kind == "price":
            return price_table(found)
        if known.kind == "spending":
            return spending_table(found)
        return frame_of(found.relation)
