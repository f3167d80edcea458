"""Words that the FDA's files print, as the words of the house."""

from __future__ import annotations

_RELEASE = ("extended", "delayed", "sustained", "controlled")


def house_form(printed: str) -> str:
    """Return a dosage form as price tables name it.

    Examples
    --------
    >>> house_form("TABLET, ORALLY DISINTEGRATING"), house_form("TABLET, FILM COATED, EXTENDED RELEASE")
    ('orally disintegrating tablet', 'film coated extended-release tablet')
    >>> house_form("AEROSOL, FOAM")
    'aerosol, foam'
    """
    base, *rest = [part.strip() for part in printed.lower().split(",")]
    if base not in ("tablet", "capsule"):
        return printed.strip().lower()
    for word in _RELEASE:
        rest = [part.replace(f"{word} release", f"{word}-release") for part in rest]
    return " ".join([*rest, base])
