"""Brand or generic, told from the two names that CMS's spending files print."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SALT_WORDS = """
acetate besylate bitartrate bromide calcium carbonate chloride citrate dihydrate disodium fumarate hbr hcl
hydrobromide hydrochloride lactate magnesium maleate medoxomil mesylate mofetil monohydrate nitrate pamoate
phosphate potassium sodium succinate sulfate tartrate tosylate
"""
_FORM_WORDS = """
cap caps capsule chewable cr dr ec er hr la od odt oral solution sr suspension tab tablet xl xr 12hr 24hr
"""
_DROPPED = frozenset((_SALT_WORDS + _FORM_WORDS).split())

BY_NAME = "class told from the names"
UNSURE = "class not told: the product's name holds the generic name and more"


def class_by_name(brand: str, generic: str) -> str:
    """Return ``generic``, ``brand`` or ``unknown`` from the two names of a row.

    A product sold under its generic name, apart from salts and words of form and release, is
    ``generic``. One whose name holds the generic name and other words besides is ``unknown``: it may be a
    branded generic (Lorazepam Intensol). One under a name of its own is ``brand``; a branded generic
    under a name of its own cannot be told from it.

    Examples
    --------
    >>> class_by_name("Clonazepam", "Clonazepam"), class_by_name("Klonopin", "Clonazepam")
    ('generic', 'brand')
    >>> class_by_name("Alprazolam ER", "Alprazolam"), class_by_name("Lorazepam Intensol", "Lorazepam")
    ('generic', 'unknown')
    """
    if _folded(brand) == _folded(generic):
        return "generic"
    sold, active = _words(brand), _words(generic)
    if not sold or not active:
        return "unknown"
    if sold == active:
        return "generic"
    return "unknown" if sold & active else "brand"


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _words(text: str) -> set[str]:
    return {word for word in _folded(text).split() if word not in _DROPPED}


def class_answers(given: Sequence[tuple[str, ...]]) -> dict[str, list[str]]:
    """Answer a look-up of the distinct pairs of a brand and a generic name."""
    classes = [class_by_name(brand.rstrip("* "), generic.rstrip("* ")) for brand, generic in given]
    notes = [UNSURE if found == "unknown" else BY_NAME for found in classes]
    return {"class": classes, "class_note": notes}


CLASS_ANSWERS = {"class": "VARCHAR", "class_note": "VARCHAR"}
"""The types of what :func:`class_answers` answers."""
