"""What it costs to add a large official file to the store, and to ask it for one molecule, beside pandas.

``python benchmarks/store.py [--nadac 20000000] [--sdud 50000000] [--folder DIR]``

Makes the files in a temporary folder and deletes them. Each step runs in a process of its own, so that
its peak memory is its own; the results of all ways are checked to be equal before times are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peak import peak_megabytes
from store_files import make

MOLECULES = {"clonazepam": ["clonazepam", "klonopin"]}
TABLES = {"nadac": "us/nadac", "sdud": "us/sdud"}
QUERIES = 5


def add(shape: str, file: Path, store: Path) -> dict[str, Any]:
    """Add the file to the store."""
    from costmodel.prices import add_file

    added = add_file(file, store=store, molecules=MOLECULES, progress=False)
    size = sum(part.stat().st_size for part in (store / "tables" / TABLES[shape]).iterdir())
    return {"rows": added.rows + added.file.unparsed, "bytes": size}


def query(shape: str, _file: Path, store: Path) -> dict[str, Any]:
    """Ask the store for one molecule, several times; the first is with everything cold in the process."""
    from costmodel.prices import read_stored

    times = []
    for _ in range(QUERIES):
        start = time.perf_counter()
        found = read_stored(TABLES[shape], store=store, molecule="clonazepam")
        times.append(time.perf_counter() - start)
    return {"first": times[0], "best": min(times), **digest(shape, found.frame)}


def direct(shape: str, file: Path, _store: Path) -> dict[str, Any]:
    """Read one molecule from the file itself, without the store."""
    from costmodel.prices import read_molecules

    return digest(shape, read_molecules(file, MOLECULES).frame)


def with_pandas(shape: str, file: Path, _store: Path) -> dict[str, Any]:
    """Read the file in chunks, the wanted columns only, and keep the rows of the molecule."""
    import pandas as pd

    names = ("CLONAZEPAM", "KLONOPIN")
    columns, product = {
        "nadac": (
            ["NDC Description", "NDC", "NADAC Per Unit", "Effective Date", "Pricing Unit", "As of Date"],
            "NDC Description",
        ),
        "sdud": (
            [
                *("Utilization Type", "State", "NDC", "Year", "Quarter", "Suppression Used", "Product Name"),
                *("Units Reimbursed", "Number of Prescriptions", "Total Amount Reimbursed"),
            ],
            "Product Name",
        ),
    }[shape]
    chunks = pd.read_csv(file, usecols=columns, dtype={"NDC": str}, chunksize=1_000_000)
    frame = pd.concat([chunk[chunk[product].str.startswith(names)] for chunk in chunks])
    if shape == "nadac":
        priced = frame[frame["Pricing Unit"] == "EA"]
        return {"n": len(priced), "sum": round(float(priced["NADAC Per Unit"].sum()), 3)}
    return {"n": len(frame), "sum": round(float(frame["Total Amount Reimbursed"].sum()), 2)}


def digest(shape: str, frame: Any) -> dict[str, Any]:
    """Return what results are compared by."""
    column, digits = ("price", 3) if shape == "nadac" else ("spending", 2)
    return {"n": len(frame), "sum": round(float(frame[column].sum()), digits)}


STEPS = {"add": add, "query": query, "direct": direct, "pandas": with_pandas}


def in_process(step: str, shape: str, file: Path, store: Path) -> dict[str, Any]:
    """Run a step in a process of its own; return its result, seconds and peak megabytes."""
    call = [sys.executable, __file__, "--step", step, shape, str(file), str(store)]
    done = subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own file)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_step(step: str, shape: str, file: Path, store: Path) -> None:
    """Print a step's result, seconds (imports apart) and peak megabytes."""
    import costmodel.prices  # noqa: F401 (loaded before the clock starts)

    start = time.perf_counter()
    result = STEPS[step](shape, file, store)
    print(json.dumps({"seconds": time.perf_counter() - start, "peak": peak_megabytes(), **result}))


def measure(shape: str, rows: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Make the file, take every way to one molecule, and check that all agree."""
    file, store = folder / f"{shape}.csv", folder / "store"
    make(shape, rows, file)
    print(f"{shape}: {rows:,} rows, {file.stat().st_size / 1e9:.2f} GB", flush=True)
    found = {}
    for step in ("pandas", "direct", "add", "query"):
        found[step] = in_process(step, shape, file, store)
        print(f"  {step}: {found[step]}", flush=True)
    answers = {step: (found[step]["n"], found[step]["sum"]) for step in ("pandas", "direct", "query")}
    assert len(set(answers.values())) == 1, answers
    assert found["add"]["rows"] == rows, found["add"]
    found["file"] = {"rows": rows, "bytes": file.stat().st_size}
    file.unlink()
    return found


def report(shape: str, found: dict[str, dict[str, Any]]) -> str:
    """Return the measurements as rows of a table."""
    pandas, first = found["pandas"]["seconds"], found["add"]["seconds"] + found["query"]["first"]
    size = f"{found['file']['rows']:,} rows, {found['file']['bytes'] / 1e9:.2f} GB"
    lines = [
        ("pandas: one pass in chunks", pandas, found["pandas"]["peak"]),
        ("from the file: read_molecules", found["direct"]["seconds"], found["direct"]["peak"]),
        ("add to the store, once", found["add"]["seconds"], found["add"]["peak"]),
        ("add, then the first query", first, found["add"]["peak"]),
        ("first query of a process", found["query"]["first"], found["query"]["peak"]),
        ("later queries (best)", found["query"]["best"], found["query"]["peak"]),
    ]
    head = f"\n**{shape}**: {size}; in the store {found['add']['bytes'] / 1e6:,.0f} MB\n\n"
    head += "| way to one molecule | seconds | peak MB | times as fast as pandas |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {label} | {seconds:,.2f} | {peak:,.0f} | {pandas / seconds:,.2f} |\n"
        for label, seconds, peak in lines
    )


def main() -> None:
    """Measure both shapes and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nadac", type=int, default=20_000_000)
    parser.add_argument("--sdud", type=int, default=50_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        run_step(given.step[0], given.step[1], Path(given.step[2]), Path(given.step[3]))
        return
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="costmodel-store-", dir=given.folder) as folder:
        for shape, rows in (("nadac", given.nadac), ("sdud", given.sdud)):
            if rows:
                print(report(shape, measure(shape, rows, Path(folder))), flush=True)


if __name__ == "__main__":
    main()
