"""A lock between processes, which the system gives back when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from costmodel.errors import CostModelError

_PAUSE = 0.05


@contextmanager
def locked(path: Path, what: str, *, wait: float = 600.0) -> Iterator[None]:
    """Hold the lock ``path``; where another process holds it, wait for it.

    Parameters
    ----------
    path : Path
        A small file, which stays.
    what : str
        What is locked, for the error.
    wait : float
        Seconds to wait at most.

    Raises
    ------
    CostModelError
        Another process still holds the lock; names it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked(Path(folder) / "lock", "the store"):
    ...     with locked(Path(folder) / "lock", "the store", wait=0):
    ...         pass
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: the store is in use by another process; wait until it has ended
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, until = os.open(path, os.O_RDWR | os.O_CREAT, 0o666), time.monotonic() + wait
    try:
        while not _try_lock(handle):
            if time.monotonic() >= until:
                raise CostModelError(f"{what} is in use by another process; wait until it has ended")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
