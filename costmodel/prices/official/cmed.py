# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of Brazil's list of maximum prices of medicines, as CMED publishes it at ANVISA.

The list prints, for each presentation, the factory price PF (*preço fábrica*, at most what a manufacturer
may charge) and the price to the consumer PMC, each without taxes and at every rate of the state tax ICMS.
One reading takes one rate, which the rows name, so that prices of two rates never meet. Some forty rows of
notes stand above the header; numbers have decimal commas; ``-`` stands where no price is set.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from costmodel.errors import CostModelError, Faults
from costmodel.prices.official.brazilian import PRESENTATION_ANSWERS, presentation_answers
from costmodel.prices.official.days import day_in, first_day, given_day
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn, fold
from costmodel.prices.official.select import select_prices
from costmodel.prices.official.tables import price_table
from costmodel.prices.table import PriceTable

_CLASSES = {
    "Novo": "brand",
    "Referência": "brand",
    "Genérico": "generic",
    "Similar": "branded generic",
    "Biológico": "unknown",
    "Específico": "unknown",
    "Fitoterápico": "unknown",
    "Radiofármaco": "unknown",
    "Dinamizado": "unknown",
    "Produto de Terapia Avançada": "unknown",
}
_NONE = ("-", "- (*)", "-(*)", "(*)")
_RATE = re.compile(r"(\d{1,2})(?:[.,](\d))?\s*%?\s*(ALC)?\Z", re.IGNORECASE)
_AMOUNT = "write reais with a decimal comma, or - where no price is set"


def read_cmed(path: Path | str, *, icms: str = "none", as_of: str | dt.date | None = None) -> PriceTable:
    """Read CMED's list of maximum prices, as published.

    Parameters
    ----------
    path : path
        The workbook (``.xls``, ``.xlsx``) or the open data file ``TA_PRECO_MEDICAMENTO.csv``.
    icms : str
        The rate whose prices are read: ``"none"``, prices without taxes, or as ``"18%"``, ``"17,5%"``,
        ``"18% ALC"`` (free trade areas).
    as_of : str or date, optional
        The day of the list. Read from "Publicada em" above the header or from the file's name
        otherwise; the open data file states none.

    Returns
    -------
    PriceTable
        Price of a pack in BRL, country ``BRA``, ``product_id`` the GGREM code: one row of type
        ``ex_factory`` (PF) and, where it is set, one of type ``maximum_retail`` (PMC). Class by the
        type of product: Novo ``brand``, Genérico ``generic``, Similar ``branded generic``, others
        ``unknown``. Further columns: ``icms``, ``supplier``, ``presentation``, ``registration``,
        ``hospital_only``. ``unparsed`` holds, with the ``reason``, every row whose presentation does
        not give one strength, form and pack, that names several substances, or that has no PF.

    Raises
    ------
    CostModelError
        The file is missing, or ``icms`` or ``as_of`` cannot be read.
    DataError
        With every fault: a column is missing, a price is no number above 0, a type of product is
        unknown, a GGREM code stands twice, or the day of the list is not stated.

    Notes
    -----
    PF is a ceiling, not a price paid: purchases by the government fall under a further discount (PMVG,
    which is not read).
    """
    day = None if as_of is None else given_day(as_of, "as_of")
    with scan(path, cmed_layout(icms, day)) as found:
        return price_table(found)


def cmed_layout(icms: str = "none", as_of: dt.date | None = None) -> Layout:
    """Return the layout of CMED's list, for prices at one rate of ICMS."""
    rate = _rate(icms)
    plain = rate == "none"
    columns = tuple(
        PublishedColumn(
            f"{kind} Sem Impostos" if plain else f"{kind} {rate}",
            target,
            "number",
            aliases=(f"{kind} Sem Imposto",) if plain else (),
            required=kind == "PF",
            low=0,
            open_low=True,
            marks=_NONE,
            remedy=_AMOUNT,
        )
        for kind, target in (("PF", "factory"), ("PMC", "consumer"))
    )
    return replace(
        _LIST,
        columns=(*_LIST.columns, *columns),
        about=partial(_about, as_of=as_of, icms=rate),
    )


def _rate(icms: str) -> str:
    if icms == "none":
        return icms
    found = _RATE.match(icms.strip())
    if found is None:
        raise CostModelError(f"icms: {icms!r} is no rate; write none, 18%, 17,5% or 18% ALC")
    whole, tenth, area = found.groups()
    return f"{whole}{f',{tenth}' if tenth else ''}%{' ALC' if area else ''}"


