"""What a study's savings are, and what they could pay for, as `[report.savings]` of study.toml asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.savings_share import SavingsShare, savings_share
from costmodel.errors import CostModelError
from costmodel.study.claims_schema import QuantitySection
from costmodel.study.quantities import formula_values
from costmodel.study.read import Study
from costmodel.study.report_schema import SavingsSection
from costmodel.study.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
_LEVEL = 0.95
_PEOPLE = 1000


@dataclass(frozen=True)
class Savings:
    """What was saved, what is left to be saved, and what each could pay for.

    Parameters
    ----------
    made, left : SavingsShare
        The programme's cost set against the saving made already and against what is left of it.
    purchases : DataFrame
        One row per saving and purchase: ``saving`` (``made`` or ``left``), ``label``, ``cost``, the mean
        cost of one, ``bought``, how many the saving of 1,000 people over the horizon pays for, ``low`` and
        ``high``, the 95 % interval of the draws, and ``note``.
    """

    made: SavingsShare
    left: SavingsShare
    purchases: pd.DataFrame


def savings(study: Study, sample: Sample, *, segment: str | None = None) -> Savings | None:
    """Return the savings of a study and what they could pay for.

    Parameters
    ----------
    study : Study
    sample : Sample
        The base case or many draws.
    segment : str, optional
        All segments, weighed by size, if left out.

    Returns
    -------
    Savings or None
        None where the study has no ``[report.savings]``.

    Raises
    ------
    CostModelError
        A cost is not above 0, or its formula differs between strategies or segments.

    Examples
    --------
    >>> import costmodel as cm
    >>> study = cm.read_study("clonazepam-us")
    >>> found = savings(study, Sample.of(study, draws=study.draws()))
    >>> found.made.saving > found.left.saving > 0
    True
    """
    section = study.spec.report.savings
    if section is None:
        return None
    without, programme = section.programme
    made, left = (
        savings_share(
            sample.outcomes,
            saved=(saved[0], saved[1]),
            spent=(without, programme),
            saving=section.saving,
            spending=section.spending,
            segment=segment,
            level=_LEVEL,
        )
        for saved in (section.made, section.left)
    )
    return Savings(made, left, _purchases(section, sample, segment))


def _purchases(section: SavingsSection, sample: Sample, segment: str | None) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name, pair in (("made", section.made), ("left", section.left)):
        saved = -_difference(sample, section.saving, pair, segment)
        for item in section.buys:
            cost = _cost(item.cost, item.label, sample)
            bought = _PEOPLE * saved / cost
            low, high = np.quantile(bought, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
            rows.append(
                {
                    "saving": name,
                    "label": item.label,
                    "cost": float(cost.mean()),
                    "bought": float(bought.mean()),
                    "low": float(low),
                    "high": float(high),
                    "note": item.note,
                }
            )
    columns = ["saving", "label", "cost", "bought", "low", "high", "note"]
    return pd.DataFrame(rows, columns=columns)


def _difference(sample: Sample, perspective: str, pair: Sequence[str], segment: str | None) -> Floats:
    cost = sample.outcomes.cost(perspective, segment=segment)
    first, second = (sample.outcomes.strategies.index(name) for name in pair)
    return np.asarray(cost[second] - cost[first])


def _cost(formula: str | float, label: str, sample: Sample) -> Floats:
    cost = formula_values(QuantitySection(formula=str(formula)), sample, name=label)
    if (cost <= 0).any():
        raise CostModelError(f"the cost of '{label}' must be above 0 in every draw: {formula}")
    return cost
