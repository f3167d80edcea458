"""Runs a report's notebook with checked parameters; a cell that fails is told in a few lines."""

from __future__ import annotations

import ast
import logging
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.files import write_atomic
from costmodel.report.kernel import last_words, manager_class
from costmodel.report.markdown import read_notebook

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"Cell In\[\d+\], line (\d+)")
_LONGEST = 2_000
_DECLARED, _INJECTED = "parameters", "injected-parameters"


def execute(
    notebook: Path | str,
    *,
    parameters: Mapping[str, Any] | None = None,
    cwd: Path | str | None = None,
    progress: bool = False,
    out: Path | str | None = None,
) -> Any:
    """Run a notebook in a fresh kernel of this interpreter and return it with its outputs.

    The notebook on disk is never changed.

    Parameters
    ----------
    notebook : path
        The notebook. Its cell tagged ``parameters`` holds the names and defaults that may be set.
    parameters : mapping, optional
        Values by name: text, numbers, truth values, None, and lists and mappings of these.
    cwd : path, optional
        The folder in which the cells run; by default that of the notebook.
    progress : bool, default False
        Whether to draw a progress bar on standard error.
    out : path, optional
        Where to save the executed notebook, also when a cell fails.

    Returns
    -------
    nbformat.NotebookNode
        The executed notebook, for :func:`costmodel.report.render`.

    Raises
    ------
    CostModelError
        When a parameter is unknown (with the nearest spelling) or of another type than its default; when a
        cell fails (with its number, its first line, and the error).
    """
    path = Path(notebook)
    source = read_notebook(path)
    values = check_parameters(declared_parameters(source), parameters or {})
    run = _Run(path.name, source, values, Path(cwd or path.parent).resolve(), progress)
    with tempfile.TemporaryDirectory(prefix="cm-", ignore_cleanup_errors=True) as name, _quiet():
        saved = Path(name) / "executed.ipynb"
        failure = _execute(run, saved)
        executed = read_notebook(saved) if saved.is_file() else None
        if executed is not None and out is not None:
            write_atomic(out, saved.read_bytes())
    if failure is not None:
        raise CostModelError(failure + (f"\n  the executed notebook is {out}" if executed and out else ""))
    return executed


def declared_parameters(notebook: Any) -> dict[str, Any]:
    r"""Return the parameters that a notebook declares, with their defaults.

    They are the assignments in its cell tagged ``parameters``. A default that is not a plain value is given
    as ``...``: it may be replaced by a value of any type.

    Raises
    ------
    CostModelError
        When that cell is not Python.

    Examples
    --------
    >>> cell = {
    ...     "cell_type": "code",
    ...     "source": "draws = 1000\nseed: int = 2 * 3",
    ...     "metadata": {"tags": ["parameters"]},
    ... }
    >>> declared_parameters({"cells": [cell]})
    {'draws': 1000, 'seed': Ellipsis}
    """
    places = _tagged(notebook, _DECLARED)
    if not places:
        return {}
    if len(places) > 1:
        raise CostModelError(
            f"cells {places[0] + 1} and {places[1] + 1} both declare parameters; keep one of them"
        )
    try:
        tree = ast.parse(notebook["cells"][places[0]]["source"])
    except SyntaxError as error:
        raise CostModelError(
            f"cell {places[0] + 1}, which declares the parameters, is not Python: {error}"
        ) from error
    declared: dict[str, Any] = {}
    for statement in tree.body:
        declared |= _assigned(statement)
    return declared


def _tagged(notebook: Any, tag: str) -> list[int]:
    tags = [cell.get("metadata", {}).get("tags", []) for cell in notebook["cells"]]
    return [at for at, listed in enumerate(tags) if tag in listed]


def _assigned(statement: ast.stmt) -> dict[str, Any]:
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        return {}
    try:
        default = ast.literal_eval(value)
    except ValueError:
        default = ...
    return {target.id: default for target in targets if isinstance(target, ast.Name)}


def check_parameters(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given parameters when every one is declared and fits the type of its default.

    A whole number fits a default with a point; nothing else is converted.

    Raises
    ------
    CostModelError
        Names every parameter that is unknown or of another type.

    Examples
    --------
    >>> check_parameters({"draws": 1000, "rate": 0.03}, {"rate": 0})
    {'rate': 0}
    >>> check_parameters({"draws": 1000, "rate": 0.03}, {"drows": 5, "rate": "3%"})
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: the notebook's parameters cannot be set:
      'drows' is unknown; did you mean 'draws'?
      'rate' must be a number like its default 0.03; found '3%'
    """
    faults = []
    for name, value in given.items():
        if name not in declared:
            faults.append(f"'{name}' is unknown; {did_you_mean(name, list(declared))}")
        elif not _plain(value):
            faults.append(
                f"'{name}' must be text, a number, a truth value, or a list of these; found {value!r}"
            )
        elif not _fits(value, declared[name]):
            kind = _KINDS.get(type(declared[name]), type(declared[name]).__name__)
            faults.append(f"'{name}' must be {kind} like its default {declared[name]!r}; found {value!r}")
    if faults:
        raise CostModelError("\n  ".join(["the notebook's parameters cannot be set:", *faults]))
    return dict(given)


_KINDS = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
}


def _plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(item) for key, item in value.items())
    return value is None or type(value) in {bool, int, float, str}


def _fits(value: Any, default: Any) -> bool:
    if default is None or default is ...:
        return True
    if isinstance(default, float):
        return type(value) in {int, float}
    if isinstance(default, list | tuple):
        return isinstance(value, list | tuple)
    return type(value) is type(default)


@dataclass(frozen=True)
class _Run:
    name: str
    notebook: Any
    values: dict[str, Any]
    cwd: Path
    progress: bool

    def cell_number(self, place: int) -> int:
        """Return the number in the author's notebook of the cell at ``place`` in the executed one."""
        before = not self.values or _tagged(self.notebook, _INJECTED)
        return place + 1 if before or place <= _tagged(self.notebook, _DECLARED)[0] else place


def _execute(run: _Run, saved: Path) -> str | None:
    """Run the notebook, save the result, and return what failed."""
    import papermill
    from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
    from nbclient.exceptions import DeadKernelError

    try:
        papermill.execute_notebook(
            run.notebook,
            saved,
            parameters=run.values,
            cwd=run.cwd,
            kernel_name=NATIVE_KERNEL_NAME,
            language="python",
            progress_bar=run.progress,
            request_save_on_cell_execute=False,
            kernel_manager_class=manager_class(saved.parent),
        )
    except papermill.PapermillExecutionError as error:
        return _summary(error, run)
    except DeadKernelError:
        said = last_words(saved.parent)
        return (
            f"{run.name}: the kernel's process ended while a cell ran; too little memory is the usual cause"
            + (f"; it said: {said}" if said else "")
        )
    return None


def _summary(error: Any, run: _Run) -> str:
    lines = [line.strip() for line in str(error.source).splitlines() if line.strip()]
    place = _PLACE.findall(_ANSI.sub("", "\n".join(error.traceback)))
    within = f", line {place[-1]}" if place else ""
    text = _ANSI.sub("", str(error.evalue)).strip()
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
    return (
        f"{run.name}: cell {run.cell_number(error.cell_index)} (In [{error.exec_count}]{within}) failed\n"
        f"  it begins: {lines[0] if lines else '(empty)'}\n"
        f"  {error.ename}: {shown}"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Jupyter's own machinery says, on which no reader of a report can act, to itself."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
