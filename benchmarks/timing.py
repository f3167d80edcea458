"""Seconds: of several runs in turn, and of new processes."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
REPEATS = 7


class Seconds(NamedTuple):
    """Seconds of several runs: the median, and the fastest, which a busy machine disturbs least.

    ``processor`` is the median of the time that processors worked, which waiting does not count in.
    """

    median: float
    fastest: float
    processor: float


class Peak(NamedTuple):
    """One analysis in a new process: megabytes at its peak and before it, and its seconds."""

    most: float
    before: float
    seconds: float
    processor: float

    @property
    def added(self) -> float:
        """Megabytes that the analysis added."""
        return self.most - self.before


def in_turn(runs: Sequence[Callable[[], object]], repeats: int = REPEATS) -> list[Seconds]:
    """Time several runs in turn, after one that is not counted: what disturbs one disturbs all."""
    seconds: list[list[tuple[float, float]]] = [[] for _ in runs]
    for repeat in range(repeats + 1):
        for own, run in zip(seconds, runs, strict=True):
            start, before = time.perf_counter(), _processor()
            run()
            if repeat:
                own.append((time.perf_counter() - start, _processor() - before))
    found = [tuple(zip(*own, strict=True)) for own in seconds]
    return [Seconds(statistics.median(wall), min(wall), statistics.median(worked)) for wall, worked in found]


def _processor() -> float:
    """Return the seconds that processors worked for this process and for those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def peak(folder: Path, draws: int) -> Peak:
    """Return what one analysis takes in a new process."""
    command = [sys.executable, str(HERE / "peak.py"), str(folder), str(draws)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own script
    return Peak(*(float(part) for part in done.stdout.split()))


def processes(*programs: str) -> list[Seconds]:
    """Return the seconds of whole programs, each in a new process, run in turn."""
    commands = [[sys.executable, "-c", program] for program in programs]
    return in_turn(
        [partial(subprocess.run, command, check=True, capture_output=True) for command in commands]
    )
