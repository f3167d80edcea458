"""The manifest of a table: the files it was read from. What it does not name is not in the store.

It is written last, and by a rename, so that an import is there whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from costmodel.errors import CostModelError
from costmodel.files import write_atomic
from costmodel.prices.store.location import table_folder

FORMAT = 1
_NAME = "manifest.json"

Kind = Literal["price", "spending", "reference"]


@dataclass(frozen=True)
class StoredFile:
    """One file that was added, and its provenance.

    Parameters
    ----------
    sha256, name, bytes : str, str, int
        Of the file as it was added.
    layout, version : str
        The layout by which it was read, and the version of costmodel that did.
    added : str
        When, UTC.
    rows : int
        Rows read from it.
    repeated : int
        Rows among them that a file added earlier has too; they are counted once.
    unparsed, rejected : int
        Rows that do not say what they price, and rows with faults that were set aside.
    first, last : str
        The earliest and the latest date (of the list, or of the period), ISO; blank where there is none.
    molecules : mapping of str to list of str
        Names that were read as names of a molecule.
    part, unparsed_part, rejects_part : str
        The Parquet files, by name; blank where there are no such rows.
    fetched : mapping
        What is known of the download: address, day, checksum.
    """

    sha256: str
    name: str
    bytes: int
    layout: str
    version: str
    added: str
    rows: int
    repeated: int
    unparsed: int
    rejected: int
    first: str
    last: str
    part: str
    unparsed_part: str = ""
    rejects_part: str = ""
    molecules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fetched: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The Parquet files that belong to it."""
        return [one for one in (self.part, self.unparsed_part, self.rejects_part) if one]

    @property
    def label(self) -> str:
        """The file as results name it."""
        return f"{self.name} sha256:{self.sha256[:12]}"


@dataclass(frozen=True)
class Manifest:
    """The files of one table, in the order in which they were added."""

    dataset: str
    kind: Kind
    files: tuple[StoredFile, ...]

    @property
    def rows(self) -> int:
        """The rows that a query sees."""
        return sum(one.rows - one.repeated for one in self.files)


def read_manifest(store: Path, dataset: str) -> Manifest | None:
    """Return the manifest of a table, or None where the store has none.

    Raises
    ------
    CostModelError
        The manifest is damaged, or of a later version of costmodel.
    """
    path = table_folder(store, dataset) / _NAME
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise CostModelError(f"{path} is of format {found['format']}; this costmodel reads {FORMAT}")
        files = tuple(StoredFile(**one) for one in found["files"])
        _check_names(files)
        return Manifest(found["dataset"], found["kind"], files)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as problem:
        raise CostModelError(
            f"{path} is damaged ({problem!r}); delete its folder and add the files again"
        ) from None


def _check_names(files: Sequence[StoredFile]) -> None:
    for part in (part for one in files for part in one.parts):
        if Path(part).name != part:
            raise ValueError(part)


def write_manifest(store: Path, manifest: Manifest) -> None:
    """Put a manifest in place; from then on it is what the table holds."""
    content = {"format": FORMAT, **asdict(manifest)}
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_atomic(table_folder(store, manifest.dataset) / _NAME, text)


def datasets(store: Path) -> list[str]:
    """Return the ids of the tables of a store."""
    root = store / "tables"
    return sorted(path.parent.relative_to(root).as_posix() for path in root.rglob(_NAME))


def sweep(store: Path) -> None:
    """Delete what no manifest names: the leftovers of an import that was killed."""
    named = set()
    for dataset in datasets(store):
        folder, manifest = table_folder(store, dataset), read_manifest(store, dataset)
        named |= {folder / _NAME}
        named |= {folder / part for one in (manifest.files if manifest else ()) for part in one.parts}
    for path in (store / "tables").rglob("*"):
        if path.is_file() and path not in named and path.suffix in (".parquet", ".part"):
            path.unlink()
