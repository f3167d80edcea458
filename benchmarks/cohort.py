"""The benchmarks: numbers first, then seconds, memory, the ratio to NumPy by hand, and how cost grows.

``python benchmarks/cohort.py`` checks and measures everything, individuals included, and writes RESULTS.md;
``--quick`` leaves out the million draws and the growth, and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
from functools import partial
from pathlib import Path

import individuals
import numpy as np
from floor import FLOORS, sample
from scaling import cases, transitions
from timing import REPEATS, Seconds, in_turn, peak, processes
from workloads import STUDIES, WORKLOADS, Workload, check

from costmodel.model import evaluate

HERE = Path(__file__).parent
DRAWS = 10_000
SCRIPT = """
import costmodel as cm
outcomes = cm.read_study({folder!r}).run(n={draws})
print(outcomes.frame())
"""
"""From import to totals, as a user would write it."""
LIBRARIES = "import numpy, pandas"
"""What the script cannot do without: the least that any script with a table at its end takes."""
LIBRARY_SECONDS, SCRIPT_SECONDS, FIRST_SECONDS = 0.32, 0.9, 2.0
"""Seconds of the libraries where the target was set; the target; the most that a first call may take."""
MILLION_SECONDS, MILLION_MEGABYTES = 6.0, 1000


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
    first, memory = peak(STUDIES / workload.name, DRAWS), workload.memory
    others = [
        f"{name} {seconds:g} s, × {seconds / whole.median:.0f}" for name, seconds in workload.peers.items()
    ]
    lines += [
        "",
        "| | seconds | fastest | processor | NumPy by hand | its processor | ratio of processors |",
        "|---|---|---|---|---|---|---|",
        _compared(f"**{DRAWS:,} draws, sampled and evaluated**", whole, by_hand),
        _compared("sampling alone", sampling, floor_sampling),
        _compared("evaluating alone", alone, floor_alone),
        "",
        *_targets(workload, whole, by_hand),
        f"- memory: {first.most:.0f} MB at the peak, {first.added:.0f} MB of them added (target {memory} MB)",
        f"- a first call, in a new process: {first.seconds:.2f} s (at most {FIRST_SECONDS:g} s)",
        f"- published seconds of others, and how many times ours: {'; '.join(others)}",
        "",
    ]
    return lines


def _targets(workload: Workload, ours: Seconds, floor: Seconds) -> list[str]:
    """Say whether the target is met: in seconds, and as a ratio, which a slow machine leaves alone."""
    met, without = (_met(seconds, workload.target) for seconds in (ours.median, ours.processor))
    lines = [f"- target {workload.target} s: {met}; without waiting for a processor: {without}"]
    if workload.floor is not None:
        bound = workload.target / workload.floor
        lines.append(
            f"- the same as a ratio, {workload.target} s where NumPy by hand takes {workload.floor} s, "
            f"{bound:.2f}: {_met(ours.processor, bound * floor.processor)}"
        )
    return lines


def _compared(what: str, ours: Seconds, floor: Seconds) -> str:
    cells = (ours.median, ours.fastest, ours.processor, floor.median, floor.processor)
    shown = " | ".join(f"{seconds:.4f}" for seconds in cells)
    return f"| {what} | {shown} | {ours.processor / floor.processor:.2f} |"


def script() -> list[str]:
    """Measure the whole script of the Python case, and bare imports in turn with it."""
    whole, bare = processes(SCRIPT.format(folder=str(STUDIES / "python_case"), draws=DRAWS), LIBRARIES)
    bound = SCRIPT_SECONDS / LIBRARY_SECONDS
    met, without = (_met(seconds, SCRIPT_SECONDS) for seconds in (whole.median, whole.processor))
    met_as_ratio = _met(whole.median, bound * bare.median)
    return [
        "### Whole script of the Python case",
        "",
        f"Import, reading, {DRAWS:,} draws and a table of totals, each time in a new process;",
        f"in turn with it, `{LIBRARIES}` alone.",
        "",
        "| | seconds | fastest | processor |",
        "|---|---|---|---|",
        f"| **whole script** | {whole.median:.2f} | {whole.fastest:.2f} | {whole.processor:.2f} |",
        f"| imports alone | {bare.median:.2f} | {bare.fastest:.2f} | {bare.processor:.2f} |",
        "| ratio | "
        + " | ".join(f"{ours / theirs:.2f}" for ours, theirs in zip(whole, bare, strict=True))
        + " |",
        "",
        f"- target {SCRIPT_SECONDS} s: {met}; without waiting for a processor: {without}",
        f"- the same as a ratio, where the imports take {LIBRARY_SECONDS} s, {bound:.2f}: {met_as_ratio}",
        "",
    ]


def million() -> list[str]:
    """Measure W1 with a million draws, and a hundredth of it by hand."""
    study = WORKLOADS[0].study()
    hand = 100 * in_turn([lambda: FLOORS["w1"](sample(study, DRAWS, 1))])[0].processor
    fast, run, _ = sorted((peak(STUDIES / "w1", 1_000_000) for _ in range(3)), key=lambda run: run.seconds)
    small = _met(run.most, MILLION_MEGABYTES)
    met = f"target {MILLION_SECONDS:g} s: {_met(run.seconds, MILLION_SECONDS)}"
    without = f"without waiting for a processor, even in one thread: {_met(run.processor, MILLION_SECONDS)}"
    return [
        "### W1 with 1,000,000 draws",
        "",
        "Median of three new processes, in as many threads as there are processors.",
        "",
        f"- {run.seconds:.2f} s, fastest {fast.seconds:.2f} s ({met}; {without})",
        f"- processors worked {run.processor:.2f} s; for 100 times {DRAWS:,} draws, by hand, {hand:.2f} s",
        f"- ratio of the two: {run.processor / hand:.2f}",
        f"- memory: {run.most:.0f} MB at the peak, {run.added:.0f} MB of it added (target 1,000 MB: {small})",
        "",
    ]


GROWTH = """### Growth

