"""A study's change of price and use, split as `[report.change]` of study.toml asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.analysis.decomposition import Change, decompose
from costmodel.inputs import Draws
from costmodel.report.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "measure": "Measure",
    "price_effect": "Price effect",
    "volume_effect": "Volume effect",
    "interaction": "Interaction",
    "total": "Total",
    "total_low": "Low",
    "total_high": "High",
}


def change_parts(found: Findings, draws: Draws) -> pd.DataFrame | None:
    """Return the split of the study's change, as :func:`costmodel.analysis.decompose` gives it.

    Parameters
    ----------
    found : Findings
    draws : Draws

    Returns
    -------
    DataFrame or None
        None where the study has no ``[report.change]``, or a scenario is shown that sets the same names.
    """
    section, study = found.study.spec.report.change, found.study
    if section is None:
        return None
    price, use = (study.model(name).scenario for name in (section.price, section.use))
    model = study.model(found.scenario)
    if set(model.scenario) & {*price, *use}:
        return None
    return decompose(model, draws, Change(section.old, price, use))


def change_table(found: Findings, parts: pd.DataFrame) -> pd.DataFrame:
    """Return QALYs and events of a split with headers that a reader sees; one row per measure."""
    shown = parts[parts["kind"].isin(["qaly", "event"])]
    columns = [name for name in _COLUMNS if name in shown]
    table = shown[columns].rename(columns=_COLUMNS)
    return table.assign(Measure=[found.measure_label(name) for name in shown["measure"]])
