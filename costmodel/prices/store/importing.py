"""Adding a file to the store: once, whole, and with its provenance; or not at all, and why."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from costmodel.checks import one_of
from costmodel.errors import CostModelError, DataError, Fault
from costmodel.files import sha256
from costmodel.prices.official.engine import Scan, scan
from costmodel.prices.official.layout import Layout
from costmodel.prices.official.recognition import layout as layout_of
from costmodel.prices.official.recognition import recognise
from costmodel.prices.store.location import store_folder, table_folder, writing
from costmodel.prices.store.manifest import Kind, Manifest, StoredFile, read_manifest, write_manifest
from costmodel.prices.store.molecules import renamed
from costmodel.prices.store.overlap import count_repeated, date_range, note_contradictions
from costmodel.prices.store.rejects import set_aside, without
from costmodel.prices.store.sql import connect
from costmodel.prices.store.writing import write_sorted

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

OnFault = Literal["refuse", "set_aside"]
_CHOICES = ("refuse", "set_aside")
_STEPS = 5


@dataclass(frozen=True)
class Added:
    """What adding a file did.

    Parameters
    ----------
    dataset : str
        The id of the table.
    file : StoredFile
        The file as the store knows it: rows, counts, provenance.
    new : int
        Rows that the table did not have before.
    already : bool
        Whether the store had this very file, so that nothing was done.
    seconds : float
    items : tuple of Fault
        The faults of rows set aside; of each kind the first hundred.
    """

    dataset: str
    file: StoredFile
    new: int
    already: bool
    seconds: float
    items: tuple[Fault, ...] = ()

    @property
    def rows(self) -> int:
        """Rows read from the file."""
        return self.file.rows

    @property
    def rejected(self) -> int:
        """Rows set aside because of faults."""
        return self.file.rejected

    @property
    def faults(self) -> pd.DataFrame:
        """One row per fault: ``file, row, column, rule, found, remedy``."""
        return DataError("", self.items).faults

    def __str__(self) -> str:
        one = self.file
        if self.already:
            return f"{self.dataset}: {one.name} was added on {one.added[:10]}; nothing was done"
        said = [f"{one.rows:,} rows", f"{self.new:,} of them new"]
        said += [f"{one.unparsed:,} unparsed"] if one.unparsed else []
        said += [f"{one.rejected:,} set aside because of faults"] if one.rejected else []
        return f"{self.dataset}: {one.name} added: {', '.join(said)} ({self.seconds:.3g} s)"


def add_file(
    path: Path | str,
    *,
    dataset: str | None = None,
    layout: str | Layout | None = None,
    molecules: Mapping[str, Sequence[str]] | None = None,
    store: Path | str | None = None,
    on_fault: OnFault = "refuse",
    memory_limit: str = "3GB",
    progress: bool = True,
    wait: float = 3600.0,
) -> Added:
    """Read an official file of any size into the local store.

    The same file twice changes nothing. An import that is stopped, however it is stopped, leaves the
    store as it was. Two files of one table may overlap: what both say is counted once.

    Parameters
    ----------
    path : path
        A file as its publisher releases it; see :func:`costmodel.prices.read_official`.
    dataset : str, optional
        The id of the table; the catalogue's for this layout when it is left out.
    layout : str or Layout, optional
        Recognised by the header when it is left out.
    molecules : mapping of str to sequence of str, optional
        Names, generic and brand, by which molecules go: a row whose molecule is one of them, or begins
        with one in whole words, gets the molecule's name, ``{"clonazepam": ["klonopin"]}``. All rows
        are kept.
    store : path, optional
        The folder of the store; see :func:`store_folder`.
    on_fault : {"refuse", "set_aside"}
        Refuse a file with faults, with all of them; or keep its faulty rows apart, with the reason.
    memory_limit : str
        What DuckDB may use, as it writes it; the rest goes to temporary files in the store.
    progress : bool
        Show what is being done.
    wait : float
        Seconds to wait while another process writes to the store.

    Returns
    -------
    Added

    Raises
    ------
    CostModelError
        The file is missing, is of no known layout, or the store is in use.
    DataError
        The file has faults, or contradicts one added before; the error holds them all.
    """
    one_of(on_fault, _CHOICES, "on_fault")
    start, file = time.perf_counter(), Path(path)
    if not file.is_file():
        raise CostModelError(f"{file} does not exist or is no file; check the path")
    known = layout_of(layout) if isinstance(layout, str) else layout or recognise(file)
    table = dataset or default_dataset(known)
    root = store_folder(store)
    table_folder(root, table)
    with _steps(file.name, progress=progress) as step:
        step("checksum")
        content = sha256(file)
        with writing(root, wait=wait) as work:
            manifest = _checked(read_manifest(root, table), known, table)
            same = [one for one in manifest.files if one.sha256 == content]
            if same:
                _check_same(same[0], molecules)
                return Added(table, same[0], 0, already=True, seconds=time.perf_counter() - start)
            job = _Job(root, work, manifest, file, content, known, molecules, on_fault)
            with connect(work, memory_limit) as connection:
                added, items = _import(job, connection, step)
            write_manifest(root, replace(manifest, files=(*manifest.files, added)))
    new = added.rows - added.repeated
    return Added(table, added, new, already=False, seconds=time.perf_counter() - start, items=items)


def default_dataset(layout: Layout) -> str:
    """Return the id under which the catalogue knows files of a layout."""
    from costmodel.prices.fetching.catalogue import catalogue

    table = catalogue()
    names = table.loc[table["layout"] == layout.name, "name"]
    if len(names) != 1:
        raise CostModelError(f"a {layout.title} has no table of its own; say which with dataset, as us/nadac")
    return str(names.item())


@dataclass(frozen=True)
class _Job:
    root: Path
    work: Path
    manifest: Manifest
    file: Path
    sha256: str
    layout: Layout
    molecules: Mapping[str, Sequence[str]] | None
    on_fault: OnFault


def _checked(manifest: Manifest | None, layout: Layout, dataset: str) -> Manifest:
    kind: Kind = layout.kind
    if manifest is not None and manifest.kind != kind:
        raise CostModelError(
            f"{dataset} holds rows of {manifest.kind}, and a {layout.title} has rows of {kind}; "
            "give it another dataset"
        )
    return manifest or Manifest(dataset, kind, ())


def _check_same(one: StoredFile, molecules: Mapping[str, Sequence[str]] | None) -> None:
    before = {key: list(names) for key, names in one.molecules.items()}
    if before != {key: list(names) for key, names in (molecules or {}).items()}:
        raise CostModelError(
            f"{one.name} was added with molecules={before}; remove it first to read it with other names"
        )


def _import(
    job: _Job, connection: duckdb.DuckDBPyConnection, step: Any
) -> tuple[StoredFile, tuple[Fault, ...]]:
    stem = job.sha256[:16]
    about = {"dataset": job.manifest.dataset, "file": job.file.name, "sha256": job.sha256}
    paths = {kind: job.work / f"{stem}{kind}.parquet" for kind in ("", "-unparsed", "-rejects")}
    step("reading")
    with scan(job.file, job.layout, connection=connection, folder=job.work) as found:
        items, rejects = _faults(job, found)
        rows_sql, unparsed_sql = found.sql, found.unparsed_sql
        if rejects:
            rows_sql, unparsed_sql = without(rows_sql), without(unparsed_sql)
        step("sorting")
        rows_sql = renamed(connection, rows_sql, job.molecules, layout=job.layout.name, file=job.file.name)
        unparsed_sql = renamed(connection, unparsed_sql, job.molecules, layout=job.layout.name)
        counts = {"": write_sorted(connection, rows_sql, paths[""], about).rows}
        counts["-unparsed"] = write_sorted(connection, unparsed_sql, paths["-unparsed"], about).rows
        counts["-rejects"] = 0
        if rejects:
            counts["-rejects"] = write_sorted(connection, rejects, paths["-rejects"], about).rows
    step("comparing")
    kind, folder = job.manifest.kind, table_folder(job.root, job.manifest.dataset)
    first, last = date_range(connection, kind, paths[""])
    earlier = [(one, folder / one.part) for one in job.manifest.files if _overlap(one, first, last)]
    faults = note_contradictions(connection, kind, paths[""], earlier, job.file.name)
    faults.raise_if_any(f"{job.file.name} contradicts what the store has in {job.manifest.dataset}")
    repeated = count_repeated(connection, kind, paths[""], [part for _, part in earlier])
    step("keeping")
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        part: path.replace(folder / path.name).name
        for part, path in paths.items()
        if part == "" or counts[part]
    }
    return StoredFile(
        sha256=job.sha256,
        name=job.file.name,
        bytes=job.file.stat().st_size,
        layout=job.layout.name,
        version=_version(),
        added=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=counts[""],
        repeated=repeated,
        unparsed=counts["-unparsed"],
        rejected=counts["-rejects"],
        first=first,
        last=last,
        part=kept[""],
        unparsed_part=kept.get("-unparsed", ""),
        rejects_part=kept.get("-rejects", ""),
        molecules={key: list(names) for key, names in (job.molecules or {}).items()},
        fetched=_fetched(job.file, job.sha256),
    ), items


def _faults(job: _Job, found: Scan) -> tuple[tuple[Fault, ...], str]:
    """Return the faults and SQL of the rows set aside; raise them where the file is to be refused."""
    if not len(found.faults):
        return (), ""
    if job.on_fault == "refuse":
        raise DataError(
            f"{job.file.name} was not added, because it has faults; on_fault='set_aside' (--set-aside) "
            "keeps the rows with faults apart",
            found.faults,
        )
    return tuple(found.faults), set_aside(found)


def _overlap(one: StoredFile, first: str, last: str) -> bool:
    return not (one.last < first or last < one.first)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("costmodel")
    except PackageNotFoundError:
        return ""


def _fetched(file: Path, content: str) -> dict[str, Any]:
    """Return the provenance that fetching kept beside the file, where it is of this very file."""
    from costmodel.prices.fetching.fetch import provenance_file

    try:
        noted = json.loads(provenance_file(file).read_text("utf-8"))
        same = noted["sha256"] == content
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    keys = ("name", "address", "url", "fetched", "download_sha256", "member", "publisher", "licence")
    return {key: noted[key] for key in keys if noted.get(key)} if same else {}


class _steps:  # noqa: N801 (used as a function)
    """Shows which step an import has reached."""

    def __init__(self, label: str, *, progress: bool) -> None:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]

        form = "{desc}: {n_fmt}/{total_fmt} [{elapsed}]"
        self.label = label
        self.bar = tqdm(total=_STEPS, desc=label, bar_format=form, disable=not progress, leave=False)

    def __enter__(self) -> Any:
        return self._step

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def _step(self, what: str) -> None:
        self.bar.set_description(f"{self.label}: {what}")
        self.bar.update(1)
