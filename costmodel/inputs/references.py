"""References as plain text in Vancouver style, from the fields of a BibTeX entry.

References
----------
International Committee of Medical Journal Editors. Recommendations for the Conduct, Reporting, Editing and
Publication of Scholarly Work in Medical Journals: sample references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_COMMANDS = re.compile(r"\\(?:emph|textit|textbf|textsc|textrm|mbox|url)\s*(?=\{)")
_DOI_PREFIX = re.compile(r"\A(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_WEB = re.compile(r"https?://\S+\Z", re.IGNORECASE)
_AUTHORS_SHOWN = 6


def reference_text(entry: Any) -> str:
    """Return an entry as plain text.

    Parameters
    ----------
    entry : pybtex.database.Entry

    Returns
    -------
    str
        ``Authors. Title. Journal year;volume(issue):pages. doi:…`` for an article, ``Authors. Title. Place:
        Publisher; year. …`` for anything else; the web address where there is no DOI.

    Examples
    --------
    >>> from pybtex.database import parse_string
    >>> data = parse_string(
    ...     "@book{b, author={Briggs, Andrew and Sculpher, Mark}, title={Decision Modelling}, "
    ...     "publisher={Oxford University Press}, address={Oxford}, year=2006}",
    ...     "bibtex",
    ... )
    >>> reference_text(data.entries["b"])
    'Briggs A, Sculpher M. Decision Modelling. Oxford: Oxford University Press; 2006.'
    """
    where = _in_journal(entry) if _field(entry, "journal") else _published(entry)
    parts = [_people(entry), _field(entry, "title"), *where, *_address(entry), _field(entry, "note")]
    return " ".join(_sentence(part) for part in parts if part)


def reference_url(entry: Any) -> str:
    """Return the address of an entry: its DOI's, else its URL if that is of the web, else blank."""
    doi = _doi(entry)
    url = _plain_address(entry.fields.get("url", ""))
    if doi:
        return f"https://doi.org/{doi}"
    return url if _WEB.match(url) else ""


def _sentence(text: str) -> str:
    return (
        text if text.endswith((".", "?", "!")) or _WEB.search(text) or text.startswith("doi:") else f"{text}."
    )


def _in_journal(entry: Any) -> list[str]:
    place = _field(entry, "volume")
    if _field(entry, "number"):
        place += f"({_field(entry, 'number')})"
    if _field(entry, "pages"):
        place += f":{_field(entry, 'pages')}"
    year = _field(entry, "year")
    when = f"{year};{place}" if year and place else year or place
    return [f"{_field(entry, 'journal')} {when}".strip()]


def _published(entry: Any) -> list[str]:
    names = ("publisher", "institution", "school", "organization", "howpublished")
    publisher = next((_field(entry, name) for name in names if _field(entry, name)), "")
    place = _field(entry, "address")
    house = f"{place}: {publisher}" if place and publisher else publisher or place
    year = _field(entry, "year")
    book = _field(entry, "booktitle")
    pages = _field(entry, "pages")
    return [
        f"In: {book}" if book else "",
        f"{house}; {year}" if house and year else house or year,
        f"p. {pages}" if pages else "",
    ]


def _address(entry: Any) -> list[str]:
    doi = _doi(entry)
    return [f"doi:{doi}" if doi else _plain_address(entry.fields.get("url", ""))]


def _doi(entry: Any) -> str:
    return _DOI_PREFIX.sub("", _plain_address(entry.fields.get("doi", "")))


def _plain_address(text: str) -> str:
    """Return an address without LaTeX's escapes; a percent sign is part of it, not a comment."""
    return re.sub(r"\\([_%&#~$])", r"\1", _COMMANDS.sub("", text).strip("{} "))


def _people(entry: Any) -> str:
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [_person(person) for person in people]
    more = len(names) > _AUTHORS_SHOWN or "others" in names
    shown = [name for name in names[:_AUTHORS_SHOWN] if name != "others"]
    return ", ".join([*shown, "et al"] if more else shown)


def _person(person: Any) -> str:
    last = _words([*person.prelast_names, *person.last_names])
    first = _words([*person.first_names, *person.middle_names])
    initials = "".join(part[0].upper() for part in re.split(r"[\s.\-\u2010\u2011]+", first) if part)
    return " ".join(part for part in (last, initials, _words(person.lineage_names)) if part)


def _words(parts: Iterable[str]) -> str:
    return " ".join(_plain(part) for part in parts)


def _field(entry: Any, name: str) -> str:
    text = _plain(entry.fields.get(name, ""))
    return re.sub(r"(?<=\d)-{1,2}(?=\d)", "\u2013", text) if name == "pages" else text


def _plain(latex: str) -> str:
    """Return LaTeX text as plain text: accents as letters, no braces, no commands of style."""
    from pybtex.richtext import Text

    return " ".join(str(Text.from_latex(_COMMANDS.sub("", latex))).split()).strip()
