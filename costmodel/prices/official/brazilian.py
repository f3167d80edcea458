"""Strength, form and pack from a Brazilian presentation: ``2,5 MG/ML SOL OR CT 2 FR GOT X 20 ML``.

Brazil's list abbreviates by the vocabulary of ANVISA: a strength, a form, packaging, ``X`` and the units in a
pack. Every word must be known: a word that is not may change the form (``LIB PROL``, prolonged release),
and the presentation is then answered with the reason, never with a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_START = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(MG|MCG|G|UI|%|MEQ)\s*(?:/\s*(\d+(?:[.,]\d+)?)?\s*(ML|G|DOSE|H))?\s+"
)
_END = re.compile(r"\sX\s+(\d+(?:[.,]\d+)?)\s*(ML|G)?\s*(?:\(\s*([A-Z ]+?)\s*\))?\Z")
_MASS = {"MCG": Decimal("0.001"), "MG": Decimal(1), "G": Decimal(1000)}
_FORMS = {
    "COM REV LIB PROL": ("extended-release film-coated tablet", "tablet"),
    "COM LIB PROL": ("extended-release tablet", "tablet"),
    "COM REV LIB RETARD": ("delayed-release film-coated tablet", "tablet"),
    "COM SUB LING": ("sublingual tablet", "tablet"),
    "COM SUBL": ("sublingual tablet", "tablet"),
    "COM SUB": ("sublingual tablet", "tablet"),
    "COM ORODISP": ("orally disintegrating tablet", "tablet"),
    "COM REV": ("film-coated tablet", "tablet"),
    "COM EFEV": ("effervescent tablet", "tablet"),
    "COM MAST": ("chewable tablet", "tablet"),
    "COM DISP": ("dispersible tablet", "tablet"),
    "COM": ("tablet", "tablet"),
    "CAP GEL MOLE": ("soft capsule", "capsule"),
    "CAP MOLE": ("soft capsule", "capsule"),
    "CAP GEL DURA": ("capsule", "capsule"),
    "CAP DURA": ("capsule", "capsule"),
    "CAP": ("capsule", "capsule"),
    "SOL OR": ("oral solution", "ml"),
    "SUS OR": ("oral suspension", "ml"),
    "SOL INJ": ("solution for injection", "ml"),
    "XPE": ("syrup", "ml"),
}
_CONTAINERS = frozenset(("BL", "FR", "AMP", "FA", "BS", "ENV"))
_DROPPERS = frozenset(("GOT", "CGT"))
_MATERIALS = ("AL", "PLAS", "PLAST", "PVC", "PVDC", "PE", "PEAD", "PET", "ACLAR", "ALU", "VD", "VID")
_LOOKS = ("TRANS", "OPC", "INC", "AMB", "LEIT")
_PACKAGING = frozenset(("CT", "CX", *_MATERIALS, *_LOOKS))


@dataclass(frozen=True)
class Presentation:
    """What a presentation says.

    Parameters
    ----------
    strength_mg : float or None
        Milligrams in one unit.
    form, unit : str
    pack_size : float or None
        Units in one pack.
    reason : str
        Why something is not known; empty when all is.
    """

    strength_mg: float | None = None
    form: str = ""
    unit: str = ""
    pack_size: float | None = None
    reason: str = ""


def read_presentation(text: str) -> Presentation:
    """Read a presentation as Brazil's price list writes it.

    Examples
    --------
    >>> read_presentation("0,5MG COM CT BL AL PLAS OPC X 30")
    Presentation(strength_mg=0.5, form='tablet', unit='tablet', pack_size=30.0, reason='')
    >>> found = read_presentation("2,5 MG/ML SOL OR CX 50 FR VD AMB GOT X 20 ML (EMB HOSP)")
    >>> found.form, found.pack_size
    ('oral drops', 1000.0)
    >>> read_presentation("10 MG COM LIB RETARD CT BL X 30").reason
    "'LIB' is no word that is known here"
    """
    line = " ".join(text.upper().split())
    start, end = _START.match(line), _END.search(line)
    if "+" in line or re.match(r"\(", line):
        return Presentation(reason="more than one active substance")
    if start is None or end is None:
        return Presentation(reason="no strength with its unit" if start is None else "no pack size after X")
    form, unit, rest = _form(line[start.end() : end.start()])
    if not form:
        return Presentation(reason=f"no form that is known here: {line[start.end() : end.start()]}")
    packs, reason = _packs(rest)
    if not reason and end[3] not in (None, "EMB HOSP", "EMB FRAC", "EMB MULT"):
        reason = f"'{end[3]}' is no word that is known here"
    strength, wrong = _strength(start, unit)
    reason = reason or wrong or _unit_reason(unit, end[2])
    if reason:
        return Presentation(reason=reason)
    if form == "oral solution" and _DROPPERS & set(rest):
        form = "oral drops"
    return Presentation(strength, form, unit, float(packs * _number(end[1])))


def _form(middle: str) -> tuple[str, str, list[str]]:
    for words, (form, unit) in _FORMS.items():
        if f"{middle} ".startswith(f"{words} "):
            return form, unit, middle[len(words) :].split()
    return "", "", []


def _packs(words: Sequence[str]) -> tuple[Decimal, str]:
    packs = Decimal(1)
    for at, word in enumerate(words):
        if word.isdigit():
            if at + 1 == len(words) or words[at + 1] not in _CONTAINERS or packs != 1:
                return packs, f"a number whose meaning is not plain: {word}"
            packs = Decimal(word)
        elif word not in _PACKAGING and word not in _CONTAINERS and word not in _DROPPERS:
            return packs, f"'{word}' is no word that is known here"
    if not packs:
        return packs, "a pack of 0"
    return packs, ""


def _strength(start: re.Match[str], unit: str) -> tuple[float | None, str]:
    value, mass, per, per_unit = start.groups()
    if mass not in _MASS:
        return None, f"the strength is in {mass}, not in mg"
    milligrams = _number(value) * _MASS[mass]
    if (per_unit or unit.upper()) != unit.upper() or (per_unit is None and unit == "ml"):
        said = f"per {per_unit.lower()}" if per_unit else "per pack or per ml"
        return None, f"the strength is not stated per {unit}: {said}"
    divisor = _number(per) if per else Decimal(1)
    if not milligrams or not divisor:
        return None, f"the strength is {start[0].strip()}"
    return float(milligrams / divisor), ""


def _unit_reason(unit: str, printed: str | None) -> str:
    if (printed or "").lower() == ("ml" if unit == "ml" else ""):
        return ""
    return f"the pack is counted in {(printed or 'pieces').lower()}, the strength per {unit}"


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def presentation_answers(given: Sequence[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    """Answer a look-up of the distinct presentations."""
    found = [read_presentation(key[0]) for key in given]
    answers = ("strength_mg", "form", "unit", "pack_size", "reason")
    return {answer: [getattr(item, answer) for item in found] for answer in answers}


PRESENTATION_ANSWERS = {
    "strength_mg": "DOUBLE",
    "form": "VARCHAR",
    "unit": "VARCHAR",
    "pack_size": "DOUBLE",
    "reason": "VARCHAR",
}
"""The types of what :func:`presentation_answers` answers."""
