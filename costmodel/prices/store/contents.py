"""What is in the store, and taking it out again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.prices.store.location import store_folder, table_folder, writing
from costmodel.prices.store.manifest import (
    Manifest,
    StoredFile,
    datasets,
    read_manifest,
    sweep,
    write_manifest,
)
from costmodel.prices.store.overlap import count_repeated
from costmodel.prices.store.sql import connect

if TYPE_CHECKING:
    import pandas as pd

_SHORTEST = 6
_COLUMNS = (
    "dataset",
    "file",
    "rows",
    "repeated",
    "unparsed",
    "rejected",
    "first",
    "last",
    "layout",
    "added",
    "sha256",
    "stored_bytes",
)


def stored(store: Path | str | None = None) -> pd.DataFrame:
    """Return one row per file in the store.

    Returns
    -------
    pandas.DataFrame
        ``dataset, file, rows, repeated, unparsed, rejected, first, last, layout, added, sha256,
        stored_bytes``; ``repeated`` rows are in an earlier file too and are counted once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(stored(folder))
    0
    """
    import pandas as pd

    root, records = store_folder(store), []
    for dataset in datasets(root):
        folder, manifest = table_folder(root, dataset), read_manifest(root, dataset)
        for one in manifest.files if manifest else ():
            size = sum((folder / part).stat().st_size for part in one.parts)
            counts = (one.rows, one.repeated, one.unparsed, one.rejected)
            dates = (one.first, one.last, one.layout, one.added)
            records.append((dataset, one.name, *counts, *dates, one.sha256, size))
    return pd.DataFrame(records, columns=list(_COLUMNS))


def manifest_of(store: Path, dataset: str) -> Manifest:
    """Return the manifest of a table that must be there.

    Raises
    ------
    CostModelError
        It is not; names the nearest.
    """
    manifest = read_manifest(store, dataset)
    if manifest is None:
        near = did_you_mean(dataset, datasets(store))
        raise CostModelError(f"the store {store} has no table '{dataset}'; {near}")
    return manifest


def remove_stored(
    dataset: str, *, file: str | None = None, store: Path | str | None = None, wait: float = 600.0
) -> list[str]:
    """Take a table, or one of its files, out of the store; return the names of the files taken out.

    Parameters
    ----------
    dataset : str
    file : str, optional
        The name of the file, or the first digits of its sha256; all files when it is left out.
    store : path, optional
    wait : float
        Seconds to wait while another process writes to the store.

    Raises
    ------
    CostModelError
        There is no such table or file, or several files have that name.
    """
    root = store_folder(store)
    manifest_of(root, dataset)
    with writing(root, wait=wait) as work:
        manifest = manifest_of(root, dataset)
        gone = [_the_one(manifest, file)] if file is not None else list(manifest.files)
        left = tuple(one for one in manifest.files if one not in gone)
        if left:
            write_manifest(root, _recounted(root, replace(manifest, files=left), work))
        else:
            (table_folder(root, dataset) / "manifest.json").unlink()
        sweep(root)
    return [one.name for one in gone]


def _the_one(manifest: Manifest, file: str) -> StoredFile:
    named = [one for one in manifest.files if one.name == file]
    named = named or [
        one for one in manifest.files if len(file) >= _SHORTEST and one.sha256.startswith(file.lower())
    ]
    if len(named) > 1:
        sums = ", ".join(one.sha256[:12] for one in named)
        raise CostModelError(
            f"{manifest.dataset} has several files '{file}'; say which by its sha256: {sums}"
        )
    if not named:
        near = did_you_mean(file, [one.name for one in manifest.files])
        raise CostModelError(f"{manifest.dataset} has no file '{file}'; {near}")
    return named[0]


def _recounted(root: Path, manifest: Manifest, work: Path) -> Manifest:
    """Count again what files have in common: rows of a removed file may now be another's alone."""
    folder, files = table_folder(root, manifest.dataset), list(manifest.files)
    with connect(work, "3GB") as connection:
        for at, one in enumerate(files):
            if one.repeated:
                earlier = [folder / other.part for other in files[:at]]
                repeated = count_repeated(connection, manifest.kind, folder / one.part, earlier)
                files[at] = replace(one, repeated=repeated)
    return replace(manifest, files=tuple(files))
