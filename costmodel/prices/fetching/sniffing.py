"""Whether a file is what it should be, by its first bytes: publishers answer with web pages, too."""

from __future__ import annotations

import html
import re
from pathlib import Path

from costmodel.prices.fetching.errors import FetchError

HEAD = 1_024
"""How many bytes tell what a file is."""

_SEARCHED = 65_536
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(
    rb"(<!--.*?-->\s*)*(<!doctype\s+html|<html|<head|<body|<script)", re.IGNORECASE | re.DOTALL
)
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_SHOWN = 60


def check_head(path: Path, media: str, url: str) -> None:
    """Refuse a file that is not of its medium.

    Raises
    ------
    FetchError
        Says what came instead: a web page with its title, XML, JSON, an archive, nothing.
    """
    with path.open("rb") as stream:
        head = stream.read(_SEARCHED)
    found = _other_than(media, head)
    if found:
        raise FetchError(f"{url} should be a {media} file but is {found}; {_REMEDY}")


_REMEDY = "look at the address in a browser and give the file's own as url"


def _other_than(media: str, head: bytes) -> str:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare:
        return "empty"
    if _PAGE.match(bare):
        return f"a web page ({_title(head)})"
    if bare[:5].lower() == b"<?xml":
        return f"XML ({_words(bare)})"
    if media in ("zip", "xlsx", "xls"):
        known = head.startswith(_ZIP) or (media == "xls" and head.startswith(_OLE))
        return "" if known else f"something else ({_words(bare)})"
    if head.startswith(_ZIP):
        return "an archive or a workbook"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ""
    if bare[:1] in b"{[":
        return f"JSON ({_words(bare)})"
    return "not text" if b"\x00" in head else ""


def _title(head: bytes) -> str:
    found = _TITLE.search(head)
    return f"titled '{_words(found.group(1))}'" if found else "without a title"


def _words(text: bytes) -> str:
    plain = html.unescape(text[: 4 * _SHOWN].decode("utf-8", "replace"))
    line = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
