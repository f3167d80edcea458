"""A progress bar for what takes more than a moment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MANY = 200_000
"""Draws above which a terminal shows how far an evaluation is."""


@contextmanager
def progress_of(n_draws: int, what: str, *, shown: bool | None) -> Iterator[Callable[[int], object] | None]:
    """Show a progress bar on standard error, in a terminal or a notebook, while draws are evaluated.

    Parameters
    ----------
    n_draws : int
    what : str
        The words in front of the bar.
    shown : bool or None
        None shows it in a terminal, where draws are many.

    Yields
    ------
    callable or None
        To be told the number of draws done since it was called last; None where nothing is shown.
    """
    if shown is None:
        shown = n_draws > MANY and sys.stderr.isatty()
    if not shown:
        yield None
        return
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    with tqdm(total=n_draws, desc=what, unit=" draws", unit_scale=True, leave=False) as bar:
        yield bar.update
