"""Uncertainty benchmarks: acceptability (W4), partial perfect information (W5), a binary study (W6).

``python benchmarks/uncertainty.py`` checks the numbers, then measures, and writes RESULTS-UNCERTAINTY.md.
``python benchmarks/uncertainty.py W4`` does so for acceptability alone, and leaves the other lines.
"""

from __future__ import annotations

import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from timing import HERE, in_turn

from costmodel.analysis import Binary, acceptability, evpi, evppi, evsi, expected_given
from costmodel.analysis.information import gain
from costmodel.analysis.switching import best_over_grid

sys.path.insert(0, str(HERE.parent / "tests" / "analysis"))
from psa import shared_draws, shared_outcomes

Floats = NDArray[np.float64]
GRID = np.arange(0, 100_001, 1000.0)
GROUPS = {"1": ["rr3"], "2": ["rr2", "rr3"], "5": ["rr2", "rr3", "u", "p_ae2", "p_ae3"]}
ON_DRAWS = {"1": 4204.62, "2": 5860.37, "5": 5892.87}
STUDY = 210.563176538177
TARGETS = {"W4": 0.10, "1": 0.05, "2": 0.10, "5": 0.30, "grid": 0.20, "W6": 0.10}
TARGET_MEGABYTES = 150
BY_HAND = "the same by hand in NumPy"


def by_hand(cost: Floats, effect: Floats) -> tuple[float, NDArray[np.int64]]:
    """Return EVPI summed over the grid and how often each is best, evaluating every draw at every point."""
    total, counts = 0.0, []
    for wtp in GRID:
        net = wtp * effect - cost
        total += float(net.max(axis=0).mean() - net.mean(axis=1).max())
        counts.append(np.bincount(net.argmax(axis=0), minlength=len(net)))
    return total, np.array(counts)


def w4() -> tuple[list[str], str]:
    """Return the rows of acceptability and of the same by hand, and the memory of both in words."""
    load = os.getloadavg()[0]
    many = shared_outcomes(shared_draws(100_000))
    cost, effect = many.cost("total"), many.total("qaly")
    found = float(evpi(many, GRID, perspective="total").sum())
    slow, counts = by_hand(cost, effect)
    assert (counts == best_over_grid(cost, effect, GRID).counts.T).all()
    assert abs(found / 652961.3216146 - 1) < 1e-9  # noqa: PLR2004 - the bound of the expected numbers
    times = in_turn([lambda: best_over_grid(cost, effect, GRID), lambda: by_hand(cost, effect)])
    name = "W4, 100,000 draws x 3 x 101"
    rows = [
        _row(name, found / 652961.3216146 - 1, times[0], TARGETS["W4"]),
        _row(BY_HAND, slow / 652961.3216146 - 1, times[1], None),
    ]
    most = {
        "`acceptability`": megabytes(lambda: acceptability(many, GRID, perspective="total")),
        "`evpi`": megabytes(lambda: evpi(many, GRID, perspective="total")),
        "by hand": megabytes(lambda: by_hand(cost, effect)),
    }
    own = max(most["`acceptability`"], most["`evpi`"])
    words = ", ".join(f"{what} {peak:.1f}" for what, peak in most.items())
    met = "met" if own <= TARGET_MEGABYTES else "not met in this run"
    return rows, (
        f"W4 (measured at a load average of {load:.1f}), megabytes above its inputs at the peak by "
        f"tracemalloc: {words}; target {TARGET_MEGABYTES}: {met}."
    )


def megabytes(run: Callable[[], object]) -> float:
    """Return the most memory that a run holds at once, above what was held before it."""
    run()
    tracemalloc.start()
    run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1024**2


def only_w4() -> None:
    """Measure acceptability alone, and put its lines in the place of the former ones."""
    path = HERE / "RESULTS-UNCERTAINTY.md"
    rows, memory = w4()
    new = dict(zip(("| W4,", f"| {BY_HAND}", "W4 (measured"), (*rows, memory), strict=True))
    lines = [
        next((own for start, own in new.items() if line.startswith(start)), line)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print("\n".join([*rows, memory]))


def main() -> None:
    """Check, measure, and write the results."""
    lines = [
        "# Uncertainty",
        "",
        (
            "Made by `python benchmarks/uncertainty.py`; medians of 7 runs, load average "
            f"{os.getloadavg()[0]:.1f} at the start."
        ),
        "",
        "| workload | against the expected number | seconds | fastest | processor | target |",
        "|---|---|---|---|---|---|",
    ]
    rows, memory = w4()
    lines += rows
    draws = shared_draws(10_000)
    few = shared_outcomes(draws)
    for size, names in GROUPS.items():

        def run(wtp: Floats | float, names: list[str] = names) -> float:
            return float(evppi(few, draws, {"g": names}, wtp, perspective="total")["evppi"].iloc[-1])

        value = run(30_000.0)
        assert abs(value / ON_DRAWS[size] - 1) < 0.005  # noqa: PLR2004
        one, grid = in_turn([lambda: run(30_000.0), lambda: run(GRID)])
        lines.append(_row(f"W5, {size} parameters", value / ON_DRAWS[size] - 1, one, TARGETS[size]))
        lines.append(_row(f"W5, {size} parameters, 101 thresholds", None, grid, TARGETS["grid"]))
    known = expected_given(shared_outcomes, draws, ["p_r"])
    assert gain(30_000 * known.total("qaly") - known.cost("total"))[0] > STUDY

    def study() -> float:
        return evsi(known, draws, Binary("p_r", 100), 30_000, perspective="total", exact=True).value

    assert abs(study() / STUDY - 1) < 0.02  # noqa: PLR2004
    lines.append(_row("W6, a binary study of 100", study() / STUDY - 1, in_turn([study])[0], TARGETS["W6"]))
    lines += [
        "",
        memory,
        "",
        "Published seconds of others on two cores: W4 dampack 3.60, hesim 4.15, voi 17.7, BCEA 28.3;",
        "W5 voi (gam) 0.050 and 0.096, voi (earth) 0.113, 0.160, 0.286, dampack 0.44, 0.66, 2.01;",
        "W6 voi 0.041 to 8.9, dampack 0.68.",
        "",
    ]
    text = "\n".join(lines)
    Path(HERE / "RESULTS-UNCERTAINTY.md").write_text(text, encoding="utf-8")
    print(text)


def _row(name: str, off: float | None, seconds: tuple[float, float, float], target: float | None) -> str:
    median, fastest, processor = seconds
    met = "" if target is None else f"{target:g} s: {'met' if median <= target else 'not met in this run'}"
    shown = "" if off is None else f"{off:+.2e}"
    return f"| {name} | {shown} | {median:.4f} | {fastest:.4f} | {processor:.4f} | {met} |"


if __name__ == "__main__":
    only_w4() if sys.argv[1:] == ["W4"] else main()
