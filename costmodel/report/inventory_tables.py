"""The impact inventory of a study: what is counted, from which perspective, and what is not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.report.findings import Findings, count, perspective_label
from costmodel.study.check_disclosure import SECTORS
from costmodel.study.schema import ImpactSection

if TYPE_CHECKING:
    import pandas as pd

NOT_COUNTED = "not counted"
_PERSPECTIVES = ("health_sector", "societal")
_FORMAL = ("health outcomes", "medical costs")


def inventory_table(found: Findings) -> pd.DataFrame:
    """Return the impact inventory of the Second Panel on Cost-Effectiveness in Health and Medicine.

    A column per perspective says whether the impact is in its result, as the study computes it: a cost is
    where the perspective adds it up, an effect stands beside the costs of every perspective, and events are
    counted without a value. The columns are ``health_sector`` and ``societal`` where the study has both,
    else all its perspectives.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    pandas.DataFrame
        ``Sector, Impact``, a column per perspective, ``Counted as`` and ``Note``, in the inventory's order
        of sectors; no row where the study has no inventory.

    References
    ----------
    Sanders GD and others. Recommendations for conduct, methodological practices, and reporting of
    cost-effectiveness analyses. JAMA 2016;316:1093-103.
    """
    import pandas as pd

    perspectives = inventory_perspectives(found)
    lines = sorted(found.study.spec.inventory, key=lambda line: SECTORS.index(line.sector))
    rows = [
        {"Sector": _sector(line.sector), "Impact": line.impact}
        | {perspective_label(name): _counted(found, line, name) for name in perspectives}
        | {
            "Counted as": "; ".join(map(found.measure_label, line.measures)) or NOT_COUNTED,
            "Note": line.note,
        }
        for line in lines
    ]
    columns = ["Sector", "Impact", *map(perspective_label, perspectives), "Counted as", "Note"]
    return pd.DataFrame(rows, columns=columns)


def inventory_perspectives(found: Findings) -> tuple[str, ...]:
    """Return the perspectives that the inventory shows: the Second Panel's two, or all that there are."""
    own = tuple(found.outcomes.perspectives)
    return _PERSPECTIVES if set(_PERSPECTIVES) <= set(own) else own


def _counted(found: Findings, line: ImpactSection, perspective: str) -> str:
    """Say whether a perspective's result holds an impact: yes, in part, as events, or no."""
    kinds = [found.outcomes.measures[name] for name in line.measures]
    if kinds and set(kinds) == {"event"}:
        return "as events"
    members = found.outcomes.perspectives[perspective]
    held = [
        kind != "cost" or name in members
        for name, kind in zip(line.measures, kinds, strict=True)
        if kind != "event"
    ]
    if not any(held):
        return "no"
    return "yes" if all(held) else "in part"


def _sector(sector: str) -> str:
    return f"formal health care: {sector}".capitalize() if sector in _FORMAL else sector.capitalize()


def inventory_section(found: Findings) -> str:
    """Return the opening of the section on the inventory: how many impacts each perspective holds.

    Examples
    --------
    >>> import costmodel as cm
    >>> inventory_section(Findings.of(cm.read_study("clonazepam-us")))[:78]
    'Of 22 impacts of the inventory (@tbl-inventory), the perspective health sector'
    """
    table = inventory_table(found)
    labels = [perspective_label(name) for name in inventory_perspectives(found)]
    held = ", ".join(
        f"{label.lower()} holds {int(table[label].isin(('yes', 'in part')).sum())}" for label in labels
    )
    events = int((table[labels[0]] == "as events").sum())
    absent = int((table["Counted as"] == NOT_COUNTED).sum())
    return (
        f"Of {count(len(table), 'impact')} of the inventory (@tbl-inventory), the perspective "
        f"{held}. Counted as events without a value of their own: {events}; not counted: {absent}, and each "
        f"says why."
    )


def inventory_note(found: Findings) -> str:
    """Return the note under the inventory: what its answers mean, and where they come from."""
    shown = ", ".join(perspective_label(name).lower() for name in inventory_perspectives(found))
    return (
        f"Perspectives: {shown}. Yes: the perspective adds up the cost, or the effect stands beside its "
        f"costs; in part: it adds up some of the measures. As events: counted without a value. Computed from "
        f"the study's perspectives. The inventory is that of Sanders and others, JAMA 2016;316:1093-103."
    )
