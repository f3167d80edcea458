"""Records as HTML, as Typst and as Markdown: text from data is escaped here, and only here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from costmodel.report.records import FigureRecord, TableRecord, citation_keys
from costmodel.report.text import clean, escape_html, escape_markdown, typst_string

CITE_OPEN, CITE_CLOSE = "\ue000", "\ue001"
"""What stands around citation keys until pandoc resolves them; data cannot hold these characters."""

_TEXT_WIDTH, _TEXT_HEIGHT = 6.45, 8.4
_LONG_WORD = re.compile(r"[^\s/-]{25,}")
_PIECE = re.compile(r"[^_.,;:?=&]{1,11}[_.,;:?=&]|.{12}")
_SHORT, _LONG = 18, 40
_LONG_REM = 17
_MANY = 8


def figure_html(record: FigureRecord, label: str, png: str) -> str:
    """Return the figure as HTML, with its picture inside.

    Parameters
    ----------
    record : FigureRecord
    label : str
        Its number, such as ``"Figure 2"``.
    png : str
        The picture as base64.
    """
    size = f'width="{round(record.width * 96)}" height="{round(record.height * 96)}"'
    return (
        f'<figure id="{record.id}">'
        f'<img src="data:image/png;base64,{png}" {size} alt="{escape_html(record.alt)}">'
        f"<figcaption>{_caption_html(label, record.caption)}</figcaption></figure>"
    )


def figure_typst(record: FigureRecord, label: str, path: str) -> str:
    """Return the figure as Typst; ``path`` is its SVG, relative to the Typst source."""
    scale = min(1.0, _TEXT_WIDTH / record.width, _TEXT_HEIGHT / record.height)
    return (
        f"#report-figure(label: {typst_string(label)}, caption: {typst_string(record.caption)}, "
        f"alt: {typst_string(record.alt)}, path: {typst_string(path)}, "
        f"width: {record.width * scale:.3f}in) <{record.id}>"
    )


def figure_markdown(record: FigureRecord, label: str) -> str:
    """Return the figure's caption and alternative text as Markdown."""
    return f"**{label}.** {escape_markdown(record.caption)}\n\n*{escape_markdown(record.alt)}*"


def table_html(record: TableRecord, label: str) -> str:
    """Return the table as HTML in a box that scrolls, with headers that say what they head.

    Examples
    --------
    >>> table = TableRecord(
    ...     id="tbl-a", caption="A & B", columns=("x",), align=("left",), widths=(None,), rows=(("1 < 2",),)
    ... )
    >>> '<th scope="row" class="left short">1 &lt; 2</th>' in table_html(table, "Table 1")
    True
    """
    classes = _classes(record)
    head = "".join(
        f'<th scope="col" class="{side}">{escape_html(name)}</th>'
        for name, side in zip(record.columns, classes, strict=True)
    )
    many = ' class="many"' if len(record.columns) >= _MANY else ""
    note = f'<p class="note">{escape_html(record.note)}</p>' if record.note else ""
    return (
        f'<div class="table" id="{record.id}"><div class="scroll" role="region" tabindex="0" '
        f'aria-labelledby="{record.id}-caption"><table{many}>'
        f'<caption id="{record.id}-caption">{_caption_html(label, record.caption)}</caption>'
        f"{_columns_html(record)}<thead><tr>{head}</tr></thead>{_bodies_html(record, classes)}"
        f"</table></div>{note}</div>"
    )


def table_typst(record: TableRecord, label: str) -> str:
    """Return the table as Typst.

    Examples
    --------
    >>> table = TableRecord(
    ...     id="tbl-a", caption="A", columns=("x",), align=("left",), widths=(None,), rows=(("$1 #b",),)
    ... )
    >>> print(table_typst(table, "Table 1"))
    #report-table(label: "Table 1", caption: "A", note: "", columns: ("x",), align: (left,),
      widths: (none,), groups: (), total: false, rows: (
      ("$1 #b",),
    )) <tbl-a>
    """
    widths = _tuple("none" if width is None else repr(float(width)) for width in record.widths)
    groups = _tuple(f"({at}, {typst_string(name)})" for at, name in record.groups)
    rows = "".join(f"  {_tuple(_cells(record, row, _breakable, '[{}]'))},\n" for row in record.rows)
    return (
        f"#report-table(label: {typst_string(label)}, caption: {typst_string(record.caption)}, "
        f"note: {typst_string(record.note)}, columns: {_tuple(map(typst_string, record.columns))}, "
        f"align: {_tuple(record.align)},\n  widths: {widths}, groups: {groups}, "
        f"total: {'true' if record.total else 'false'}, rows: (\n{rows})) <{record.id}>"
    )


