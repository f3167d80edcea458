"""Cohort benchmarks: numbers first, then seconds, memory, the ratio to NumPy by hand, and how cost grows.

``python benchmarks/cohort.py`` checks and measures everything and writes RESULTS.md; ``--quick`` leaves out
the million draws and the growth, and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from floor import FLOORS, sample
from scaling import cases
from workloads import STUDIES, WORKLOADS, Workload, check

from costmodel.model import evaluate

HERE = Path(__file__).parent
DRAWS = 10_000
REPEATS = 7
SCRIPT = """
import costmodel as cm
outcomes = cm.read_study({folder!r}).run(n={draws})
print(outcomes.frame())
"""
"""From import to totals, as a user would write it."""


class Seconds(NamedTuple):
    """Seconds of several runs: the median, and the fastest, which a busy machine disturbs least."""

    median: float
    fastest: float


def in_turn(runs: Sequence[Callable[[], object]], repeats: int = REPEATS) -> list[Seconds]:
    """Time several runs in turn, after one that is not counted: what disturbs one disturbs all."""
    seconds: list[list[float]] = [[] for _ in runs]
    for repeat in range(repeats + 1):
        for own, run in zip(seconds, runs, strict=True):
            start = time.perf_counter()
            run()
            if repeat:
                own.append(time.perf_counter() - start)
    return [Seconds(statistics.median(own), min(own)) for own in seconds]


def peak(folder: Path, draws: int) -> tuple[float, float, float]:
    """Return megabytes at the peak of one analysis and before it, and its seconds, in a new process."""
    command = [sys.executable, str(HERE / "peak.py"), str(folder), str(draws)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own script
    most, before, seconds = (float(part) for part in done.stdout.split())
    return most, before, seconds


def script(folder: Path) -> Seconds:
    """Return the seconds of a whole script in a new process."""
    command = [sys.executable, "-c", SCRIPT.format(folder=str(folder), draws=DRAWS)]
    return in_turn([partial(subprocess.run, command, check=True, capture_output=True)], repeats=5)[0]


def rows(workload: Workload) -> list[str]:
    """Check and measure one workload."""
    lines = [f"### {workload.title}", ""]
    lines += [f"- {line}" for line in check(workload, DRAWS)]
    study = workload.study()
    model, drawn = study.model(), study.draws(DRAWS)
    floor = FLOORS[workload.name]
    whole, by_hand, sampling, floor_sampling, alone, floor_alone = in_turn(
        [
            lambda: study.run(n=DRAWS),
            lambda: floor(sample(study, DRAWS, 1)),
            lambda: study.draws(DRAWS),
            lambda: sample(study, DRAWS, 1),
            lambda: evaluate(model, drawn),
            lambda: floor(drawn.values),
        ]
    )
    most, before, _ = peak(STUDIES / workload.name, DRAWS)
    memory = workload.memory
    others = [
        f"{name} {seconds:g} s, × {seconds / whole.median:.0f}" for name, seconds in workload.peers.items()
    ]
    lines += [
        "",
        "| | seconds | fastest | NumPy by hand | ratio |",
        "|---|---|---|---|---|",
        _compared(f"**{DRAWS:,} draws, sampled and evaluated**", whole, by_hand),
        _compared("sampling alone", sampling, floor_sampling),
        _compared("evaluating alone", alone, floor_alone),
        "",
        *_targets(workload, whole, by_hand),
        f"- memory: {most:.0f} MB at the peak, {most - before:.0f} MB more than before (target {memory} MB)",
        f"- published seconds of others, and how many times ours: {'; '.join(others)}",
        "",
    ]
    return lines


def _targets(workload: Workload, ours: Seconds, floor: Seconds) -> list[str]:
    """Say whether the target is met: in seconds, and as a ratio, which a slow machine leaves alone."""
    seconds = "met" if ours.median <= workload.target else "not met in this run"
    lines = [f"- target {workload.target} s: {seconds}"]
    if workload.floor is not None:
        bound = workload.target / workload.floor
        ratio = "met" if ours.median <= bound * floor.median else "not met in this run"
        lines.append(
            f"- the same as a ratio, {workload.target} s where NumPy by hand takes {workload.floor} s, "
            f"{bound:.2f}: {ratio}"
        )
    return lines


def _compared(what: str, ours: Seconds, floor: Seconds) -> str:
    ratio = ours.median / floor.median
    return f"| {what} | {ours.median:.4f} | {ours.fastest:.4f} | {floor.median:.4f} | {ratio:.2f} |"


def million() -> list[str]:
    """Measure W1 with a million draws."""
    most, before, seconds = peak(STUDIES / "w1", 1_000_000)
    return [
        "### W1 with 1,000,000 draws",
        "",
        f"- {seconds:.2f} s (target 6 s)",
        f"- memory: {most:.0f} MB at the peak (target 1,000 MB), {most - before:.0f} MB more than before",
        "",
    ]


def growth() -> list[str]:
    """Measure how time grows with the size of the model."""
    lines = ["### Growth", "", "Evaluation alone. States: a chain of states, three transitions each.", ""]
    lines += [
        "| what grows | size | seconds | per size, relative to the first |",
        "|---|---|---|---|",
    ]
    first: dict[str, float] = {}
    for what, size, model, drawn in cases(WORKLOADS[0].study()):
        seconds = in_turn([partial(evaluate, model, drawn)], repeats=5)[0].median
        relative = seconds / size / first.setdefault(what, seconds / size)
        lines.append(f"| {what} | {size:,} | {seconds:.4f} | {relative:.2f} |")
    return [*lines, ""]


def machine() -> str:
    """Describe the machine by what matters for these numbers."""
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return (
        f"Measured on {today} with {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}; medians of {REPEATS} runs. Memory is that of a new process, before and "
        "after the analysis. Others were measured elsewhere, on two cores."
    )


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out a million draws and growth")
    quick = parser.parse_args().quick
    lines = ["# Results", "", machine(), "Made by `make bench`; do not edit.", "", "## Cohort models", ""]
    for workload in WORKLOADS:
        lines += rows(workload)
    seconds = script(STUDIES / "python_case")
    lines += ["### Whole script of the Python case", ""]
    lines += [f"- import, reading, {DRAWS:,} draws and totals: {seconds.median:.2f} s, "]
    lines[-1] += f"fastest {seconds.fastest:.2f} s (target 0.9 s)"
    lines += [""]
    if not quick:
        lines += million() + growth()
        (HERE / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
