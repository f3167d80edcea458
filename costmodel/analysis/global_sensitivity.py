"""Global sensitivity analysis: whose uncertainty makes the result uncertain, alone and together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.one_way import used_parameters
from costmodel.analysis.question import Question
from costmodel.analysis.saltelli import LEVEL, Saltelli, indices_of
from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.inputs import Draws, Parameters
from costmodel.inputs.drawing import factors, placed
from costmodel.model import Model, Outcomes, evaluate
from costmodel.model.resample import redraws

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Measure = Question | Callable[[Outcomes], ArrayLike]


def sobol_indices(
    model: Model,
    parameters: Parameters,
    question: Measure,
    *,
    n: int = 1024,
    seed: int = 0,
    vary: Sequence[str] | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return first-order and total Sobol indices of every uncertain parameter, with bootstrap intervals.

    Parameters
    ----------
    model : Model
    parameters : Parameters
        Each is drawn from its own distribution. Those drawn together (Dirichlet, multivariate normal) are
        one factor under the name of their group: their variance cannot be shared out among them.
    question : Question or callable
        A difference in cost or in net benefit; or what takes :class:`~costmodel.model.Outcomes` and gives
        one number per draw, such as the cost of one strategy or an effect. Never a ratio.
    n : int, default 1024
        A power of two; the model is evaluated ``n`` (k + 2) times for k factors.
    seed : int, default 0
    vary : sequence of str, optional
        Parameters or groups to vary; all uncertain ones if left out. The others keep their base-case values.
    level : float, default 0.95

    Returns
    -------
    pandas.DataFrame
        One row per factor, the largest total index first: ``parameter``, its name or that of its group;
        ``members``, the parameters in it; ``first_order, first_low, first_high``, the share of the variance
        that learning it alone would take away on average; ``total, total_low, total_high``, the share left
        if all others were learnt; ``interaction``, total less first order; ``remark``: empty,
        ``not used by the model``, or ``used, but does not move the result``. Indices are as computed: where
        an interval passes below 0, the index cannot be told from 0.
        ``attrs``: ``first_sum`` of the first-order indices; ``remainder``, 1 less that, the share of
        interactions; ``mean``, ``variance``; ``n``, ``evaluations``, ``seed``, ``level``; ``fixed``, the
        parameters without a distribution; ``held``, the uncertain ones that were not varied.

    Raises
    ------
    CostModelError
        ``n`` is no power of two; a name in ``vary`` is unknown, fixed, or one of a group; the result is the
        same everywhere, not finite, or not one number per draw; or the model redraws what it cannot use,
        which a design cannot.

    Notes
    -----
    The first-order index of a group of one is the variance of the expected result given the parameter, over
    the variance of the result. Times the variance, it is by how much learning it would narrow the result; it
    does not say whether the decision would change: see :func:`evppi`.

    References
    ----------
    .. [1] Sobol' IM. Global sensitivity indices for nonlinear mathematical models and their Monte Carlo
       estimates. Mathematics and Computers in Simulation 2001; 55:271-80.
    .. [2] Saltelli A et al. Variance based sensitivity analysis of model output. Design and estimator for the
       total sensitivity index. Computer Physics Communications 2010; 181:259-70.

    Examples
    --------
    A brand that costs 4 ± 0.8 and a generic that costs 1 ± 0.6: 0.64 / (0.64 + 0.36) of the variance.

    >>> from costmodel.inputs import Parameter
    >>> from costmodel.model.examples import two_prices
    >>> money = {"unit": "USD/unit", "currency": "USD", "price_year": 2026, "status": "assumed"}
    >>> table = Parameters.of(
    ...     Parameter("price_brand", 4.0, distribution="normal", basis="se=0.8", **money),
    ...     Parameter("price_generic", 1.0, distribution="normal", basis="se=0.6", **money),
    ... )
    >>> found = sobol_indices(two_prices(), table, Question("generic", "payer"))
    >>> found[["parameter", "total"]].round(2).values.tolist()
    [['price_brand', 0.64], ['price_generic', 0.36]]
    """
    if redraws(model):
        raise CostModelError(
            'on_invalid or on_crossed = "resample" replaces draws, and a Saltelli design cannot: '
            'set it to "clip" or "error", or use importance on the draws of a probabilistic analysis'
        )
    every = factors(parameters)
    chosen = {name: every[name] for name in sorted(_varied(parameters, every, vary))}
    design = Saltelli({name: len(members) for name, members in chosen.items()}, n=n, seed=seed)

    def result(points: Mapping[str, Floats]) -> Floats:
        draws = placed(parameters, points, seed=seed, method="sobol")
        return _one_per_draw(question, evaluate(model, draws), draws)

    table = indices_of(result, design, level=level)
    table.insert(1, "members", [", ".join(members) for members in chosen.values()])
    used = used_parameters(model)
    table["remark"] = [
        _remark(used=bool(used.intersection(members)), total=total)
        for members, total in zip(chosen.values(), table["total"], strict=True)
    ]
    table.attrs["fixed"] = [name for name, row in parameters.items() if not row.uncertain]
    table.attrs["held"] = [name for factor in every if factor not in chosen for name in every[factor]]
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def _varied(
    parameters: Parameters, every: Mapping[str, tuple[str, ...]], vary: Sequence[str] | None
) -> Sequence[str]:
    """Return the labels to vary: all, or those asked for if each can be."""
    if vary is None:
        return list(every)
    if isinstance(vary, str) or len(set(vary)) < len(vary):
        raise CostModelError(f"vary must be a list of different parameters or groups; found {vary!r}")
    for name in vary:
        row = parameters[name] if name in parameters and name not in every else None
        if row is not None and row.group:
            raise CostModelError(
                f"'{name}' is drawn together with the rest of the group '{row.group}' "
                f"({', '.join(every[row.group])}): its share of the variance cannot be told from theirs; "
                f"name the group '{row.group}', which is one factor"
            )
        joined = next((label for label, members in every.items() if name in members), None)
        if row is not None and joined is not None:
            raise CostModelError(
                f"'{name}' is correlated by rank with others: its share of the variance cannot be told from "
                f"theirs; name '{joined}', which is one factor"
            )
        if row is not None:
            raise CostModelError(
                f"'{name}' is fixed: without a distribution it has no share of the variance; vary it by "
                "one_way"
            )
        one_of(name, every, "uncertain parameter or group")
    return list(vary)


def _one_per_draw(question: Measure, outcomes: Outcomes, draws: Draws) -> Floats:
    found = question.of(outcomes) if isinstance(question, Question) else question(outcomes)
    values = np.asarray(found, dtype=float)
    if values.shape != (draws.n,):
        raise CostModelError(
            f"one number per draw is needed, shape ({draws.n},); found shape {values.shape}: take one "
            "strategy, or the difference of two"
        )
    return values


def _remark(*, used: bool, total: float) -> str:
    if not used:
        return "not used by the model"
    return "used, but does not move the result" if total == 0 else ""
