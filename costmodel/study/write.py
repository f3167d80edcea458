"""Writes a study folder: whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from costmodel.errors import CostModelError
from costmodel.files import write_atomic
from costmodel.inputs import Parameters, write_parameters
from costmodel.populations import Segment, write_segments
from costmodel.study.read import Study
from costmodel.study.toml import FILE


def write_study(study: Study, folder: Path | str, *, overwrite: bool = False) -> Path:
    """Write a study so that reading it gives the same study.

    Everything is written into a folder beside the target, which then takes the target's name; a killed
    process leaves the old study or the new one, never a mixture. Comments of study.toml are not kept.

    Parameters
    ----------
    study : Study
    folder : Path or str
        Target folder.
    overwrite : bool
        Whether an existing study may be replaced. Only a folder that holds a study ever is.

    Raises
    ------
    CostModelError
        The folder exists and may not be replaced.
    """
    target = Path(folder).resolve()
    if target.exists() and not (overwrite and (target / FILE).is_file()):
        raise CostModelError(
            f"{target} exists: choose another folder"
            + ("; it holds no study, so it is not replaced" if overwrite else ", or pass overwrite=True")
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        _fill(study, draft)
        draft.chmod(0o755)
        if target.exists():
            retired = draft.with_name(draft.name + ".old")
            target.rename(retired)
            draft.rename(target)
            shutil.rmtree(retired)
        else:
            draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _fill(study: Study, draft: Path) -> None:
    import tomli_w

    content = study.spec.model_dump(exclude_unset=True, exclude_none=True, by_alias=True)
    write_atomic(draft / FILE, tomli_w.dumps(content))
    own = {name: item for name, item in study.parameters.items() if name not in study.bound}
    if own:
        table = Parameters.of(
            *own.values(),
            covariances=study.parameters.covariances,
            rank_correlations=study.parameters.rank_correlations,
        )
        write_parameters(table, draft / "parameters.csv")
    if study.segments != (Segment.everyone(),):
        write_segments(study.segments, draft / "segments.csv")
    for name in ("references.bib", "tables", "claims.toml", "validation.csv"):
        source = study.folder / name
        if source.is_dir():
            shutil.copytree(source, draft / name, dirs_exist_ok=True)
        elif source.is_file():
            write_atomic(draft / name, source.read_bytes())
