"""Work shared among threads: NumPy computes outside the interpreter's lock, so they run side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from threading import Lock, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share(items: Iterable[Item], work: Callable[[Iterator[Item]], None], *, workers: int) -> None:
    """Do some work on items in several threads, of which the caller's is one.

    Parameters
    ----------
    items : iterable
        Each is taken by one thread, in order.
    work : callable
        What a thread does with the items that it is given, one after another. It must not matter which
        thread does what, nor when.
    workers : int
        Number of threads; with 1 there is nothing but ``work(iter(items))``.

    Raises
    ------
    Exception
        The error of the first item that has one, as a single thread would raise it.

    Examples
    --------
    >>> squares = [0] * 4
    >>> def square(numbers):
    ...     for number in numbers:
    ...         squares[number] = number**2
    >>> share(range(4), square, workers=2)
    >>> squares
    [0, 1, 4, 9]
    """
    if workers == 1:
        work(iter(items))
        return
    queue = _Queue(items)
    threads = [Thread(target=copy_context().run, args=(queue.serve, work)) for _ in range(workers - 1)]
    for thread in threads:
        thread.start()
    try:
        queue.serve(work)
    finally:
        queue.open = False
        for thread in threads:
            thread.join()
    if queue.faults:
        raise queue.faults[min(queue.faults)]


class _Queue(Generic[Item]):
    """Items that are given to whichever thread asks next, until one fails."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.open = True
        self.faults: dict[int, Exception] = {}
        self._items = iter(items)
        self._given = 0
        self._lock = Lock()

    def serve(self, work: Callable[[Iterator[Item]], None]) -> None:
        """Do the work on some of the items; a fault is kept under the number of its item."""
        number = 0

        def own() -> Iterator[Item]:
            nonlocal number
            while self.open:
                with self._lock:
                    number = self._given
                    try:
                        item = next(self._items)
                    except StopIteration:
                        return
                    self._given += 1
                yield item

        try:
            work(own())
        except Exception as problem:  # noqa: BLE001  raised again by the caller
            self.open = False
            self.faults[number] = problem
