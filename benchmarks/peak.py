"""Print what one analysis needs in memory, in a process of its own: megabytes at its peak and before it.

``python benchmarks/peak.py FOLDER DRAWS``
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import costmodel as cm


def peak_megabytes() -> float:
    """Return the most memory that the process has held."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    study = cm.read_study(sys.argv[1])
    before = peak_megabytes()
    start = time.perf_counter()
    outcomes = study.run(n=int(sys.argv[2]))
    print(f"{peak_megabytes():.0f} {before:.0f} {time.perf_counter() - start:.3f}")
