"""The bundled tables: where they are, what they mean, and whether they are still what was described.

A folder below the data root holds tidy CSV tables and one ``datapackage.json`` (Frictionless Data Package)
that states each table's source, licence, date, columns, units, hash and known faults. A table's id is its
path below the root without ``.csv``; a first part ``prices`` is left out: ``us/nadac`` is
``data/prices/us/nadac.csv``. The folder ``studies`` holds studies, which describe themselves.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, DataError, Fault, Faults
from costmodel.files import sha256, write_atomic
from costmodel.tables import Column, Kind, read_csv, typed

if TYPE_CHECKING:
    import pandas as pd

_PACKAGE = "datapackage.json"
_ID = re.compile(r"[A-Za-z0-9][\w-]*(/[A-Za-z0-9][\w-]*)*\Z", re.ASCII)
_KINDS: Mapping[str, Kind] = {"number": "number", "integer": "integer", "date": "date"}
_REMEDY = "restore the file; if the change is meant, run costmodel.datasets.update_hashes"


@dataclass(frozen=True)
class TableInfo:
    """What is stated of a table: among it, ``units`` by number column and meanings by column."""

    id: str
    title: str
    description: str
    source: str
    licence: str
    as_of: str
    rows: int
    units: Mapping[str, str]
    columns: Mapping[str, str]
    known_faults: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CheckReport:
    """What a check found: ``items``, and ``tables`` with columns ``id, rows, flagged_rows, faults``."""

    items: tuple[Fault, ...]
    tables: pd.DataFrame

    @property
    def ok(self) -> bool:
        """Whether no fault was found."""
        return not self.items

    @property
    def faults(self) -> pd.DataFrame:
        """One row per fault: ``file, row, column, rule, found, remedy``."""
        return DataError("", self.items).faults

    def __str__(self) -> str:
        rows, flagged = int(self.tables["rows"].sum()), int(self.tables["flagged_rows"].sum())
        head = f"{len(self.tables)} tables, {rows} rows of which {flagged} flagged"
        return f"{head}: no fault" if self.ok else str(DataError(head, self.items))


@dataclass(frozen=True)
class _Table:
    id: str
    path: Path
    about: Mapping[str, Any]

    @property
    def fields(self) -> list[dict[str, Any]]:
        return list(self.about.get("schema", {}).get("fields", []))

    @property
    def licence(self) -> str:
        return "; ".join(one.get("title") or one.get("name", "") for one in self.about.get("licenses", []))

    def counts(self) -> tuple[int, int]:
        """Return the number of rows, and of rows whose ``flag`` states a fault."""
        rows = read_csv(self.path).records()
        return len(rows), sum(bool(row.get("flag")) for row in rows)


def data_root() -> Path:
    """Return the folder of the bundled tables: ``COSTMODEL_DATA``, else ``bundle("data")``.

    Raises
    ------
    CostModelError
        There is no such folder; the message says where it was looked for.

    Examples
    --------
    >>> (data_root() / "prices" / "datapackage.json").is_file()
    True
    """
    named = os.environ.get("COSTMODEL_DATA", "")
    if named and not Path(named).is_dir():
        raise CostModelError(f"COSTMODEL_DATA names '{named}', which is no folder; correct it or unset it")
    return Path(named) if named else bundle("data")


def bundle(name: str) -> Path:
    """Return a folder that comes with costmodel (``data``, ``notebooks``): the checkout's, else the wheel's.

    Raises
    ------
    CostModelError
        Neither exists; the message says where it was looked for.
    """
    package = Path(__file__).parent
    checkout, bundled = package.parent / name, package / "_bundle" / name
    if checkout.is_dir() and (package.parent / "pyproject.toml").is_file():
        return checkout
    if bundled.is_dir():
        return bundled
    raise CostModelError(
        f"'{name}' was found neither at {checkout} nor at {bundled}; install costmodel again"
    )


def dataset_path(table_id: str, *, study: Path | None = None) -> Path:
    """Return the file of a table: the study's own ``tables/<id>.csv`` first, then the bundled one.

    Parameters
    ----------
    table_id : str
        For example ``us/nadac`` (or ``prices/us/nadac``) or ``populations/prevalence_and_use``.
    study : Path, optional
        Folder of a study.

    Raises
    ------
    CostModelError
        No such table; the message names the nearest id.

    Examples
    --------
    >>> dataset_path("us/nadak")
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: table 'us/nadak' is unknown; did you mean 'us/nadac'?
    """
    own = _own(table_id, study)
    return _bundled(table_id).path if own is None else own


def read_dataset(table_id: str, *, study: Path | None = None) -> pd.DataFrame:
    """Read a table, each column typed as its description says.

    Text stays text, so that codes keep their leading zeros; an empty text is ``""``. Numbers are floats,
    integers ``int64`` (``Int64`` where some are missing), dates timestamps. A study's own table is typed by
    ``tables/datapackage.json`` of the study, else by the bundled table of the same id; what neither
    describes is text.

    Raises
    ------
    CostModelError
        No such table.
    DataError
        The file cannot be read, or cells do not have the described type; all faults at once.

    Examples
    --------
    >>> nadac = read_dataset("us/nadac")
    >>> klonopin = nadac[(nadac["class"] == "brand") & (nadac["strength_mg"] == 2)]
    >>> klonopin["product_id"].item(), klonopin["price"].item()
    ('61269062010', 4.26033)
    """
    import pandas as pd

    path, known = dataset_path(table_id, study=study), _described(data_root())
    if study is not None and (Path(study) / "tables" / _PACKAGE).is_file() and path == _own(table_id, study):
        known |= {one.id: one for one in _tables(Path(study) / "tables", "")}
    table = known.get(table_id.removeprefix("prices/"))
    kinds = {one["name"]: _KINDS.get(one.get("type", ""), "text") for one in (table.fields if table else ())}
    raw, faults = read_csv(path), Faults(str(path))
    columns = [Column(name, kinds.get(name, "text")) for name in raw.columns]
    values = typed(raw, columns, faults)
    faults.raise_if_any(f"{table_id} cannot be read as described")
    return pd.DataFrame({one.name: _series(values[one.name], one.kind) for one in columns})


def describe(table_id: str) -> TableInfo:
    """Return what is stated of a bundled table.

    Examples
    --------
    >>> info = describe("us/nadac")
    >>> info.rows, info.as_of, info.units["price"]
    (85, '2026-04-29', 'USD per pack')
    """
    table = _bundled(table_id)
    keys = ("title", "path", "readThrough")
    sources = ["; ".join(one[key] for key in keys if key in one) for one in table.about.get("sources", [])]
    return TableInfo(
        id=table.id,
        title=table.about.get("title", ""),
        description=table.about.get("description", ""),
        source="\n".join(sources),
        licence=table.licence,
        as_of=table.about.get("asOf", ""),
        rows=table.counts()[0],
        units={one["name"]: one["unit"] for one in table.fields if "unit" in one},
        columns={one["name"]: one.get("description", "") for one in table.fields},
        known_faults=tuple(table.about.get("knownFaults", ())),
    )


def list_datasets() -> pd.DataFrame:
    """Return one row per bundled table: ``id, title, rows, as_of, licence, flagged_rows``."""
    import pandas as pd

    records = []
    for one in _described(data_root()).values():
        rows, flagged = one.counts()
        records.append((one.id, one.about.get("title"), rows, one.about.get("asOf"), one.licence, flagged))
    return pd.DataFrame(records, columns=["id", "title", "rows", "as_of", "licence", "flagged_rows"])


def check_datasets(root: Path | None = None) -> CheckReport:
    """Check every table below ``root`` (:func:`data_root` by default) against its description.

    Types, required values, ranges, choices, patterns and keys are checked by ``frictionless``; then hash and
    size, a unit for every number column, files that are missing, and files that nothing describes.
    """
    import pandas as pd

    faults, records = Faults(), []
    for folder in _folders(data_root() if root is None else Path(root)):
        try:
            tables, found = _tables(folder, folder.name), _content_faults(folder)
        except CostModelError as problem:
            faults.add("must hold a valid datapackage.json", file=str(folder), found=problem)
            continue
        faults.extend(_stray_files(folder, tables))
        for table in tables:
            own = [*_file_faults(table), *found.get(str(table.path), [])]
            faults.extend(own)
            try:
                rows, flagged = table.counts()
            except CostModelError:
                rows, flagged = 0, 0
            records.append((table.id, rows, flagged, len(own)))
    return CheckReport(tuple(faults), pd.DataFrame(records, columns=["id", "rows", "flagged_rows", "faults"]))


def update_hashes(root: Path | None = None) -> list[str]:
    """Write the present hash and size of every table into its ``datapackage.json``; return what changed.

    For maintainers, after a change of a table that is meant. It brings only the bytes up to date: the date,
    the sources and the known faults of the description are yours to correct.
    """
    changed: list[str] = []
    for folder in _folders(data_root() if root is None else Path(root)):
        tables, before = _tables(folder, folder.name), len(changed)
        package = json.loads((folder / _PACKAGE).read_text("utf-8"))
        for table, about in zip(tables, package["resources"], strict=True):
            stated = {"hash": f"sha256:{sha256(table.path)}", "bytes": table.path.stat().st_size}
            if stated != {key: about.get(key) for key in stated}:
                about.update(stated)
                changed.append(table.id)
        if len(changed) > before:
            write_atomic(folder / _PACKAGE, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    return changed


def _own(table_id: str, study: Path | None) -> Path | None:
    path = Path(study or "") / "tables" / f"{table_id}.csv"
    return path if study is not None and _ID.match(table_id) and path.is_file() else None


def _bundled(table_id: str) -> _Table:
    known = _described(data_root())
    table = known.get(table_id.removeprefix("prices/"))
    if table is None:
        raise CostModelError(f"table '{table_id}' is unknown; {did_you_mean(table_id, list(known))}")
    return table


def _described(root: Path) -> dict[str, _Table]:
    folders = [folder for folder in _folders(root) if (folder / _PACKAGE).is_file()]
    return {table.id: table for folder in folders for table in _tables(folder, folder.name)}


def _folders(root: Path) -> list[Path]:
    return sorted(one for one in root.iterdir() if one.is_dir() and not re.match(r"[._]|studies\Z", one.name))


def _tables(folder: Path, prefix: str) -> list[_Table]:
    file, start = folder / _PACKAGE, "" if prefix in ("", "prices") else f"{prefix}/"
    try:
        resources = json.loads(file.read_text("utf-8"))["resources"]
        return [
            _Table(start + one["path"].removesuffix(".csv"), folder / one["path"], one) for one in resources
        ]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CostModelError(f"{file} cannot be read: {problem!r}") from None


def _series(values: list[Any], kind: Kind) -> pd.Series[Any]:
    import pandas as pd

    if kind == "number":
        return pd.Series(values, dtype="float64")
    if kind == "integer":
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if kind == "date":
        return pd.to_datetime(pd.Series(values, dtype="object"))
    return pd.Series(["" if value is None else value for value in values], dtype="str")


def _stray_files(folder: Path, tables: list[_Table]) -> Iterator[Fault]:
    known = {folder / _PACKAGE, folder / "SOURCES.md", *(table.path for table in tables)}
    for path in sorted(one for one in folder.rglob("[!.]*") if one.is_file() and one not in known):
        yield Fault(str(path), None, "", "must be described", "", f"add it to {_PACKAGE} or remove it")


def _file_faults(table: _Table) -> Iterator[Fault]:
    name, about = str(table.path), table.about
    if not table.path.is_file():
        yield Fault(name, None, "", "is described and must exist", "no such file", "restore the file")
        return
    found: dict[str, Any] = {"hash": f"sha256:{sha256(table.path)}", "bytes": table.path.stat().st_size}
    for key, value in found.items():
        if value != about.get(key):
            yield Fault(name, None, "", f"{key} must be {about.get(key)}", str(value), _REMEDY)
    for one in table.fields:
        if one.get("type") in ("number", "integer") and not one.get("unit"):
            yield Fault(name, None, one["name"], "must state its unit", "", f"add it to {_PACKAGE}")


def _content_faults(folder: Path) -> dict[str, list[Fault]]:
    from frictionless import FrictionlessException, Package

    package = json.loads((folder / _PACKAGE).read_text("utf-8"))
    present = [one for one in package["resources"] if (folder / one["path"]).is_file()]
    drop = ("hash", "bytes")
    package["resources"] = [{key: one[key] for key in one if key not in drop} for one in present]
    try:
        resources = Package.from_descriptor(package, basepath=str(folder)).resources
    except FrictionlessException as problem:
        raise CostModelError(str(problem)) from None
    files = [str(folder / one["path"]) for one in present]
    return {name: _broken_rules(name, one.validate()) for name, one in zip(files, resources, strict=True)}


def _broken_rules(file: str, report: Any) -> list[Fault]:
    faults = []
    for error in [*report.errors, *(error for task in report.tasks for error in task.errors)]:
        row, column = getattr(error, "row_number", None), getattr(error, "field_name", None) or ""
        rule, found = f"{error.title}: {error.note}", str(getattr(error, "cell", ""))
        faults.append(Fault(file, row, column, rule, found, _REMEDY))
    return faults
