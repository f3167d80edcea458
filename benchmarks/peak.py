"""Print what one analysis needs in a process of its own: megabytes at its peak and before it, and seconds.

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
    start, worked = time.perf_counter(), time.process_time()
    outcomes = study.run(n=int(sys.argv[2]))
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    print(f"{peak_megabytes():.0f} {before:.0f} {seconds:.3f} {worked:.3f}")
