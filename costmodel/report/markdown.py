"""From an executed notebook to one manuscript: its text, its figures and its tables, in their order.

Markdown cells, Markdown outputs and costmodel's own records reach the report; code, printed text, progress
bars and everything else never do. A Markdown cell with the tag ``notebook-only`` stays in the notebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.errors import CostModelError
from costmodel.report.emit import figure_markdown, table_markdown
from costmodel.report.records import HEADLINES_MIME, MIME, FigureRecord, Record, from_payload

NOTEBOOK_ONLY = "notebook-only"

_TITLE = re.compile(r"\A# .*\s*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\Z")


@dataclass(frozen=True)
class Manuscript:
    """What a notebook says, before it is set as HTML or PDF.

    Attributes
    ----------
    parts : tuple of (str or Record)
        Markdown and records, in the notebook's order.
    labels : mapping of str to str
        The label of each record by its id, such as ``{"fig-price": "Figure 1"}``.
    pictures : mapping of str to str
        The PNG of each figure by its id, as base64.
    headlines : tuple of str
        The headline results, for the title page.
    """

    parts: tuple[str | Record, ...]
    labels: Mapping[str, str]
    pictures: Mapping[str, str]
    headlines: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """The figures and tables, in the notebook's order."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    def source(self) -> str:
        """Return Markdown for pandoc, with an empty named block where each record stands."""
        return _joined(
            part if isinstance(part, str) else f"::: {{#{part.id} .costmodel-record}}\n:::"
            for part in self.parts
        )

    def readable(self) -> str:
        """Return Markdown for people: tables as pipe tables, figures as caption and description."""
        texts = [part if isinstance(part, str) else self._record(part) for part in self.parts]
        return _joined([_TITLE.sub("", texts[0]), *texts[1:]])

    def _record(self, record: Record) -> str:
        emitter: Any = figure_markdown if isinstance(record, FigureRecord) else table_markdown
        text: str = emitter(record, self.labels[record.id])
        return text


def read_notebook(notebook: Any) -> Any:
    """Return a notebook node: ``notebook`` itself, or the node read from the file of that name.

    Raises
    ------
    CostModelError
        When there is no such file, or it is not a notebook.
    """
    if isinstance(notebook, Mapping):
        return notebook
    import nbformat

    path = Path(notebook)
    if not path.is_file():
        raise CostModelError(f"there is no notebook {path}")
    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (ValueError, AttributeError, nbformat.ValidationError) as error:
        raise CostModelError(f"{path} is not a Jupyter notebook: {error}") from error


def gather(notebook: Any) -> Manuscript:
    r"""Return the manuscript of an executed notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        A notebook that ran to its end.

    Raises
    ------
    CostModelError
        When a cell failed, when no cell was run, when two records share an id, or when there is no text.

    Examples
    --------
    >>> cell = {"cell_type": "markdown", "source": "## Methods", "metadata": {}}
    >>> gather({"cells": [cell]}).source()
    '## Methods\n'
    """
    cells = list(notebook["cells"])
    _check_executed(cells)
    parts: list[str | Record] = []
    pictures: dict[str, str] = {}
    headlines: list[str] = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            parts += _text_of(cell)
        for data in _outputs(cell):
            if HEADLINES_MIME in data:
                headlines += map(str, data[HEADLINES_MIME])
                continue
            part = from_payload(data[MIME]) if MIME in data else str(data["text/markdown"])
            parts.append(part)
            if isinstance(part, FigureRecord):
                pictures[part.id] = _picture(data, part.id)
    if not parts:
        raise CostModelError("the notebook has no text, figure or table to report")
    return Manuscript(tuple(parts), _labels(parts), pictures, tuple(headlines))


def _text_of(cell: Any) -> list[str]:
    tags = cell.get("metadata", {}).get("tags", [])
    text = str(cell["source"]).strip()
    return [text] if text and NOTEBOOK_ONLY not in tags else []


def _outputs(cell: Any) -> Iterator[Mapping[str, Any]]:
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if MIME in data or "text/markdown" in data:
            yield data


def _picture(data: Mapping[str, Any], name: str) -> str:
    png = "".join(str(data.get("image/png", "")).split())
    if not _BASE64.match(png):
        raise CostModelError(f"{name}: the notebook holds no PNG of the figure; run the notebook again")
    return png


def _check_executed(cells: list[Any]) -> None:
    code = [cell for cell in cells if cell["cell_type"] == "code" and str(cell["source"]).strip()]
    for number, cell in enumerate(cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                raise CostModelError(
                    f"cell {number} failed when the notebook ran: {output.get('ename')}: "
                    f"{output.get('evalue')}; a report is made of a notebook that ran to its end"
                )
    if code and not any(cell.get("execution_count") for cell in code):
        raise CostModelError("the notebook has not been run; execute it first, then render the result")


def _labels(parts: list[str | Record]) -> dict[str, str]:
    labels: dict[str, str] = {}
    counts = {"Figure": 0, "Table": 0}
    for part in parts:
        if isinstance(part, str):
            continue
        if part.id in labels:
            raise CostModelError(f"'{part.id}' names two figures or tables; give each an id of its own")
        kind = "Figure" if isinstance(part, FigureRecord) else "Table"
        counts[kind] += 1
        labels[part.id] = f"{kind} {counts[kind]}"
    return labels


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
