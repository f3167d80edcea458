# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of the WHO ATC/DDD index: classes of medicines and their defined daily doses.

A substance may have several defined daily doses: one for each route, and sometimes several for one route,
told apart by a note. They are kept apart; none is chosen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, PublishedColumn
from costmodel.prices.official.tables import frame_of

if TYPE_CHECKING:
    import pandas as pd

ROUTES = {
    "O": "oral",
    "P": "parenteral",
    "N": "nasal",
    "R": "rectal",
    "SL": "sublingual/buccal",
    "TD": "transdermal",
    "V": "vaginal",
    "Inhal": "inhalation",
    "Inhal.aerosol": "inhalation aerosol",
    "Inhal.powder": "inhalation powder",
    "Inhal.solution": "inhalation solution",
    "Instill.sol.": "instillation",
    "Instill": "instillation",
    "Implant": "implant",
    "implant": "implant",
}
"""The index's abbreviations of routes, and their words; others stay as printed."""

_MILLIGRAMS = {"mg": 1.0, "g": 1000.0, "mcg": 0.001}


def read_atc_ddd(path: Path | str) -> pd.DataFrame:
    """Read the ATC/DDD index of the WHO Collaborating Centre for Drug Statistics Methodology.

    Parameters
    ----------
    path : path
        The index as a workbook or as delimited text: ATC code, name, DDD, U, Adm.R and Note, in the
        headers of the electronic index or in those of its copies (``atc_code, atc_name, ddd, uom, adm_r,
        note``).

    Returns
    -------
    pandas.DataFrame
        One row per line of the index: ``atc_code``; ``level``, 1 to 5, by the code's length;
        ``substance``, the name as printed; ``ddd_value`` and ``ddd_unit``, missing and blank where no DDD
        is assigned; ``ddd_mg``, the DDD in milligrams where its unit is a mass; ``route``; ``note``.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        With every fault: a column is missing, a code is none, a DDD is no number above 0 or has no
        unit or route, or two rows differ only in the DDD.

    Notes
    -----
    The index is copyrighted; copying it for commercial purposes is not allowed.
    """
    with scan(path, ATC_DDD) as found:
        return frame_of(found.relation)


def _query(cells: Cells) -> str:
    routes = " ".join(f"WHEN '{code}' THEN '{word}'" for code, word in ROUTES.items())
    masses = " ".join(f"WHEN '{unit}' THEN ddd_value * {mg!r}" for unit, mg in _MILLIGRAMS.items())
    return f"""SELECT line, atc_code, (CASE length(atc_code) WHEN 1 THEN 1 WHEN 7 THEN 5
        ELSE length(atc_code) - 1 END)::BIGINT AS level, substance, ddd_value,
        {_stated("ddd_unit")} AS ddd_unit,
        (CASE ddd_unit {masses} END)::DOUBLE AS ddd_mg,
        CASE route {routes} ELSE {_stated("route")} END AS route, {_stated("note")} AS note
        FROM {cells.table} WHERE NOT repeats"""


def _stated(cell: str) -> str:
    return f"CASE WHEN {cell} IN ('NA', '-') THEN '' ELSE {cell} END"


_LEVELS = "[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?"
_NONE = ("NA", "-")

ATC_DDD = Layout(
    name="atc_ddd",
    title="WHO ATC/DDD index",
    publisher="WHO Collaborating Centre for Drug Statistics Methodology",
    address="https://atcddd.fhi.no/atc_ddd_index/",
    kind="reference",
    columns=(
        PublishedColumn("ATC code", "atc_code", filled=True, remedy="give the code, for example N03AE01"),
        PublishedColumn(
            "ATC level name",
            "substance",
            aliases=("ATC name", "Name", "atc_name"),
            filled=True,
            remedy="give the name that the index prints",
        ),
        PublishedColumn(
            "DDD",
            "ddd_value",
            "number",
            low=0,
            open_low=True,
            marks=_NONE,
            remedy="give the defined daily dose, or leave the cell blank where none is assigned",
        ),
        PublishedColumn("U", "ddd_unit", aliases=("Unit", "uom", "ddd_unit")),
        PublishedColumn("Adm.R", "route", aliases=("adm_r", "Administration route")),
        PublishedColumn("Note", "note", aliases=("Comment",)),
    ),
    query=_query,
    checks=(
        Check(
            "atc_code",
            "must be an ATC code: a letter, two digits, two letters, two digits, cut at its level",
            f"atc_code <> '' AND NOT regexp_full_match(atc_code, '{_LEVELS}')",
            "write it in capitals and without blanks, for example N03AE01",
        ),
        Check(
            "ddd_unit",
            "must have a value where there is a DDD",
            "ddd_value IS NOT NULL AND ddd_unit IN ('', 'NA', '-')",
            "give the unit of the DDD: mg, g, mcg, U, mmol",
            found="atc_code",
        ),
        Check(
            "route",
            "must have a value where there is a DDD",
            "ddd_value IS NOT NULL AND route IN ('', 'NA', '-')",
            "give the route: O, P, N, R, SL, TD, V",
            found="atc_code",
        ),
    ),
    key=("atc_code", "route", "ddd_unit", "note"),
    key_rule="a code may have one DDD for each route, unit and note",
    encodings=("utf-8", "cp1252"),
    title_rows=10,
)
