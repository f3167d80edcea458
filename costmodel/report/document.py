"""An executed notebook as a report: one HTML file that needs nothing else, and an archival, tagged PDF."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.files import write_atomic
from costmodel.report.emit import figure_html, figure_typst, table_html, table_typst
from costmodel.report.markdown import Manuscript, gather, read_notebook
from costmodel.report.metadata import ReportMetadata
from costmodel.report.pandoc import Source, convert
from costmodel.report.pdf import compile_pdf
from costmodel.report.records import FigureRecord
from costmodel.report.text import escape_markdown

Format = Literal["html", "pdf", "md"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "md")


@dataclass(frozen=True)
class Rendered:
    """The files of a report.

    Attributes
    ----------
    paths : mapping of {"html", "pdf", "md"} to Path
    headlines : tuple of str
        What stands on the title page as key results.
    """

    paths: Mapping[Format, Path]
    headlines: tuple[str, ...] = ()


def render(
    notebook: Any,
    *,
    out_dir: Path | str,
    metadata: ReportMetadata,
    bibliography: Path | str | None = None,
    formats: Sequence[Format] = ("html", "pdf"),
    fonts: Sequence[Path | str] = (),
) -> Rendered:
    """Write the report of an executed notebook: ``report.html``, ``report.pdf``, ``report.md``.

    The same notebook and metadata give the same bytes, on every run. Nothing is fetched from a network.
    Nothing is written unless everything could be made, and no file is ever half written.

    Parameters
    ----------
    notebook : nbformat.NotebookNode or path
        A notebook that ran to its end; see :func:`costmodel.report.execute`.
    out_dir : path
        The folder for the report; it is made when missing.
    metadata : ReportMetadata
        Without a summary of its own, the title page shows the headlines that the notebook hands over.
    bibliography : path, optional
        The sources that the text cites as ``[@key]``: BibTeX, or CSL as JSON or YAML.
    formats : sequence of {"html", "pdf", "md"}
        ``html`` is one self-contained page. ``pdf`` is produced as PDF/UA-1 and PDF/A-2a. ``md`` is the text
        with its tables, for reading differences between two versions.
    fonts : sequence of paths, optional
        Folders of further fonts for the PDF, for scripts that its own fonts lack.

    Returns
    -------
    Rendered
        The path of each file.

    Raises
    ------
    CostModelError
        When the notebook has not been run or a cell failed; when a citation, cross reference or link leads
        nowhere (all are named); when a formula or a character cannot be shown.
    """
    for asked in formats:
        one_of(asked, FORMATS, "format of a report")
    references = None if bibliography is None else Path(bibliography)
    if references is not None and not references.is_file():
        raise CostModelError(f"there is no bibliography {references}")
    manuscript = gather(read_notebook(notebook))
    if not metadata.summary:
        metadata = replace(metadata, summary=manuscript.headlines)
    with tempfile.TemporaryDirectory(prefix="costmodel-report-") as name:
        job = _Job(manuscript, metadata, references, tuple(map(Path, fonts)), Path(name))
        contents = {form: _MAKERS[form](job) for form in dict.fromkeys(formats)}
    folder = Path(out_dir)
    paths = {form: write_atomic(folder / f"report.{form}", made) for form, made in contents.items()}
    return Rendered(paths, tuple(metadata.summary))


@dataclass(frozen=True)
class _Job:
    manuscript: Manuscript
    metadata: ReportMetadata
    bibliography: Path | None
    fonts: tuple[Path, ...]
    folder: Path

    def source(self, records: Mapping[str, str]) -> Source:
        return Source(
            markdown=self.manuscript.source(),
            records=records,
            labels=self.manuscript.labels,
            metadata=_template_fields(self.metadata),
            bibliography=self.bibliography,
        )


def _template_fields(metadata: ReportMetadata) -> dict[str, Any]:
    escaped = {
        "title": escape_markdown(metadata.title),
        "subtitle": escape_markdown(metadata.subtitle),
        "author": [escape_markdown(name) for name in metadata.authors],
        "date": escape_markdown(metadata.date),
        "description": escape_markdown(metadata.description),
        "keywords": [escape_markdown(word) for word in metadata.keywords],
        "summary": [escape_markdown(sentence) for sentence in metadata.summary],
    }
    return {"lang": metadata.language, **{name: value for name, value in escaped.items() if value}}


def _html(job: _Job) -> str:
    manuscript = job.manuscript
    records = {
        record.id: figure_html(record, manuscript.labels[record.id], manuscript.pictures[record.id])
        if isinstance(record, FigureRecord)
        else table_html(record, manuscript.labels[record.id])
        for record in manuscript.records
    }
    return convert(job.source(records), "html", job.folder)


def _pdf(job: _Job) -> bytes:
    labels, records = job.manuscript.labels, {}
    for record in job.manuscript.records:
        if isinstance(record, FigureRecord):
            (job.folder / f"{record.id}.svg").write_text(record.svg, encoding="utf-8")
            records[record.id] = figure_typst(record, labels[record.id], f"{record.id}.svg")
        else:
            records[record.id] = table_typst(record, labels[record.id])
    body = convert(job.source(records), "typst", job.folder)
    return compile_pdf(body, job.metadata, folder=job.folder, fonts=job.fonts)


def _markdown(job: _Job) -> str:
    subtitle = f"\n{escape_markdown(job.metadata.subtitle)}\n" if job.metadata.subtitle else ""
    return f"# {escape_markdown(job.metadata.title)}\n{subtitle}\n{job.manuscript.readable()}"


_MAKERS: dict[Format, Callable[[_Job], str | bytes]] = {"html": _html, "pdf": _pdf, "md": _markdown}
