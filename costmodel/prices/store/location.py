"""Where the store lies, and the folder of each of its tables."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from costmodel.errors import CostModelError
from costmodel.prices.locking import locked

_ID = re.compile(r"[a-z0-9]\w*(/[a-z0-9]\w*)+\Z", re.ASCII)


def store_folder(store: Path | str | None = None) -> Path:
    """Return the folder of the store: the one given, else ``COSTMODEL_STORE``, else the user's own.

    Examples
    --------
    >>> store_folder("prices-store").name
    'prices-store'
    """
    if store is not None:
        return Path(store)
    named = os.environ.get("COSTMODEL_STORE", "")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("costmodel") / "store"


def table_folder(store: Path, dataset: str) -> Path:
    """Return the folder of a table.

    Raises
    ------
    CostModelError
        The id cannot name a table.

    Examples
    --------
    >>> table_folder(Path("store"), "us/nadac").as_posix()
    'store/tables/us/nadac'
    >>> table_folder(Path("store"), "../nadac")
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: '../nadac' cannot be the id of a table: write small letters, digits and \
_ with / between at least two parts, as us/nadac
    """
    if not _ID.match(dataset):
        raise CostModelError(
            f"'{dataset}' cannot be the id of a table: write small letters, digits and _ with / between "
            "at least two parts, as us/nadac"
        )
    return store / "tables" / dataset


@contextmanager
def writing(store: Path, *, wait: float) -> Iterator[Path]:
    """Hold the store for writing; yield a folder for temporary files, which goes at the end.

    What an import that was killed left behind is deleted first.
    """
    from costmodel.prices.store.manifest import sweep

    work = store / "work"
    with locked(store / "lock", f"the store {store}", wait=wait):
        shutil.rmtree(work, ignore_errors=True)
        sweep(store)
        work.mkdir(parents=True)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