def table_markdown(record: TableRecord, label: str) -> str:
    """Return the table as a pipe table, its groups as rows of their own."""
    rules = {"left": ":---", "right": "---:", "center": ":---:"}
    starts = dict(record.groups)
    lines = [record.columns, tuple(rules[side] for side in record.align)]
    body: list[Iterable[str]] = []
    for at, row in enumerate(record.rows):
        if at in starts:
            body.append((f"**{escape_markdown(starts[at])}**", *[""] * (len(record.columns) - 1)))
        body.append(tuple(map(escape_markdown, row)))
    text = [tuple(map(escape_markdown, lines[0])), lines[1], *body]
    note = f"\n\n{escape_markdown(record.note)}" if record.note else ""
    table = "\n".join(f"| {' | '.join(line)} |" for line in text)
    return f"**{label}.** {escape_markdown(record.caption)}\n\n{table}{note}"


def _caption_html(label: str, caption: str) -> str:
    return f'<span class="label">{escape_html(label)}.</span> {escape_html(caption)}'


def _breakable(text: str) -> str:
    """Return a Typst literal in which a word too long for a column may be broken, without a hyphen."""
    return typst_string(_LONG_WORD.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word[0]), clean(text)))


def _bodies_html(record: TableRecord, classes: tuple[str, ...]) -> str:
    starts = dict(record.groups)
    edges = [*sorted({0, *starts}), len(record.rows)]
    return "".join(
        f"<tbody>{_group_html(starts.get(low), len(record.columns))}"
        + "".join(_row_html(record, at, classes) for at in range(low, high))
        + "</tbody>"
        for low, high in pairwise(edges)
    )


def _group_html(name: str | None, columns: int) -> str:
    if name is None:
        return ""
    return f'<tr class="group"><th scope="rowgroup" colspan="{columns}">{escape_html(name)}</th></tr>\n'


def _row_html(record: TableRecord, at: int, classes: tuple[str, ...]) -> str:
    cells = _cells(record, record.rows[at], escape_html, "{}")
    last = record.total and at == len(record.rows) - 1
    opening = '<tr class="total">' if last else "<tr>"
    parts = (
        f'<th scope="row" class="{side}">{cell}</th>' if column == 0 else f'<td class="{side}">{cell}</td>'
        for column, (cell, side) in enumerate(zip(cells, classes, strict=True))
    )
    return f"{opening}{''.join(parts)}</tr>\n"


def _cells(
    record: TableRecord, row: tuple[str, ...], escape: Callable[[str], str], holder: str
) -> Iterable[str]:
    """Return the cells escaped; keys of the bibliography between marks that pandoc's filter finds."""
    for at, text in enumerate(row):
        keys = citation_keys(text) if at in record.cited else ()
        yield holder.format(f"{CITE_OPEN}{';'.join(keys)}{CITE_CLOSE}") if keys else escape(text)


def _columns_html(record: TableRecord) -> str:
    """Return widths for the columns that have a relative width: a column of mean weight gets 17 rem."""
    given = [width for width in record.widths if width is not None]
    if not given:
        return ""
    scale = _LONG_REM * len(given) / sum(given)
    columns = (
        "<col>" if width is None else f'<col style="width:{max(6.0, width * scale):.1f}rem">'
        for width in record.widths
    )
    return f"<colgroup>{''.join(columns)}</colgroup>"


def _classes(record: TableRecord) -> tuple[str, ...]:
    """Return the CSS classes of each column: its side, and whether its text is long or short."""
    lengths = [max((len(row[at]) for row in record.rows), default=0) for at in range(len(record.columns))]
    return tuple(
        side + ("" if width is not None or _SHORT < size <= _LONG else " long" if size > _LONG else " short")
        for side, width, size in zip(record.align, record.widths, lengths, strict=True)
    )


def _tuple(items: Iterable[str]) -> str:
    """Return a Typst array; one element needs its comma.

    Examples
    --------
    >>> _tuple(["a"]), _tuple(["a", "b"]), _tuple([])
    ('(a,)', '(a, b)', '()')
    """
    listed = list(items)
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"
