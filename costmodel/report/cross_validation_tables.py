"""The cohort against individuals, as a report shows it: a sentence, and a row per measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.report.findings import Findings
from costmodel.study.against_individuals import AGREE, DISAGREE, NOT_MET

if TYPE_CHECKING:
    import pandas as pd


def cross_validation_section(rows: pd.DataFrame, *, people: int) -> str:
    """Return how many totals agree and what that shows, as a paragraph.

    Parameters
    ----------
    rows : DataFrame
        As :func:`~costmodel.study.against_individuals.cross_validation` gives them.
    people : int
        Simulated in each segment.
    """
    counted = rows["verdict"].value_counts()
    agreed, apart, unmet = (int(counted.get(name, 0)) for name in (AGREE, DISAGREE, NOT_MET))
    other = f" {apart} disagree and {unmet} concern an event that nobody met." if apart or unmet else ""
    return (
        f"{agreed:,} of {len(rows):,} totals of the cohort agree with the mean over {people:,} people in "
        f"each segment, simulated one by one with the same formulas.{other} A difference counts where chance "
        "would bring one so large among all of them once in a hundred runs. An error in a formula that "
        "both use is not found in this way."
    )


def cross_validation_table(found: Findings, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row per measure: the totals compared, and the one that lies furthest apart.

    Parameters
    ----------
    found : Findings
        Its study gives the labels.
    rows : DataFrame
        As :func:`~costmodel.study.against_individuals.cross_validation` gives them for that study.
    """
    import pandas as pd

    shown = []
    for measure, own in rows.groupby("measure", sort=False):
        order = own["z"].abs().astype(float).fillna(0)
        far = own["verdict"].map({AGREE: 0, NOT_MET: 1, DISAGREE: 2})
        worst = own.assign(_far=far, _order=order).sort_values(["_far", "_order"]).iloc[-1]
        z = "no spread" if pd.isna(worst["z"]) else f"{worst['z']:+.1f}"
        shown.append(
            {
                "Measure": found.measure_label(str(measure)),
                "Totals": len(own),
                "Furthest apart": f"{found.segment_label(str(worst['segment']))}; "
                f"{found.strategy_label(str(worst['strategy']))}",
                "Cohort": f"{worst['cohort']:,.5g}",
                "Individuals": f"{worst['individuals']:,.5g}",
                "Standard errors": z,
                "Verdict": worst["verdict"],
            }
        )
    return pd.DataFrame(shown)
