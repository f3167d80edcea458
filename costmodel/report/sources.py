"""The bibliography as pandoc needs it: titles as their authors wrote them, and the keys that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

from costmodel.errors import CostModelError

_TITLE = re.compile(r"\b(?:book|main)?title\s*=\s*(?=[{\"])", flags=re.IGNORECASE)


def with_titles_kept(text: str) -> str:
    """Return BibTeX whose titles keep their capitals.

    BibTeX, and pandoc after it, writes ``Medicare Part D`` as ``Medicare part d`` unless the title stands in
    braces of its own. A report shows titles as they are written in the bibliography.

    Parameters
    ----------
    text : str
        The content of a file in BibTeX.

    Examples
    --------
    >>> print(with_titles_kept("@misc{a, title = {Medicare Part D}, note = {x}}"))
    @misc{a, title = {{Medicare Part D}}, note = {x}}
    >>> print(with_titles_kept('@misc{a, title = "The {NHS} Tariff"}'))
    @misc{a, title = "{The {NHS} Tariff}"}
    """
    pieces, at = [], 0
    for found in _TITLE.finditer(text):
        start = found.end()
        end = _closing(text, start)
        if found.start() < at or end is None:
            continue
        pieces += [text[at : start + 1], "{", text[start + 1 : end], "}"]
        at = end
    return "".join([*pieces, text[at:]])


def _closing(text: str, start: int) -> int | None:
    """Return where the value that opens at ``start`` closes: a brace, or a quotation mark outside braces."""
    closes_at_quote = text[start] == '"'
    depth = 0 if closes_at_quote else 1
    for at in range(start + 1, len(text)):
        mark = text[at]
        if text[at - 1] == "\\":
            continue
        if mark == '"' and closes_at_quote and depth == 0:
            return at
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth == 0 and mark == "}" and not closes_at_quote:
            return at
    return None


def prepare(path: Path, folder: Path) -> Path:
    """Return the bibliography that pandoc is to read: a copy with its titles kept, or the file itself.

    Parameters
    ----------
    path : Path
        BibTeX (``.bib``), or CSL as JSON or YAML.
    folder : Path
        A temporary folder for the copy.

    Raises
    ------
    CostModelError
        When a BibTeX file is not UTF-8.
    """
    if path.suffix.lower() != ".bib":
        return path.resolve()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CostModelError(f"{path.name} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    copy = folder / path.name
    copy.write_text(with_titles_kept(text), encoding="utf-8")
    return copy


def bibliography_keys(path: Path) -> list[str]:
    """Return the keys of a bibliography in BibTeX, or in CSL as JSON or YAML.

    Raises
    ------
    CostModelError
        When the file cannot be read as a bibliography.
    """
    import pypandoc

    form = {".json": "csljson", ".yaml": "markdown", ".yml": "markdown"}.get(path.suffix.lower(), "biblatex")
    try:
        text = pypandoc.convert_file(str(path), "csljson", format=form, verify_format=False)
    except (RuntimeError, OSError) as error:
        raise CostModelError(f"{path.name} is not a bibliography: {error}") from error
    return [str(entry["id"]) for entry in json.loads(text)]
