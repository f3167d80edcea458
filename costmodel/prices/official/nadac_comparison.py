# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of CMS's NADAC comparison file: the prices that a weekly file changed, old and new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, PublishedColumn
from costmodel.prices.official.nadac import CLASSES, DATES, NADAC, nadac_layout
from costmodel.prices.official.ndc import NDC_REMEDY
from costmodel.prices.official.select import select_prices
from costmodel.prices.official.tables import price_table
from costmodel.prices.table import PriceTable

_TOLERANCE = 0.02


def read_nadac_comparison(
    path: Path | str, *, molecules: Mapping[str, Sequence[str]] | None = None
) -> PriceTable:
    """Read CMS's NADAC comparison file, as published.

    Parameters
    ----------
    path, molecules
        As of :func:`costmodel.prices.read_nadac`.

    Returns
    -------
    PriceTable
        ``price`` is the new price per unit in USD; ``old_price``, ``percent_change``, ``reason`` and
        ``start_date`` follow the columns of the schema. ``date`` is the effective date, ``as_of`` the end
        of the comparison. The file does not state the pricing unit, which is the tablet or capsule that
        the description names; descriptions without one are in ``unparsed``.

    Raises
    ------
    CostModelError
        The file is missing, or no description begins with any name of a molecule.
    DataError
        With every fault: among them a percent change that is not that of the two prices.
    """
    lookups = nadac_layout(molecules, Path(path).name).lookups
    layout = replace(NADAC_COMPARISON, lookups=lookups)
    with scan(path, layout, only=None if molecules is None else ("wanted", True)) as found:
        return price_table(found)


def _query(cells: Cells) -> str:
    whens = " ".join(f"WHEN '{code}' THEN '{word}'" for code, word in CLASSES.items())
    return select_prices(
        {
            "product_id": "ndc",
            "product": "product",
            "molecule": "molecule",
            "class": f"CASE classification {whens} END",
            "strength_mg": "strength_mg",
            "form": "form",
            "unit": "unit",
            "pack_size": "1",
            "price": "price",
            "currency": "'USD'",
            "date": '"date"',
            "as_of": "end_date",
            "price_type": "'acquisition'",
            "country": "'USA'",
            "source": "'CMS NADAC comparison, ' || start_date || ' to ' || end_date",
            "note": "CASE WHEN restored THEN 'leading zeros of the NDC restored' ELSE '' END",
        },
        cells.table,
        also=["old_price", "percent_change", "change_reason AS reason", "start_date"],
        where="reason = '' AND NOT repeats",
    )


def _unparsed(cells: Cells) -> str:
    reason = "CASE WHEN repeats THEN 'repeats an earlier row in every cell' ELSE reason END"
    return (
        f'SELECT line, ndc AS product_id, product, molecule, price, old_price, "date", {reason} AS reason '
        f"FROM {cells.table} WHERE reason <> '' OR repeats"
    )


def _price(name: str, target: str) -> PublishedColumn:
    remedy = "give the price of one unit in dollars"
    return PublishedColumn(name, target, "number", filled=True, low=0, open_low=True, remedy=remedy)


def _day(name: str, target: str) -> PublishedColumn:
    return PublishedColumn(
        name, target, "date", filled=True, dates=DATES, remedy="write MM/DD/YYYY, as CMS does"
    )


NADAC_COMPARISON = Layout(
    name="nadac_comparison",
    title="NADAC comparison file",
    publisher="CMS",
    address=NADAC.address,
    kind="price",
    columns=(
        PublishedColumn(
            "NDC Description", "product", filled=True, remedy="give the description that CMS prints"
        ),
        PublishedColumn("NDC", "product_id", remedy=NDC_REMEDY),
        _price("Old NADAC Per Unit", "old_price"),
        _price("New NADAC Per Unit", "price"),
        PublishedColumn(
            "Classification for Rate Setting",
            "classification",
            "word",
            filled=True,
            words={code: code for code in CLASSES},
            remedy="write G, B, B-ANDA or B-BIO",
        ),
        PublishedColumn("Percent Change", "percent_change", "number", filled=True, remedy="in per cent"),
        PublishedColumn("Primary Reason", "change_reason"),
        _day("Start Date", "start_date"),
        _day("End Date", "end_date"),
        _day("Effective Date", "date"),
    ),
    query=_query,
    unparsed=_unparsed,
    lookups=NADAC.lookups,
    checks=(
        Check(
            "percent_change",
            "must be the change from the old price to the new, in per cent",
            f"abs(100 * (price / old_price - 1) - percent_change) > {_TOLERANCE}",
            "download the file again",
            found="percent_change || ' for ' || old_price || ' to ' || price",
        ),
    ),
    key=("ndc", "date", "start_date", "end_date"),
    key_rule="an NDC may have one change in one comparison",
)
