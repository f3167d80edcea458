"""A new study from the bundled template: whole, or not at all."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from costmodel.datasets import data_root
from costmodel.errors import CostModelError
from costmodel.study.toml import FILE

TEMPLATE = "template-generic-vs-brand"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z", re.ASCII)
_TITLE = re.compile(r'^title = ".*"$', re.MULTILINE)


def new_study(name: str, directory: Path | str = ".") -> Path:
    """Copy the template into a folder of its own and give it a title.

    The copy is made beside the target and then takes its name, so that a killed process leaves no half
    of a study.

    Parameters
    ----------
    name : str
        Name of the folder: letters, digits, hyphens and underscores.
    directory : path, default "."
        Where the folder is made; it is made too where it is missing.

    Returns
    -------
    Path
        The new study's folder.

    Raises
    ------
    CostModelError
        The name is no folder name, or something is there already. An empty folder is taken.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = new_study("lamotrigine-us", folder)
    ...     print(sorted(path.name for path in made.iterdir()))
    ['parameters.csv', 'references.bib', 'segments.csv', 'study.toml', 'tables']
    """
    if not _NAME.match(name):
        raise CostModelError(
            f"a study's name is letters, digits, hyphens and underscores, such as lamotrigine-us; found "
            f"{name!r}. --directory says where its folder is made"
        )
    target = Path(directory).resolve() / name
    if target.is_symlink() or (target.exists() and not _is_empty_folder(target)):
        raise CostModelError(f"{target} exists and is not empty: choose another name or --directory")
    if target.parent.exists() and not target.parent.is_dir():
        raise CostModelError(f"{target.parent} is a file: --directory names a folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{name}."))
    try:
        _fill(draft, title=f"Generic versus brand: {name}")
        if target.exists():
            target.rmdir()
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _fill(draft: Path, *, title: str) -> None:
    template = data_root() / "studies" / TEMPLATE
    if not (template / FILE).is_file():
        raise CostModelError(f"the template was not found at {template}; install costmodel again")
    # Bytes alone are copied: an installed template may be read-only, and its copy is there to be edited.
    for source in sorted(path for path in template.rglob("*") if path.is_file()):
        copy = draft / source.relative_to(template)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    study = draft / FILE
    text = _TITLE.sub(f'title = "{title}"', study.read_text("utf-8"), count=1)
    study.write_text(text, encoding="utf-8", newline="\n")
    draft.chmod(0o755)
