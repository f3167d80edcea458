"""The reader of NADAC, the US National Average Drug Acquisition Cost, as CMS publishes it.

NADAC is what retail community pharmacies pay to buy a drug, by invoice and per unit. It holds no
dispensing fee, no pharmacy margin and no rebate: it is neither a retail price nor a payer's net cost.
The layout is that of the weekly and yearly CSV files at https://data.medicaid.gov/nadac.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults
from costmodel.prices.descriptions import read_description
from costmodel.prices.nadac_file import PUBLISHED, explain_widths, read_text
from costmodel.prices.schema import NAMES
from costmodel.prices.table import PriceTable
from costmodel.tables import parse_date, parse_number

_CLASSES = {"G": "generic", "B": "brand", "B-ANDA": "branded generic", "B-BIO": "brand"}
_UNITS = ("EA", "ML", "GM")
_DIGITS = 11
_NDC_DIGITS = re.compile(r"[0-9]{9,11}\Z")
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
_UNPARSED = ("product_id", "product", "molecule", "class", "pricing_unit", "price", "date", "as_of", "reason")
_KEPT = ("otc", "explanation_code")
_REMEDIES = {
    "product": "give the description that CMS prints",
    "product_id": "import the column as text, which keeps its zeros, or download the file again",
    "price": "give the price of one unit in dollars",
    "date": "write MM/DD/YYYY, as CMS does",
    "as_of": "write the day of the file as MM/DD/YYYY",
    "pricing_unit": "write EA, ML or GM",
    "class": "write G, B, B-ANDA or B-BIO",
}
_KEY = ["product_id", "date", "as_of"]


def read_nadac(path: Path | str, *, molecules: Mapping[str, Sequence[str]] | None = None) -> PriceTable:
    """Read CMS's official NADAC file, weekly or yearly, as published.

    Strength and form come from the description, which names them for tablets and capsules. Extended
    release, orally disintegrating and plain tablets are forms of their own.

    Parameters
    ----------
    path : path to a CSV file
        Headers with blanks or underscores, in capitals or not; dates MM/DD/YYYY or YYYY-MM-DD.
    molecules : mapping of str to sequence of str, optional
        The names each molecule goes by, generic and brand: ``{"clonazepam": ["clonazepam",
        "klonopin"]}``. A row belongs to the molecule whose name its description begins with, in whole
        words. Only the rows of these molecules are returned, and only they are checked. Without it a
        row's molecule is the name in its description, in lower case.

    Returns
    -------
    PriceTable
        Price per unit in USD (``pack_size`` is 1), price type ``acquisition``, country ``USA``. Class
        G is ``generic``, B ``brand``, B-ANDA ``branded generic`` and B-BIO ``brand``, with a note. The
        columns ``otc`` and ``explanation_code`` are kept. ``unparsed`` holds, with the ``reason``,
        every row whose description gives no single strength in mg or no form of a tablet or capsule,
        and every row that repeats an earlier one.

    Raises
    ------
    CostModelError
        The file is missing, or no description begins with any name of a molecule.
    DataError
        A column is missing, a code has not 9 to 11 digits, a price, date, class or unit is not what
        CMS defines, or one NDC has two prices at one date.

    Notes
    -----
    A shorter NDC gets its leading zeros back only where other codes of the file have all 11 digits and
    no short one begins with 0: zeros were then lost on the way. A note on the row says so. A file in
    which no code has 11 digits may hold 10-digit codes, whose zero can belong in three places.
    """
    file = Path(path)
    faults = Faults(file.name)
    raw = read_text(file, faults)
    names = _names(molecules)
    ndc = _NDC.of(pd.unique(raw["product_id"]))
    if molecules is not None:
        raw = _select(raw, names, molecules, file.name)
    described = _describe(_Cells.of(raw["product"]), names, faults)
    frame = pd.DataFrame({**_convert(raw, ndc, faults), **described}, index=raw.index)
    repeated = _repeats(raw, frame, faults)
    if len(faults):
        explain_widths(file, faults).raise_if_any(f"{file.name} is not a NADAC file")
    return _table(frame, repeated, file.name)


def _names(molecules: Mapping[str, Sequence[str]] | None) -> dict[str, str]:
    if molecules is not None and not molecules:
        raise CostModelError("molecules names none; leave it out to read every row")
    names: dict[str, str] = {}
    for molecule, known in (molecules or {}).items():
        if isinstance(known, str) or not all(name.strip() for name in known) or not known:
            raise CostModelError(f"molecules: give '{molecule}' a list of names, as ['{molecule}']")
        for name in known:
            owner = names.setdefault(" ".join(name.upper().split()), molecule)
            if owner != molecule:
                raise CostModelError(f"molecules: '{name}' is a name of both '{owner}' and '{molecule}'")
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def _molecule(description: str, names: Mapping[str, str]) -> str | None:
    line = " ".join(description.upper().split()) + " "
    return next((molecule for name, molecule in names.items() if line.startswith(name + " ")), None)


@dataclass(frozen=True)
class _Cells:
    """A column as its distinct texts and, for each row, which of them it holds."""

    rows: pd.Index[int]
    codes: NDArray[np.intp]
    texts: list[str]

    @classmethod
    def of(cls, cells: pd.Series[str]) -> _Cells:
        codes, texts = pd.factorize(cells)
        return cls(cells.index, codes, [text.strip() for text in np.asarray(texts, dtype=object)])

    def spread(self, values: Sequence[Any], dtype: DTypeLike = object) -> NDArray[Any]:
        """Return one value per row from one per distinct text."""
        return np.asarray(np.array(values, dtype=dtype)[self.codes])

    def each(self, name: str, rule: Callable[[str], Any], missing: Any, faults: Faults) -> NDArray[Any]:
        """Apply a rule to each distinct text, so that a million rows cost a few thousand calls."""
        values, problems = [missing] * len(self.texts), {}
        for position, text in enumerate(self.texts):
            try:
                values[position] = rule(text)
            except CostModelError as problem:
                problems[position] = str(problem)
        bad = np.isin(self.codes, list(problems))
        for line, code in zip(self.rows[bad], self.codes[bad], strict=True):
            faults.add(
                problems[code],
                row=line,
                column=PUBLISHED[name],
                found=repr(self.texts[code]),
                remedy=_REMEDIES[name],
            )
        return self.spread(values, object if isinstance(missing, str) else np.asarray(missing).dtype)


def _select(
    raw: pd.DataFrame, names: Mapping[str, str], molecules: Mapping[str, Sequence[str]], file: str
) -> pd.DataFrame:
    products = _Cells.of(raw["product"])
    found = [_molecule(text, names) for text in products.texts]
    words = sorted({text.split()[0].lower() for text in products.texts if text})
    for molecule, known in molecules.items():
        if molecule not in found:
            near = "; ".join(f"{name}: {did_you_mean(name.split()[0], words)}" for name in known)
            raise CostModelError(f"{file}: no description begins with a name of '{molecule}' ({near})")
    wanted = [owner is not None or not text for owner, text in zip(found, products.texts, strict=True)]
    return raw.loc[products.spread(wanted, bool)]


def _describe(products: _Cells, names: Mapping[str, str], faults: Faults) -> dict[str, Any]:
    products.each("product", _filled, "", faults)
    found = [read_description(text) for text in products.texts]
    molecules = [_molecule(t, names) or d.name for t, d in zip(products.texts, found, strict=True)]
    return {
        "product": products.spread(products.texts),
        "molecule": products.spread(molecules),
        "strength_mg": products.spread([item.strength_mg for item in found], float),
        "form": products.spread([item.form for item in found]),
        "unit": products.spread([item.unit for item in found]),
        "reason": products.spread([item.reason for item in found]),
    }


def _convert(raw: pd.DataFrame, ndc: _NDC, faults: Faults) -> dict[str, Any]:
    cells = {name: _Cells.of(raw[name]) for name in ("product_id", "class", "date", "as_of", "pricing_unit")}
    never = np.datetime64("NaT", "s")

    def each(name: str, rule: Callable[[str], Any], missing: Any = "") -> NDArray[Any]:
        return cells[name].each(name, rule, missing, faults)

    sources = [f"CMS NADAC, file as of {text}" for text in map(_iso, cells["as_of"].texts)]
    return {
        "product_id": each("product_id", ndc.normalised),
        "class": each("class", _class),
        "price": _prices(raw["price"], faults),
        "date": each("date", _date, never),
        "as_of": each("as_of", _date, never),
        "pricing_unit": each("pricing_unit", _unit),
        "source": cells["as_of"].spread(sources),
        "note": _notes(cells["class"], cells["product_id"]),
        **{name: raw[name].to_numpy() for name in _KEPT if name in raw},
    }


@dataclass(frozen=True)
class _NDC:
    """Whether the short codes of a column have plainly lost leading zeros of an 11-digit NDC."""

    stripped: bool

    @classmethod
    def of(cls, codes: Iterable[str]) -> _NDC:
        texts = [text.strip() for text in codes]
        short = [text for text in texts if len(text) < _DIGITS]
        whole = any(len(text) == _DIGITS for text in texts)
        return cls(whole and not any(text.startswith("0") for text in short))

    def normalised(self, text: str) -> str:
        if not _NDC_DIGITS.match(text):
            raise CostModelError(f"must be an NDC of {_DIGITS} digits, without hyphens")
        if len(text) < _DIGITS and not self.stripped:
            raise CostModelError(
                f"has {len(text)} of the {_DIGITS} digits of an NDC, and the column does not show where "
                "a zero is missing"
            )
        return text.zfill(_DIGITS)


def _prices(cells: pd.Series[str], faults: Faults) -> NDArray[Any]:
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    odd = ~(np.isfinite(numbers) & (numbers > 0))
    if odd.any():
        numbers = numbers.copy()
        numbers[odd] = _Cells.of(cells[odd]).each("price", _price, np.nan, faults)
    return numbers


def _filled(text: str) -> str:
    if not text:
        raise CostModelError("must have a value")
    return text


def _price(text: str) -> float:
    number = parse_number(text)
    if number <= 0:
        raise CostModelError("must be above 0")
    return number


def _date(text: str) -> np.datetime64:
    american = _US_DATE.match(text)
    if not american:
        return np.datetime64(parse_date(text), "s")
    month, day, year = (int(part) for part in american.groups())
    try:
        return np.datetime64(dt.date(year, month, day), "s")
    except ValueError:
        raise CostModelError("must be a day that exists, as month/day/year") from None


def _class(text: str) -> str:
    if text not in _CLASSES:
        raise CostModelError(f"is unknown: {did_you_mean(text, list(_CLASSES))}")
    return _CLASSES[text]


def _unit(text: str) -> str:
    if text not in _UNITS:
        raise CostModelError(f"is unknown: {did_you_mean(text, _UNITS)}")
    return text


def _iso(text: str) -> str:
    try:
        return str(_date(text))[:10]
    except CostModelError:
        return ""


def _notes(classes: _Cells, codes: _Cells) -> NDArray[Any]:
    biological = classes.spread([text == "B-BIO" for text in classes.texts], bool)
    restored = codes.spread([len(text) < _DIGITS for text in codes.texts], bool)
    texts = [
        "",
        "leading zeros of the NDC restored",
        "biological product (B-BIO)",
        "biological product (B-BIO); leading zeros of the NDC restored",
    ]
    return np.asarray(np.array(texts, dtype=object)[2 * biological + 1 * restored])


def _repeats(raw: pd.DataFrame, frame: pd.DataFrame, faults: Faults) -> pd.Series[bool]:
    """Tell which rows repeat an earlier one in every cell; a repeat that differs is a fault."""
    keys = frame[_KEY].assign(product_id=pd.factorize(frame["product_id"])[0])
    again = keys.duplicated() & frame["product_id"].ne("") & keys["date"].notna() & keys["as_of"].notna()
    if not again.any():
        return again
    whole = again & raw.duplicated()
    first = keys.assign(line=keys.index).groupby(_KEY)["line"].transform("first")
    for line in frame.index[again & ~whole]:
        faults.add(
            "an NDC may have one price at one date",
            row=line,
            column=PUBLISHED["product_id"],
            found=f"{frame['product_id'][line]} again, as in row {first[line]}",
            remedy="keep the row that CMS published",
        )
    return whole


def _table(frame: pd.DataFrame, repeated: pd.Series[bool], origin: str) -> PriceTable:
    reason = frame["reason"].mask(repeated, "repeats an earlier row in every cell")
    for unit in _UNITS[1:]:
        measured = reason.eq("") & frame["pricing_unit"].eq(unit)
        reason = reason.mask(measured, f"a tablet or capsule priced per {unit}")
    frame = frame.assign(reason=reason)
    good = reason.eq("")
    prices = frame.loc[good].assign(
        pack_size=1.0,
        currency="USD",
        price_type="acquisition",
        country="USA",
        flag="",
    )
    kept = [name for name in _KEPT if name in frame]
    return PriceTable(prices[[*NAMES, *kept]], origin, frame.loc[~good, list(_UNPARSED)])
