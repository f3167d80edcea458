"""What may be taken: whole tablets and, where the caller allows it, their halves and quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from costmodel.checks import did_you_mean, in_interval, one_of
from costmodel.prices.errors import PriceError
from costmodel.prices.query import several
from costmodel.prices.schema import list_dates
from costmodel.prices.table import PriceTable

ADVICE = "An economic calculation, not prescribing advice."
"""Stands in every result of this package."""

HALVES = ("kept", "wasted")
"""Whether the rest of a cut tablet is used at a later intake or thrown away."""

Splitting = str | Mapping[Any, Sequence[float]]
"""``"none"``, ``"halves"``, or the fractions allowed by product, form or strength."""

_FRACTIONS = (Fraction(1, 2), Fraction(1, 4))
_WHOLE_ONLY = ("disintegrating", "release", "capsule", "effervescent", "gastro-resistant", "film")
_ONE = ("molecule", "class", "unit", "currency", "price_type", "country")
_MEASURED = ("ml", "l", "g", "mg")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0", "")


@dataclass(frozen=True)
class Product:
    """A product on the shelf; strength and price of a unit are exact fractions of their decimals."""

    product: str
    strength_mg: Fraction
    form: str
    unit_price: Fraction
    pack_size: Fraction | None = None

    @property
    def label(self) -> str:
        """Strength and form, such as ``0.5 mg tablet``."""
        return f"{float(self.strength_mg):g} mg {self.form}"


@dataclass(frozen=True)
class Piece:
    """A whole tablet or a part of one, and what taking it costs.

    ``tablets`` is what it uses up: the fraction itself when the rest is kept, 1 when it is wasted.
    """

    product: Product
    fraction: Fraction
    tablets: Fraction

    @property
    def amount(self) -> Fraction:
        """Milligrams of active substance."""
        return self.product.strength_mg * self.fraction

    @property
    def cost(self) -> Fraction:
        """What taking it costs."""
        return self.product.unit_price * self.tablets

    @property
    def label(self) -> str:
        """Such as ``half of a 0.5 mg tablet``."""
        names = {Fraction(1, 2): "half of a ", Fraction(1, 4): "quarter of a "}
        return names.get(self.fraction, "") + self.product.label


@dataclass(frozen=True)
class Shelf:
    """The pieces that may be taken, the cheapest of each amount, and whose prices they have.

    ``splitting`` is the rule in words; ``basis`` holds class, currency, price type, country, list date
    and source, blank where a frame does not state them.
    """

    pieces: tuple[Piece, ...]
    splitting: str
    halves: str
    basis: Mapping[str, str]

    @property
    def text(self) -> str:
        """The strengths and forms, as errors name them."""
        labels = list(dict.fromkeys(piece.product.label for piece in self.pieces))
        return ", ".join(labels) + f" ({self.splitting})"


def exact(value: Any) -> Fraction:
    """Return a number as the exact fraction of its shortest decimal, so that 0.1 is one tenth.

    Examples
    --------
    >>> exact(0.1) + exact(0.2) == exact(0.3), exact(0.125)
    (True, Fraction(1, 8))
    """
    return value if isinstance(value, Fraction) else Fraction(str(float(value)))


def shelf(
    products: PriceTable | pd.DataFrame,
    *,
    splitting: Splitting = "none",
    halves: str = "kept",
    forms: Sequence[str] | None = None,
) -> Shelf:
    """Return the pieces that a price table offers under a rule of splitting.

    Parameters
    ----------
    products : PriceTable or DataFrame
        Of one molecule, class, currency, price type, country and list date. A frame needs
        ``strength_mg``, ``form`` and ``unit_price``, and may have ``product``, ``pack_size``, ``scored``
        and the columns of a price table.
    splitting : {"none", "halves"} or mapping, default "none"
        ``"halves"`` allows a half of every tablet (of those with ``scored``, where that column stands).
        A mapping from product, form or strength to fractions, 0.5 or 0.25, allows those. Forms that
        must stay whole (orally disintegrating, modified release, film-coated, capsules) are never split.
    halves : {"kept", "wasted"}, default "kept"
        A part of a tablet costs its fraction when the rest is kept for later, a whole tablet when it
        is wasted.
    forms : sequence of str, optional
        The forms that may be combined. Needed when ``products`` holds more than one.

    Raises
    ------
    PriceError
        Products are mixed, a column is missing, a number is not above 0, or the rule names what is not
        there or what must not be split.
    CostModelError
        An option is unknown.

    Examples
    --------
    >>> frame = pd.DataFrame({"strength_mg": [0.5, 1.0], "form": "tablet", "unit_price": [0.02, 0.03]})
    >>> [piece.label for piece in shelf(frame, splitting="halves").pieces]
    ['half of a 0.5 mg tablet', 'half of a 1 mg tablet', '1 mg tablet']
    """
    one_of(halves, HALVES, "halves")
    frame = _checked(products)
    frame = _of_forms(frame, forms)
    items = [_product(row) for row in frame.to_dict("records")]
    allowed = _fractions(frame, items, splitting)
    pieces = [
        Piece(item, part, part if halves == "kept" else Fraction(1))
        for item, parts in zip(items, allowed, strict=True)
        for part in (Fraction(1), *parts)
    ]
    return Shelf(_cheapest(pieces), _words(splitting, halves), halves, _basis(frame))


def _checked(products: PriceTable | pd.DataFrame) -> pd.DataFrame:
    frame = products.frame if isinstance(products, PriceTable) else products
    needed = ["strength_mg", "form", *([] if isinstance(products, PriceTable) else ["unit_price"])]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise PriceError(f"products need the columns {', '.join(needed)}; missing: {', '.join(missing)}")
    if frame.empty:
        raise PriceError("there are no products; check what was selected")
    for name in _ONE:
        if name in frame.columns and several(frame[name]):
            found = ", ".join(sorted({str(value) for value in frame[name]}))
            word = f"{name}_" if name == "class" else name
            raise PriceError(f"products of several values of {name}: {found}; select one, select({word}=…)")
    if {"as_of", "date"} <= set(frame.columns) and several(frame["as_of"].fillna("")):
        found = ", ".join(sorted({str(day.date()) for day in list_dates(frame)}))
        raise PriceError(f"products of several list dates: {found}; select one, select(as_of=…)")
    if "unit" in frame.columns and frame["unit"].iloc[0] in _MEASURED:
        raise PriceError(
            f"products sold by the {frame['unit'].iloc[0]} are not counted; select(unit='tablet')"
        )
    for name in [name for name in ("strength_mg", "unit_price", "pack_size") if name in frame.columns]:
        for row, value in frame[name].items():
            in_interval(value, f"products, row {row}: {name}", low=0, open_low=True)
    return frame


def _of_forms(frame: pd.DataFrame, forms: Sequence[str] | None) -> pd.DataFrame:
    found = sorted(set(frame["form"]))
    if forms is None:
        if len(found) > 1:
            raise PriceError(
                f"products of {len(found)} forms: {', '.join(found)}; name those that may be taken "
                f"together, forms=({found[-1]!r},) or forms={tuple(found)!r}"
            )
        return frame
    wanted = [forms] if isinstance(forms, str) else list(forms)
    for form in wanted:
        if form not in found:
            raise PriceError(f"forms: '{form}' is not among the products; {did_you_mean(form, found)}")
    return frame[frame["form"].isin(wanted)]


def _product(row: Mapping[Any, Any]) -> Product:
    strength, form = exact(row["strength_mg"]), str(row["form"])
    pack = exact(row["pack_size"]) if "pack_size" in row else None
    stated = "unit_price" in row
    price = exact(row["unit_price"]) if stated else exact(row["price"]) / exact(row["pack_size"])
    name = str(row.get("product") or f"{float(strength):g} mg {form}")
    return Product(name, strength, form, price, pack)


def _whole_only(form: str) -> bool:
    return any(word in form.lower() for word in _WHOLE_ONLY)


def _fractions(
    frame: pd.DataFrame, items: Sequence[Product], splitting: Splitting
) -> list[tuple[Fraction, ...]]:
    if isinstance(splitting, str):
        one_of(splitting, ("none", "halves"), "splitting")
        if splitting == "none":
            return [()] * len(items)
        scored = [_is_scored(cell) for cell in frame["scored"]] if "scored" in frame else [True] * len(items)
        return [
            (Fraction(1, 2),) if mark and not _whole_only(item.form) else ()
            for item, mark in zip(items, scored, strict=True)
        ]
    rule = {key: _parts(key, parts) for key, parts in splitting.items()}
    for key in rule:
        _check_key(key, items)
    return [
        tuple(dict.fromkeys(part for key, parts in rule.items() if _is_of(key, item) for part in parts))
        for item in items
    ]


def _is_scored(cell: Any) -> bool:
    text = str(cell).strip().lower()
    one_of(text, (*_YES, *_NO), "scored")
    return text in _YES


def _parts(key: Any, parts: Sequence[float]) -> tuple[Fraction, ...]:
    found = tuple(exact(part) for part in ([parts] if isinstance(parts, int | float) else parts))
    for part in found:
        if part not in _FRACTIONS:
            raise PriceError(f"splitting: {key}: a part must be 0.5 or 0.25; found {float(part):g}")
    return found


def _check_key(key: Any, items: Sequence[Product]) -> None:
    named = [item for item in items if _is_named(key, item)]
    if not named:
        names = [
            str(name) for item in items for name in (item.product, item.form, f"{float(item.strength_mg):g}")
        ]
        shown = f"{key:g}" if isinstance(key, int | float) else str(key)
        raise PriceError(
            f"splitting: '{shown}' is no product, form or strength; {did_you_mean(shown, set(names))}"
        )
    if all(_whole_only(item.form) for item in named):
        raise PriceError(f"splitting: {key}: a unit of the form '{named[0].form}' must stay whole")


def _is_named(key: Any, item: Product) -> bool:
    if isinstance(key, str):
        return key in (item.product, item.form)
    return exact(key) == item.strength_mg


def _is_of(key: Any, item: Product) -> bool:
    return _is_named(key, item) and not _whole_only(item.form)


def _cheapest(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Keep one piece of each amount: a dearer one of the same amount can only cost more.

    Of two at one price the whole tablet is kept, then the one that stands first.
    """
    ordered = sorted(pieces, key=lambda piece: (piece.amount, piece.cost, -piece.fraction))
    kept: dict[Fraction, Piece] = {}
    for piece in ordered:
        kept.setdefault(piece.amount, piece)
    return tuple(kept.values())


def _words(splitting: Splitting, halves: str) -> str:
    if splitting == "none" or not splitting:
        return "whole units only"
    what = "halves allowed" if splitting == "halves" else "parts allowed as stated"
    return f"{what}, the rest of a cut unit {halves}"


def _basis(frame: pd.DataFrame) -> dict[str, str]:
    texts = {name: str(frame[name].iloc[0]) if name in frame else "" for name in _ONE}
    dated = {"as_of", "date"} <= set(frame.columns)
    texts["price_date"] = str(list_dates(frame).iloc[0].date()) if dated else ""
    texts["source"] = (
        "; ".join(dict.fromkeys(str(cell) for cell in frame["source"])) if "source" in frame else ""
    )
    return texts