def _about(
    file: str,
    titles: Sequence[str],
    faults: Faults,
    as_of: dt.date | None = None,
    icms: str = "none",
) -> Mapping[str, str]:
    stated = first_day(title for title in titles if "publicad" in title.lower())
    day = as_of or stated or day_in(file)
    if day is None:
        remedy = "give it: as_of='2026-06-10'"
        faults.add("the day of the list must be stated", found=file, remedy=remedy)
    elif as_of and stated and as_of != stated:
        found = f"as_of {as_of}, and 'Publicada em' {stated} above the header"
        faults.add("the day of the list must be one", found=found, remedy="leave as_of out")
    return {"day": f"{day or dt.date(2000, 1, 1):%Y-%m-%d}", "icms": icms}


def _reasoned(cells: Cells) -> str:
    return f"""(SELECT * REPLACE (CASE WHEN repeats THEN 'repeats an earlier row in every cell'
        WHEN regexp_matches(molecule, '[;+]') THEN 'more than one active substance'
        WHEN reason <> '' THEN reason
        WHEN factory IS NULL THEN 'no factory price is set' ELSE '' END AS reason) FROM {cells.table})"""


def _query(cells: Cells) -> str:
    return f"{_prices(cells, 'factory', 'ex_factory')}" + (
        f" UNION ALL {_prices(cells, 'consumer', 'maximum_retail')}" if "consumer" in cells.present else ""
    )


def _prices(cells: Cells, column: str, price_type: str) -> str:
    day, icms = f"DATE '{cells.facts['day']}'", cells.facts["icms"]
    return select_prices(
        {
            "product_id": "product_id",
            "product": "product",
            "molecule": "lower(molecule)",
            "class": "coalesce(kind, 'unknown')",
            "strength_mg": "strength_mg",
            "form": "form",
            "unit": "unit",
            "pack_size": "pack_size",
            "price": column,
            "currency": "'BRL'",
            "date": day,
            "as_of": day,
            "price_type": f"'{price_type}'",
            "country": "'BRA'",
            "source": f"'CMED, list of {cells.facts['day']}'",
        },
        _reasoned(cells),
        also=[
            f"'{icms}' AS icms",
            "supplier",
            "presentation",
            f"{cells.get('registration', chr(39) * 2)} AS registration",
            f"{cells.get('hospital_only', chr(39) * 2)} AS hospital_only",
        ],
        where=f"reason = '' AND {column} IS NOT NULL",
    )


def _unparsed(cells: Cells) -> str:
    return f"""SELECT line, product_id, product, molecule, supplier, presentation, factory, reason
        FROM {_reasoned(cells)} WHERE reason <> ''"""


def _spellings(words: Mapping[str, str]) -> dict[str, str]:
    plain = {fold(word) for word in words}
    assert len(plain) == len(words)
    accents = str.maketrans("áâãçéêíóôõú", "aaaceeiooou")
    return {
        form: ours
        for word, ours in words.items()
        for form in (word, word.upper(), word.translate(accents), word.translate(accents).upper())
    }


_LIST = Layout(
    name="cmed",
    title="CMED list of medicine prices",
    publisher="CMED, ANVISA",
    address="https://www.gov.br/anvisa/pt-br/assuntos/medicamentos/cmed/precos",
    kind="price",
    columns=(
        PublishedColumn(
            "SUBSTÂNCIA",
            "molecule",
            aliases=("PRINCÍPIO ATIVO",),
            filled=True,
            remedy="name the active substance",
        ),
        PublishedColumn("LABORATÓRIO", "supplier", filled=True, remedy="name the company"),
        PublishedColumn(
            "CÓDIGO GGREM",
            "product_id",
            aliases=("CÓDIGO", "GGREM"),
            filled=True,
            remedy="give the presentation's code as text",
        ),
        PublishedColumn("REGISTRO", "registration", required=False),
        PublishedColumn("PRODUTO", "product", filled=True, remedy="name the product"),
        PublishedColumn("APRESENTAÇÃO", "presentation", filled=True, remedy="give strength, form and pack"),
        PublishedColumn(
            "TIPO DE PRODUTO (STATUS DO PRODUTO)",
            "kind",
            "word",
            aliases=("TIPO DE PRODUTO", "STATUS DO PRODUTO"),
            words=_spellings(_CLASSES),
            marks=_NONE,
            remedy="write the type as CMED does: Novo, Genérico, Similar",
        ),
        PublishedColumn("RESTRIÇÃO HOSPITALAR", "hospital_only", required=False),
    ),
    query=_query,
    unparsed=_unparsed,
    lookups=(Lookup("presented", ("presentation",), presentation_answers, PRESENTATION_ANSWERS),),
    checks=(
        Check(
            "product_id",
            "must be a GGREM code: 15 digits",
            "product_id <> '' AND NOT regexp_full_match(product_id, '[0-9]{15}')",
            "give the whole code as text; spreadsheet programs round it (5.26E+14)",
        ),
    ),
    key=("product_id",),
    key_rule="a presentation may have one row",
    encodings=("utf-8", "cp1252"),
    delimiter=";",
    decimal=",",
    thousands=".",
    signs=("R$", "*"),
    title_rows=100,
    about=_about,
)
CMED = cmed_layout()
