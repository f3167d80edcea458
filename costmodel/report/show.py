"""What a notebook's cell calls: a figure, a table or text, shown in Jupyter and handed to the report."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costmodel.errors import CostModelError
from costmodel.report.records import HEADLINES_MIME, MIME, Align, FigureRecord, to_payload
from costmodel.report.text import escape_markdown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from costmodel.report.frames import Format

DPI = 200


def show_figure(fig: Figure, *, id: str, caption: str, alt: str) -> None:  # noqa: A002
    """Show a matplotlib figure in the notebook and hand it to the report.

    The figure is closed, so that Jupyter does not show it a second time. It is saved in the same way on
    every machine: equal figures give equal bytes.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure, drawn inside :func:`costmodel.report.use_style`.
    id : str
        ``fig-`` and a name of small letters, digits and hyphens. The text refers to it as ``@fig-name``.
    caption : str
        Plain text below the figure, without its number.
    alt : str
        What a reader who cannot see the figure needs to be told: its kind, its axes and its message.

    Raises
    ------
    CostModelError
        When the id is not of that form, or when caption or alternative text is empty.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> fig = Figure(figsize=(3, 2))
    >>> line = fig.subplots().plot([0, 1], [1, 2])
    >>> show_figure(fig, id="fig-rise", caption="A rise", alt="A line that rises from 1 to 2.")
    Figure fig-rise: A rise
    """
    png, svg = _saved(fig)
    width, height = (int.from_bytes(png[at : at + 4], "big") / DPI for at in (16, 20))
    record = FigureRecord(id=id, caption=caption, alt=alt, svg=svg, width=width, height=height)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
    _display(
        {
            "image/png": base64.b64encode(png).decode("ascii"),
            MIME: to_payload(record),
            "text/plain": f"Figure {id}: {caption}",
        },
        {"image/png": {"alt": alt, "width": round(width * 96)}},
    )


def show_table(
    frame: pd.DataFrame,
    *,
    id: str,  # noqa: A002
    caption: str,
    formats: Mapping[str, Format] | None = None,
    note: str = "",
    align: Mapping[str, Align] | None = None,
    widths: Mapping[str, float] | None = None,
    group: str | None = None,
    cite: str | Collection[str] = (),
    total: bool = False,
) -> None:
    """Show a table in the notebook and hand it to the report.

    Text from the table is shown literally, whatever marks it holds; a missing cell is shown as an en dash.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; its columns' names are the headers. An index with a name becomes leading columns.
    id : str
        ``tbl-`` and a name of small letters, digits and hyphens. The text refers to it as ``@tbl-name``.
    caption : str
        Plain text above the table, without its number.
    formats : mapping of column to format, optional
        Python's format specifications (``",.0f"``, ``".1%"``) or functions such as ``money(2)``.
        Without one, numbers keep four significant digits and never lose whole units.
    note : str, optional
        Plain text below the table: units, sources, what a dash means.
    align : mapping of column to {"left", "right", "center"}, optional
        By default numbers stand to the right and everything else to the left.
    widths : mapping of column to float, optional
        Relative widths of columns of long text, which wraps; ``{"Source": 2, "Note": 1}``.
    group : str, optional
        A column that is shown as headings over the rows that share its value; those must stand together.
    cite : str or collection of str, optional
        Columns of bibliography keys (several separated by semicolons), shown as numbered references.
    total : bool, default False
        Whether the last row is a sum of the others, to be set off.

    Raises
    ------
    CostModelError
        When an option names a column that is not there (with the nearest spelling), or a cell is infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"Segment": ["Adults", "Children"], "Cost per year": [1234.5, 99]})
    >>> show_table(frame, id="tbl-cost", caption="Cost", formats={"Cost per year": ",.0f"})
    Table tbl-cost: Cost
    Segment  | Cost per year
    Adults   |         1,234
    Children |            99
    """
    from costmodel.report.frames import table_record
    from costmodel.report.preview import table_for_notebook, table_plain

    record = table_record(
        frame,
        id=id,
        caption=caption,
        formats=formats,
        note=note,
        align=align,
        widths=widths,
        group=group,
        cite=cite,
        total=total,
    )
    data = {
        "text/html": table_for_notebook(record),
        MIME: to_payload(record),
        "text/plain": table_plain(record),
    }
    _display(data, {})


def show_text(markdown: str) -> None:
    """Show Markdown in the notebook and hand it to the report.

    Parameters
    ----------
    markdown : str
        Markdown, as in a Markdown cell: ``$maths$``, ``[@key]``, ``@fig-name``, ``[^note]``. Text that
        comes from data goes through :func:`costmodel.report.escape_markdown` first.

    Examples
    --------
    >>> show_text("The brand costs **12** times as much.")
    The brand costs **12** times as much.
    """
    if not markdown.strip():
        raise CostModelError("show_text was given no text")
    _display({"text/markdown": markdown, "text/plain": markdown}, {})


def show_headlines(sentences: Sequence[str]) -> None:
    """Show the headline results in the notebook and hand them to the report's title page.

    Parameters
    ----------
    sentences : sequence of str
        Short sentences in plain text, the most important first.

    Raises
    ------
    CostModelError
        There is no sentence, or one is empty.

    Examples
    --------
    >>> show_headlines(["The brand costs 110 times as much.", "The generic saves 1,541 a year."])
    - The brand costs 110 times as much.
    - The generic saves 1,541 a year.
    """
    if isinstance(sentences, str) or not sentences or not all(one.strip() for one in sentences):
        raise CostModelError("show_headlines needs a list of sentences, none of them empty")
    plain = "\n".join(f"- {one}" for one in sentences)
    shown = "\n".join(f"- {escape_markdown(one)}" for one in sentences)
    _display({"text/markdown": shown, HEADLINES_MIME: list(sentences), "text/plain": plain}, {})


def _saved(fig: Figure) -> tuple[bytes, str]:
    """Return the figure as PNG and as SVG, free of dates and of random identifiers."""
    import matplotlib as mpl

    from costmodel.report.style import SAVING

    settings: Any = SAVING
    png, svg = io.BytesIO(), io.BytesIO()
    common: dict[str, Any] = {"facecolor": "white", "bbox_inches": "tight", "pad_inches": 0.04}
    with mpl.rc_context(settings):
        fig.savefig(png, format="png", dpi=DPI, metadata={"Software": None}, **common)
        fig.savefig(svg, format="svg", metadata={"Date": None, "Creator": None}, **common)
    return png.getvalue(), svg.getvalue().decode("utf-8")


def _display(data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Hand a bundle of outputs to Jupyter; outside Jupyter, print its plain text."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        print(data["text/plain"])  # noqa: T201
        return
    from IPython.display import display

    display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
