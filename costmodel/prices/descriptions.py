"""Strength and form of a tablet or capsule, read from a one-line product description.

Only what the description says is read. A description that names no form, no strength, or two of either
is answered with the reason, never with a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_AMOUNT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*"
    r"(MCG|MG|GM|G|MEQ|ML|UNITS?|IU|%)(?![A-Z])"
)
_IN_MG = {"MCG": Decimal("0.001"), "MG": Decimal(1), "GM": Decimal(1000), "G": Decimal(1000)}
_NUMBER = re.compile(r"[\d.,/]*\d[\d.,/]*\Z")
_HOURS = re.compile(r"(\d+)HR?\Z")

_BASES = {
    "TABLET": "tablet",
    "TABLETS": "tablet",
    "TAB": "tablet",
    "TABS": "tablet",
    "CAPSULE": "capsule",
    "CAPSULES": "capsule",
    "CAP": "capsule",
    "CAPS": "capsule",
}
_RELEASE = {
    "ER": "extended-release",
    "XR": "extended-release",
    "XL": "extended-release",
    "SR": "sustained-release",
    "CR": "controlled-release",
    "DR": "delayed-release",
    "EC": "delayed-release",
    "LA": "long-acting",
    "CC": "extended-release (CC)",
    "CD": "extended-release (CD)",
    "XT": "extended-release (XT)",
}
_KINDS = {
    "ODT": "orally disintegrating",
    "CHEW": "chewable",
    "CHEWABLE": "chewable",
    "DISPER": "dispersible",
    "DISPERSIBLE": "dispersible",
    "SPRINKLE": "sprinkle",
    "SL": "sublingual",
    "SUBLINGUAL": "sublingual",
    "BUCCAL": "buccal",
    "EFFERVESCENT": "effervescent",
    "VAGINAL": "vaginal",
}
_KINDS_AFTER = {
    **_KINDS,
    **dict.fromkeys(("DIS", "RAPDIS", "DISINTEGRATING"), "orally disintegrating"),
}


@dataclass(frozen=True)
class Description:
    """What a description says.

    Parameters
    ----------
    name : str
        The words before the strength in lower case, without those of the form.
    strength_mg : float or None
        Milligrams in one unit.
    form : str
        For example ``extended-release tablet``; empty where it is not known.
    unit : str
        ``tablet`` or ``capsule``; empty where it is not known.
    reason : str
        Why strength or form is not known; empty when both are.
    """

    name: str
    strength_mg: float | None = None
    form: str = ""
    unit: str = ""
    reason: str = ""


def read_description(text: str) -> Description:
    """Read strength and form of a tablet or capsule from a description as US price lists write it.

    Extended, sustained, controlled and delayed release, orally disintegrating, chewable and plain
    tablets are forms of their own. ER, XR and XL are one word for extended release; SR and CR are kept
    apart from it, because some medicines are sold as both and the two are not interchangeable.

    Examples
    --------
    >>> read_description("CLONAZEPAM 0.125 MG DIS TAB").form
    'orally disintegrating tablet'
    >>> found = read_description("LEVETIRACETAM ER 1,000 MG TABLET")
    >>> found.name, found.strength_mg, found.form, found.unit
    ('levetiracetam', 1000.0, 'extended-release tablet', 'tablet')
    >>> read_description("KLOR-CON 10 MEQ TABLET").reason
    'the strength is in MEQ, not in mg'
    """
    line = " ".join(text.upper().split())
    amounts = list(_AMOUNT.finditer(line))
    before = line[: amounts[0].start()] if amounts else line
    name = _name(before)
    if len(amounts) != 1:
        several = ", ".join(found[0] for found in amounts)
        reason = f"more than one amount: {several}" if amounts else "no strength with its unit"
        return Description(name, reason=reason)
    amount = amounts[0]
    reason = _amount_reason(line, amount)
    if reason:
        return Description(name, reason=reason)
    strength = float(Decimal(amount[1].replace(",", "")) * _IN_MG[amount[2]])
    form, unit, reason = _form(_words(before)[1:], _words(line[amount.end() :]))
    if reason:
        return Description(name, strength_mg=strength, reason=reason)
    return Description(name, strength, form, unit)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s()\-]+", text) if word]


def _name(before: str) -> str:
    kept = [word for n, word in enumerate(before.split()) if not _is_modifier(word, first=n == 0)]
    return " ".join(kept or before.split()).lower()


def _is_modifier(word: str, *, first: bool) -> bool:
    parts = _words(word)
    if all(_HOURS.match(part) or _NUMBER.match(part) for part in parts):
        return True
    return not first and all(part in _RELEASE or part in _KINDS or part in _BASES for part in parts)


def _amount_reason(line: str, amount: re.Match[str]) -> str:
    start, end = amount.span()
    before, after = line[:start], line[end:]
    joined = re.search(r"[\d.,/-]*\d[-/]\Z", before)
    if joined:
        return f"more than one strength: {joined[0]}{amount[0]}"
    if after.startswith("/"):
        return f"a concentration or a rate: {amount[0]}{after}"
    if amount[2] not in _IN_MG:
        return f"the strength is in {amount[2]}, not in mg"
    if Decimal(amount[1].replace(",", "")) == 0:
        return f"the strength is {amount[0]}"
    loose = [word for word in _words(before) if _NUMBER.match(word)]
    return f"a number without a unit: {loose[0]}" if loose else ""


def _form(before: list[str], after: list[str]) -> tuple[str, str, str]:
    for word in after:
        if word not in {*_BASES, *_RELEASE, *_KINDS_AFTER}:
            return "", "", f"'{word}' after the strength is no word for a tablet or capsule"
    bases = _distinct(_BASES[word] for word in (*before, *after) if word in _BASES)
    release = _distinct(_RELEASE[word] for word in (*before, *after) if word in _RELEASE)
    kinds = _distinct(
        [_KINDS[word] for word in before if word in _KINDS]
        + [_KINDS_AFTER[word] for word in after if word in _KINDS_AFTER]
    )
    if not bases and kinds == ["orally disintegrating"]:
        bases = ["tablet"]
    if not bases:
        return "", "", "no form"
    for found in (bases, release, kinds):
        if len(found) > 1:
            return "", "", f"more than one form: {', '.join(found)}"
    hours = [f"{hour[1]}-hour" for word in before if (hour := _HOURS.match(word)) and release]
    return " ".join([*hours, *release, *kinds, bases[0]]), bases[0], ""


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
