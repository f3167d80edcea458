"""From a study to its report: run the report's notebook, then write HTML and PDF."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from costmodel.checks import one_of
from costmodel.datasets import bundle
from costmodel.report.document import FORMATS, render
from costmodel.report.execution import execute
from costmodel.report.findings import scenario_label
from costmodel.report.metadata import ReportMetadata
from costmodel.study import Study, read_study


@dataclass(frozen=True)
class Built:
    """A report that has been written.

    Parameters
    ----------
    paths : tuple of Path
    headlines : tuple of str
        The headline results, as sentences.
    """

    paths: tuple[Path, ...]
    headlines: tuple[str, ...]


def build_report(
    study: str | Path,
    *,
    out_dir: Path | str | None = None,
    scenario: str | None = None,
    formats: Sequence[str] = ("html", "pdf"),
    progress: bool = True,
) -> Built:
    """Run a study's report and write ``report.html`` and ``report.pdf``.

    A study may bring its own ``report.ipynb``; otherwise the bundled one is used. No report is written unless
    everything could be made; when a cell fails, the notebook is kept as ``report.failed.ipynb``.

    Parameters
    ----------
    study : str or Path
        A study folder, or the name of a bundled study.
    out_dir : Path or str, optional
        ``build/STUDY`` if left out.
    scenario : str, optional
        A scenario of the study; the base case if left out.
    formats : sequence of {"html", "pdf", "md"}
    progress : bool
        Whether to say on standard error what is being done.

    Returns
    -------
    Built

    Raises
    ------
    CostModelError
        The study cannot be used, a cell of the notebook fails, or the text cites what is not there.
    """
    wanted = [form for form in FORMATS if form in formats]
    for form in formats:
        one_of(form, FORMATS, "format of a report")
    say = _Progress(progress)
    say("Reading and checking the study")
    read = read_study(study)
    metadata = _metadata(read, scenario)
    own = read.folder / "report.ipynb"
    notebook = own if own.is_file() else bundle("notebooks") / "report.ipynb"
    folder = Path(out_dir) if out_dir is not None else Path("build") / read.name
    kept = folder / "report.failed.ipynb"
    say(f"Running {notebook.name}")
    executed = execute(
        notebook,
        parameters={"study": str(read.folder), "scenario": scenario or ""},
        progress=progress,
        out=kept,
    )
    kept.unlink()
    say(f"Writing {' and '.join(wanted)}")
    references = read.folder / "references.bib"
    rendered = render(
        executed,
        out_dir=folder,
        metadata=metadata,
        bibliography=references if references.is_file() else None,
        formats=wanted,
    )
    say("Done")
    return Built(tuple(rendered.paths.values()), rendered.headlines)


def _metadata(study: Study, scenario: str | None) -> ReportMetadata:
    study.model(scenario)
    spec = study.spec
    subtitle = spec.report.subtitle
    if scenario:
        subtitle = f"{subtitle} Scenario: {scenario_label(study, scenario)}".strip()
    return ReportMetadata(
        title=spec.title,
        subtitle=subtitle,
        authors=spec.report.authors,
        date=spec.report.date or dt.datetime.now(tz=dt.UTC).date().isoformat(),
        description=spec.question,
        keywords=(spec.jurisdiction,) if spec.jurisdiction else (),
    )


class _Progress:
    """Says on standard error what is being done, with the seconds since the start."""

    def __init__(self, active: bool) -> None:  # noqa: FBT001 - private
        self._active = active
        self._start = time.perf_counter()

    def __call__(self, what: str) -> None:
        if self._active:
            sys.stderr.write(f"[{time.perf_counter() - self._start:5.1f} s] {what}\n")
            sys.stderr.flush()
