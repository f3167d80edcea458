"""Cross-validation: the cohort of a study against people who are simulated one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.model import Model, evaluate
from costmodel.study.read import Study

if TYPE_CHECKING:
    import pandas as pd

AGREE, DISAGREE, NOT_MET = "agree", "disagree", "not met"
_LEAST_PEOPLE = 100
_ROUNDING = 1e-9
_FALSE_ALARM = 0.01


def cross_validation(
    study: Study,
    *,
    people: int = 4000,
    seed: int = 1,
    segments: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    scenario: str | None = None,
) -> pd.DataFrame:
    """Compare every total of the cohort with the mean over simulated individuals, in the base case.

    The two share formulas and payoffs, and nothing of how people move: the cohort multiplies shares, the
    individuals meet random numbers and remember the exact time in their state. A tunnel that is too short,
    or a move that is counted wrongly by one of them, sets them apart.

    Parameters
    ----------
    study : Study
    people : int
        Simulated in each segment; at least 100.
    seed : int
    segments, strategies : sequence of str, optional
        Those compared; all if left out. Time grows with both.
    scenario : str, optional

    Returns
    -------
    DataFrame
        A row per segment, strategy and measure: ``segment, strategy, measure``; ``cohort`` and
        ``individuals``, discounted per person; ``standard_error`` of the second; ``z``, their difference in
        standard errors, missing where people do not differ; ``verdict``. A row disagrees where its ``z`` is
        beyond the limit that all rows together cross by chance once in a hundred runs (Bonferroni), or
        where people do not differ and are not the cohort's either. It is ``not met`` where an event happened
        to nobody: more people are needed to tell.

    Raises
    ------
    CostModelError
        Fewer than 100 people, an unknown segment or strategy, a state with an inflow, or as
        :func:`~costmodel.evaluate`.

    Notes
    -----
    The cohort against individual simulation is a cross-validation of the ISPOR-SMDM task force (Eddy et al.
    2012) only as far as the two are independent: an error in a formula that both use is found by neither.
    Means are taken as normal, which rare events in few people are not.

    Examples
    --------
    >>> import costmodel as cm
    >>> study = cm.read_study("clonazepam-us")
    >>> rows = cross_validation(
    ...     study, people=500, segments=["medicaid_panic"], strategies=["generic"], scenario="one_year"
    ... )
    >>> rows.set_index("measure").loc["treatment_years", "verdict"]
    'agree'
    """
    import pandas as pd

    from costmodel.model import simulate_people

    if people < _LEAST_PEOPLE:
        raise CostModelError(f"people must be {_LEAST_PEOPLE} or more: fewer tell nothing; found {people}")
    model, draws = _part(study.model(scenario), segments, strategies), study.draws()
    found = simulate_people(model, draws, n_people=people, seed=seed)
    means = found.outcomes.discounted[:, :, 0]
    errors = found.totals[:, :, 0].std(axis=-1, ddof=1) / np.sqrt(people)
    exact = evaluate(model, draws).discounted[:, :, 0]
    rows = [
        {
            "segment": segment.name,
            "strategy": strategy.name,
            "measure": measure,
            "cohort": float(exact[row, column, place]),
            "individuals": float(means[row, column, place]),
            "standard_error": float(errors[row, column, place]),
        }
        for place, segment in enumerate(model.segments)
        for row, strategy in enumerate(model.strategies)
        for column, measure in enumerate(model.measures)
    ]
    return _judged(pd.DataFrame(rows))


def _part(model: Model, segments: Sequence[str] | None, strategies: Sequence[str] | None) -> Model:
    """Return the model with some of its segments and strategies alone."""
    for names, of, what in (
        (segments, model.segments, "segment"),
        (strategies, model.strategies, "strategy"),
    ):
        for name in names or ():
            one_of(name, [item.name for item in of], what)
    kept = tuple(item for item in model.strategies if strategies is None or item.name in strategies)
    comparator = model.comparator if model.comparator in {item.name for item in kept} else kept[0].name
    return replace(
        model,
        segments=tuple(item for item in model.segments if segments is None or item.name in segments),
        strategies=kept,
        comparator=comparator,
    )


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Add z and the verdict."""
    difference = rows["individuals"] - rows["cohort"]
    size = np.maximum(rows["cohort"].abs(), rows["individuals"].abs())
    varies = rows["standard_error"] > _ROUNDING * size
    z = (difference / rows["standard_error"].where(varies)).astype("Float64")
    limit = NormalDist().inv_cdf(1 - _FALSE_ALARM / 2 / max(1, int(varies.sum())))
    far = z.abs().gt(limit).fillna(value=False).astype(bool) | (
        ~varies & (difference.abs() > _ROUNDING * size)
    )
    nobody = ~varies & (rows["individuals"] == 0) & (rows["cohort"] != 0)
    verdict = np.select([nobody, far], [NOT_MET, DISAGREE], AGREE)
    return rows.assign(z=z, verdict=verdict)
