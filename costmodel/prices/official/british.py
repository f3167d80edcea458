"""Strength and form of a medicine from its name as the NHS dictionary of medicines writes it.

``Clonazepam 500microgram tablets`` names one substance, one strength and a form. The unit that the list
counts its packs by comes from the list's own column, and a strength is read only where it is the strength
of that unit. A name that gives two substances, a percentage, or a concentration in something that is
counted in pieces, is answered with the reason, never with a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_MASS = {
    "mg": Decimal(1),
    "g": Decimal(1000),
    "microgram": Decimal("0.001"),
    "micrograms": Decimal("0.001"),
    "nanogram": Decimal("0.000001"),
    "nanograms": Decimal("0.000001"),
}
_UNIT = "mg|g|micrograms?|nanograms?|%|units?|mmol|ml|kBq|MBq"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)\s?({_UNIT})"
    r"(?:\s?/\s?(\d+(?:\.\d+)?)?\s?(mg|ml|g|gram|dose|hour|actuation)s?)?(?![\w%])"
)
_UNITS = {"gram": "g", "g": "g", "ml": "ml", "dose": "dose"}
_PIECES = {
    "tablet": ("tablet", "lyophilisate", "orodispersible film"),
    "capsule": ("capsule",),
    "suppository": ("suppositor",),
    "pessary": ("pessar",),
    "sachet": ("sachet", "granules", "powder"),
    "patch": ("patch",),
    "lozenge": ("lozenge",),
}
_SINGULAR = {
    "tablets": "tablet",
    "capsules": "capsule",
    "lyophilisates": "lyophilisate",
    "films": "film",
    "suppositories": "suppository",
    "pessaries": "pessary",
    "sachets": "sachet",
    "patches": "patch",
    "lozenges": "lozenge",
}


@dataclass(frozen=True)
class BritishName:
    """What a name says.

    Parameters
    ----------
    name : str
        The words before the strength, in lower case.
    strength_mg : float or None
        Milligrams in one unit of the list.
    form : str
    reason : str
        Why strength or form is not known; empty when both are.
    """

    name: str
    strength_mg: float | None = None
    form: str = ""
    reason: str = ""


def read_british(text: str, unit: str) -> BritishName:
    """Read a name of the NHS dictionary of medicines and devices, in the unit of its list.

    Examples
    --------
    >>> read_british("Clonazepam 500microgram tablets", "tablet")
    BritishName(name='clonazepam', strength_mg=0.5, form='tablet', reason='')
    >>> found = read_british("Clonazepam 2mg/5ml oral solution sugar free", "ml")
    >>> found.strength_mg, found.form
    (0.4, 'oral solution sugar free')
    >>> read_british("Aciclovir 5% cream", "gram").reason
    'the strength is in %, not in mg'
    """
    line = " ".join(text.split())
    amounts = list(_AMOUNT.finditer(line))
    name = line[: amounts[0].start()].strip().lower() if amounts else line.lower()
    if " / " in line or " + " in line:
        return BritishName(name, reason="more than one active substance")
    if len(amounts) != 1:
        listed = ", ".join(found[0] for found in amounts)
        return BritishName(name, reason=f"more than one amount: {listed}" if amounts else "no strength")
    amount = amounts[0]
    strength, reason = _strength(amount, line, unit)
    if reason:
        return BritishName(name, reason=reason)
    form, reason = _form(line[amount.end() :], unit)
    return BritishName(name, None if reason else strength, form, reason)


def _strength(amount: re.Match[str], line: str, unit: str) -> tuple[float | None, str]:
    value, mass, per, per_unit = amount.groups()
    if (
        per_unit == "mg"
        or re.match(r"\s?[/-]\s?\d", line[amount.end() :])
        or re.search(r"\d\s?[/-]\s?\Z", line[: amount.start()])
    ):
        return None, "more than one strength"
    if mass not in _MASS:
        return None, f"the strength is in {mass}, not in mg"
    milligrams = Decimal(value.replace(",", "")) * _MASS[mass]
    if milligrams == 0:
        return None, f"the strength is {amount[0]}"
    if per_unit is None:
        known = unit in _PIECES
        return (float(milligrams), "") if known else (None, f"the strength is not stated per {unit}")
    if _UNITS.get(per_unit) != _UNITS.get(unit, unit) or per_unit not in _UNITS:
        return None, f"a strength per {per_unit}, in packs counted by {unit}"
    return float(milligrams / (Decimal(per) if per and Decimal(per) else Decimal(1))), ""


def _form(after: str, unit: str) -> tuple[str, str]:
    words = [_SINGULAR.get(word, word) for word in after.lower().split()]
    form = " ".join(words)
    if not form:
        return "", "no form"
    if any(sign.isdigit() for sign in form):
        return "", f"a number after the strength: {form}"
    if unit in _PIECES and not any(part in form for part in _PIECES[unit]):
        return "", f"the name has no word for a {unit}: {form}"
    return form, ""


def british_answers(given: Sequence[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    """Answer a look-up of the distinct pairs of a name and a unit."""
    found = [read_british(text, unit.lower()) for text, unit in given]
    return {
        "molecule": [item.name for item in found],
        "strength_mg": [item.strength_mg for item in found],
        "form": [item.form for item in found],
        "reason": [item.reason for item in found],
    }


BRITISH_ANSWERS = {"molecule": "VARCHAR", "strength_mg": "DOUBLE", "form": "VARCHAR", "reason": "VARCHAR"}
"""The types of what :func:`british_answers` answers."""