Evaluation alone, in one thread. Cost grows in proportion to draws, cycles, segments and transitions. Where
draws are few they share the cost of starting. Most states of the chain have three transitions (on, back, and
staying; death is what is left over), so twice the states have more than twice the transitions among the
living, by which they are measured here. All pairs of four states are one operation; more states take one per
diagonal, whose arrays outgrow the processor's cache: that costs up to a half more per transition. What
differs between segments is computed for each, so that two cost a little more than twice as much as one.

| what grows | size | seconds | per size, relative to the first |
|---|---|---|---|"""


def growth() -> list[str]:
    """Measure how time grows with the size of the model."""
    lines = GROWTH.splitlines()
    first: dict[str, float] = {}
    for what, size, model, drawn in cases(WORKLOADS[0].study()):
        seconds = in_turn([partial(evaluate, model, drawn, workers=1)], repeats=5)[0].median
        measured = transitions(size) if what == "states" else size
        relative = seconds / measured / first.setdefault(what, seconds / measured)
        shown = f"{size} ({measured} transitions)" if what == "states" else f"{size:,}"
        lines.append(f"| {what} | {shown} | {seconds:.4f} | {relative:.2f} |")
    return [*lines, ""]


def _met(found: float, most: float) -> str:
    return "met" if found <= most else "not met in this run"


def machine() -> str:
    """Describe the machine by what matters for these numbers."""
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return (
        f"Measured on {today} with {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}; medians of {REPEATS} runs unless said. Memory is that of a new process, "
        "before and after the analysis. Processor seconds leave out waiting for a processor: other work was "
        f"running at the start (load average {os.getloadavg()[0]:.1f}). Nothing is compiled: a first "
        "call takes as long as any other. Others were measured elsewhere, on two cores."
    )


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out a million draws and growth")
    quick = parser.parse_args().quick
    lines = ["# Results", "", machine(), "Made by `make bench`; do not edit.", "", "## Cohort models", ""]
    for workload in WORKLOADS:
        lines += rows(workload)
    lines += script()
    if not quick:
        lines += million() + growth()
    lines += ["## Individuals", "", *individuals.rows(quick=quick)]
    if not quick:
        (HERE / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
