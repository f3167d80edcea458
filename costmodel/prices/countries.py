"""Brand against generic within each country, on the price type that its list publishes.

Levels of two price types, such as a pharmacy's invoice and a maximum retail price, cannot be compared; the
ratio of brand to generic inside one list can. Every list of the bundled tables that holds the molecule gives
a row per strength, and where it cannot give a ratio it says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from costmodel.checks import did_you_mean
from costmodel.datasets import read_dataset
from costmodel.prices.errors import PriceError

TABLES = ("us/nadac", "us/nadac_other_molecules", "intl/prices", "intl/prices_incomplete")
"""The bundled tables that are looked through; a price stands in one of them only."""

_LIST = ["country", "table", "price_type", "currency", "market"]
_SET = ["strength_mg", "form", "unit"]
_AGAINST = {
    "generic": "generic",
    "branded generic": "branded generic",
    "unknown": "generic or branded generic, not told apart",
}
_COLUMNS = [
    "molecule", *_LIST, *_SET, "date", "against", "brand", "generic", "ratio", "saving",
    "n_brand", "n_generic", "reason", "doubt", "source",
]  # fmt: skip


def compare_within_countries(molecule: str, *, country: str | None = None) -> pd.DataFrame:
    """Compare brand with generic prices inside every bundled list that holds a molecule.

    Parameters
    ----------
    molecule : str
        Such as ``clonazepam``.
    country : str, optional
        ISO 3166-1 alpha-3 code, such as ``BGD``; all countries if left out.

    Returns
    -------
    pandas.DataFrame
        One row per list, strength, form and unit. ``brand`` and ``generic`` are medians of the prices of
        one unit in force at ``date``, in ``currency`` and on ``price_type``; ``ratio`` is brand over
        generic; ``saving`` is 1 - generic / brand. ``against`` says what stands on the other side:
        generics, branded generics, or products whose list does not tell the two apart. Where there is no
        ratio it is missing and ``reason`` says why. ``doubt`` holds the flags of the rows used,
        divided by `` | ``; ``date`` is missing where the list states none. Ratios may be set side by side;
        prices may not.

    Raises
    ------
    PriceError
        No bundled table holds the molecule, or none of that country; the nearest spelling is named.

    Notes
    -----
    Prices of one list are those in force on the last day on which a brand's price is listed: a complete dated
    list (``as_of``) is taken whole; in a history of changes each product has its last price up to that day.

    Examples
    --------
    >>> found = compare_within_countries("clonazepam", country="USA")
    >>> found.set_index("strength_mg")["ratio"].dropna().round(1).to_dict()
    {0.5: 133.8, 1.0: 123.1, 2.0: 109.8}
    >>> compare_within_countries("lorazepam")["reason"].unique().tolist()
    ['no brand row in this list']
    """
    rows = _rows(molecule, country)
    parts = [
        {**dict(zip([*_LIST, *_SET], key, strict=True)), **found}
        for key, group in rows.groupby([*_LIST, *_SET], dropna=False, sort=True)
        for found in _compared(group)
    ]
    return pd.DataFrame(parts).assign(molecule=molecule)[_COLUMNS]


def _rows(molecule: str, country: str | None) -> pd.DataFrame:
    tables = [read_dataset(name).assign(table=name) for name in TABLES]
    table = pd.concat([one.assign(market=one.get("market", "retail")) for one in tables])
    names = sorted(set(table["molecule"]))
    if molecule not in names:
        raise PriceError(f"no bundled price of '{molecule}'; {did_you_mean(molecule, names)}")
    table = table[table["molecule"].eq(molecule) & table["country"].ne("")]
    codes = sorted(set(table["country"]))
    if country is not None and country not in codes:
        raise PriceError(f"no bundled price of {molecule} in '{country}'; {did_you_mean(country, codes)}")
    usable = table["price"].gt(0) & table["pack_size"].gt(0)
    table = table[usable & (table["country"].eq(country) if country else True)]
    return table.assign(unit_price=table["price"] / table["pack_size"])


def _compared(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    undated = group["date"].isna().all()
    for part in [rows for _, rows in group.groupby("source")] if undated else [group]:
        day = pd.NaT if undated else _day(part)
        held = part if undated else _in_force(part, day)
        for other in _others(held):
            yield _row(held, day, other)


def _listed(rows: pd.DataFrame) -> pd.Series[Any]:
    return rows["as_of"].fillna(rows["date"])


def _day(rows: pd.DataFrame) -> Any:
    brand = rows["class"].eq("brand")
    return _listed(rows[brand] if brand.any() else rows).max()


def _in_force(rows: pd.DataFrame, day: Any) -> pd.DataFrame:
    if rows["as_of"].notna().all():
        return rows[rows["as_of"].eq(day)]
    past = rows[rows["date"].le(day)].sort_values("date", kind="stable")
    return past[~past["product_id"].duplicated(keep="last") | past["product_id"].eq("")]


def _others(rows: pd.DataFrame) -> list[str]:
    present = [name for name in _AGAINST if rows["class"].eq(name).any()]
    return present or ["generic"]


def _row(rows: pd.DataFrame, day: Any, other: str) -> dict[str, Any]:
    brand, generic = rows[rows["class"].eq("brand")], rows[rows["class"].eq(other)]
    used = pd.concat([brand, generic])
    prices = {"brand": brand["unit_price"].median(), "generic": generic["unit_price"].median()}
    reason = _reason(rows, brand, generic)
    both = not reason
    return {
        "date": day,
        "against": _AGAINST[other] if len(generic) else "",
        **prices,
        "ratio": prices["brand"] / prices["generic"] if both else None,
        "saving": 1 - prices["generic"] / prices["brand"] if both else None,
        "n_brand": len(brand),
        "n_generic": len(generic),
        "reason": reason,
        "doubt": " | ".join(dict.fromkeys(text for text in used["flag"] if text)),
        "source": "; ".join(dict.fromkeys(used["source"])),
    }


def _reason(rows: pd.DataFrame, brand: pd.DataFrame, generic: pd.DataFrame) -> str:
    if rows["strength_mg"].isna().any():
        return "the list does not print the strength"
    missing = [name for name, side in (("brand", brand), ("generic", generic)) if side.empty]
    return f"no {' and no '.join(missing)} row in this list" if missing else ""


def for_reading(found: pd.DataFrame) -> pd.DataFrame:
    """Return a comparison as text for a terminal or a report: one line per list and strength.

    Examples
    --------
    >>> for_reading(compare_within_countries("clonazepam", country="USA"))["Ratio"].iloc[-1]
    '109.8'
    """
    dates = found["date"].dt.strftime("%Y-%m-%d").fillna("not stated")
    return pd.DataFrame(
        {
            "Country": found["country"],
            "Date": dates,
            "Price type": found["price_type"].str.replace("_", " ").replace("", "not stated"),
            "Market": found["market"].str.replace("_", " "),
            "Strength": found["strength_mg"].map("{:g} mg".format).replace("nan mg", "not printed"),
            "Form": found["form"],
            "Currency": found["currency"],
            "Brand": _shown(found["brand"], "{:.4g}"),
            "Generic": _shown(found["generic"], "{:.4g}"),
            "Ratio": _shown(found["ratio"], "{:.1f}").where(
                found["ratio"].ge(10), _shown(found["ratio"], "{:.2f}")
            ),
            "Against, or why there is no ratio": found["against"].where(
                found["reason"].eq(""), found["reason"]
            ),
        }
    )


def _shown(numbers: pd.Series[Any], form: str) -> pd.Series[Any]:
    return numbers.map(lambda number: "–" if pd.isna(number) else form.format(number))
