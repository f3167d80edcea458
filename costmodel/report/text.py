"""Text from data, made safe: cleaned once, and escaped for each language that it is put into."""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(
    r"""[\\`*{}()\[\]#+<>|$@^~&"'=:]"""
    # Inside a word or a number these three mean nothing to Markdown.
    r"|(?<![A-Za-z0-9])[-_.]|[-_.](?![A-Za-z0-9])"
)
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ud800-\udfff\ue000-\uf8ff"
    + "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(17))
    + "\U000f0000-\U0010fffd]"
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    r"""Return ``text`` on one line, with characters that no document may hold replaced.

    Runs of white space become one space. Control characters, direction overrides, lone surrogates and
    private-use characters become U+FFFD, so that the reader sees that something stood there.

    Examples
    --------
    >>> clean("two\n lines\tand a bell\x07")
    'two lines and a bell�'
    """
    joined = " ".join(re.split(r"[ \t\r\n\f\v\u2028\u2029]+", text)).strip()
    return _UNPRINTABLE.sub(_REPLACEMENT, joined)


def escape_markdown(text: str) -> str:
    r"""Return Markdown that shows ``text`` literally, on one line.

    Every mark that could mean something is escaped: data can neither start a heading, a list, a
    citation, mathematics or a footnote, nor close the block that it stands in. It works in Jupyter and in
    the report alike.

    Parameters
    ----------
    text : str
        Any text, for example a product's name from a price file.

    Returns
    -------
    str
        Markdown for use inside a paragraph, a heading or a cell of a pipe table.

    Examples
    --------
    >>> print(escape_markdown("# Rivotril *2 mg* @ $5"))
    \# Rivotril \*2 mg\* \@ \$5
    """
    return _MARKUP.sub(r"\\\g<0>", clean(text))


def escape_html(text: str) -> str:
    """Return ``text`` for use in HTML content or in a quoted attribute.

    Examples
    --------
    >>> escape_html('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return html.escape(clean(text), quote=True)


def typst_string(text: str) -> str:
    r"""Return a Typst string literal: the only form in which data enters Typst source.

    Examples
    --------
    >>> print(typst_string('#set "x" \\ $1$'))
    "#set \"x\" \\ $1$"
    """
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def fence(language: str, body: str) -> str:
    r"""Return a fenced code block whose fence is longer than any in ``body``.

    Examples
    --------
    >>> fence("", "x ``` y").splitlines()[0]
    '````'
    """
    longest = max((len(run) for run in re.findall("`+", body)), default=2)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"
