"""The value of a study of a given size: what it would tell, what it would cost, which size is best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.designs import StudyDesign
from costmodel.analysis.information import conditional, differences, gain, population_value
from costmodel.analysis.smoothing import fit
from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

METHODS = ("likelihood", "regression")

_DATA_SETS = 1000
_BLOCK = 250
_PAIRS = (48, 192)
_DOUBT = 5.0


@dataclass(frozen=True)
class SampleInformation:
    """The expected value of sample information of one study, per person.

    Attributes
    ----------
    value : float
        In the outcomes' money; at least 0.
    se : float
        Standard error over the data sets or draws used; 0 where every data set was enumerated.
    upper : float
        Value of perfect information on the same parameters by the same fit, which no study exceeds.
    method : str
    doubt : str
        Why the result should not be believed; empty where nothing speaks against it.
    """

    value: float
    se: float
    upper: float
    method: str
    doubt: str


def evsi(
    outcomes: Outcomes,
    draws: Draws,
    design: StudyDesign,
    wtp: float,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
    method: str = "likelihood",
    exact: bool = False,
    seed: int = 0,
) -> SampleInformation:
    """Return the expected value of sample information of a study.

    Parameters
    ----------
    outcomes : Outcomes
        Of the same draws. With ``exact``, those of :func:`expected_given`.
    draws : Draws
    design : StudyDesign
        :class:`Binary`, :class:`NormalMean`, :class:`TimeToEvent` or :class:`TwoArms`.
    wtp : float
    perspective, effect : str
    segment : str, optional
    method : {"likelihood", "regression"}
        ``likelihood``: net benefit given the study's parameters, averaged over draws weighted by the
        likelihood of each data set (all of them where they are few, 1,000 simulated ones otherwise).
        ``regression``: one simulated data set per draw, and net benefit regressed on its summary.
    exact : bool, default False
        Whether outcomes already are expectations given the study's parameters; they are regressed on
        these otherwise.
    seed : int, default 0

    Returns
    -------
    SampleInformation

    References
    ----------
    .. [1] Menzies NA. An efficient estimator for the expected value of sample information. Medical Decision
       Making 2016; 36:308-20 (likelihood weights).
    .. [2] Strong M, Oakley JE, Brennan A, Breeze P. Estimating the expected value of sample information
       using the probabilistic sensitivity analysis sample. Medical Decision Making 2015; 35:570-83.
    """
    in_interval(wtp, "willingness to pay", low=0)
    one_of(method, METHODS, "method")
    cost, gained = differences(outcomes, draws.n, perspective, effect, segment)
    doubt = ""
    if not exact:
        fitted = conditional((cost, gained), draws, design.parameters, label="study")
        cost, gained, doubt = *fitted.sides, fitted.doubt
    net = wtp * gained - cost
    upper = gain(net)[0]
    rng = np.random.default_rng(seed)
    if method == "regression":
        data = design.simulate(draws, rng)
        smooth = fit(net[1:], design.summary(data))
        value, se = gain(np.vstack([np.zeros_like(net[:1]), smooth.fitted]))
        doubt = doubt or smooth.doubt
    else:
        value, se = _by_likelihood(net, draws, design, rng)
    return SampleInformation(min(max(value, 0.0), upper), se, upper, method, doubt)


def _by_likelihood(
    net: Floats, draws: Draws, design: StudyDesign, rng: np.random.Generator
) -> tuple[float, float]:
    data = design.all_data()
    listed = data is not None
    if data is None:
        rows = rng.permutation(draws.n)[:_DATA_SETS]
        data = design.simulate(draws.take(rows), rng)
    expected, mass = [], []
    for start in range(0, len(data), _BLOCK):
        log = design.log_likelihood(data[start : start + _BLOCK], draws)
        top = log.max(axis=1, keepdims=True)
        weight = np.exp(log - top)
        total = weight.sum(axis=1)
        expected.append((weight @ net.T) / total[:, None])
        mass.append(np.exp(top[:, 0]) * total / draws.n if listed else np.ones(len(total)))
    means, share = np.concatenate(expected), np.concatenate(mass)
    share = share / share.sum()
    best = int((share @ means).argmax())
    gains = means.max(axis=1) - means[:, best]
    value = float(share @ gains)
    error = 0.0 if listed else float(gains.std(ddof=1) / np.sqrt(len(gains)))
    return value, error


def expected_given(
    run: Callable[[Draws], Outcomes],
    draws: Draws,
    parameters: Sequence[str],
    *,
    seed: int = 0,
    check: bool = True,
) -> Outcomes:
    """Return outcomes expected given some parameters, exactly where the model is linear in each other one.

    All other parameters are set to their means over the draws. That gives the expectation where results
    are linear in each of them and they are independent of the group and of one another: sums and products,
    but no caps, maxima or survival.

    Parameters
    ----------
    run : callable
        Takes draws, returns outcomes; such as ``lambda d: evaluate(model, d)``.
    draws : Draws
    parameters : sequence of str
        What is known.
    seed : int, default 0
    check : bool, default True
        Whether to hold 48 values of the group against the mean over 192 draws of the others.

    Raises
    ------
    CostModelError
        A parameter is unknown, or the check finds that the model is not linear in the others.
    """
    for name in parameters:
        _ = draws[name]
    others = [name for name in draws.values if name not in set(parameters)]  # noqa: PD011 - a mapping
    means = {name: float(draws[name].mean()) for name in others}
    found = run(draws.replace(**means))
    if check:
        _check_linear(run, draws, parameters, means, np.random.default_rng(seed))
    return found


def _check_linear(
    run: Callable[[Draws], Outcomes],
    draws: Draws,
    parameters: Sequence[str],
    means: dict[str, float],
    rng: np.random.Generator,
) -> None:
    known, others = (min(size, draws.n) for size in _PAIRS)
    left = rng.permutation(draws.n)[:known]
    right = np.concatenate([rng.permutation(draws.n)[:others] for _ in range(known)])
    mixed = draws.take(right).replace(**{name: np.repeat(draws[name][left], others) for name in parameters})
    sampled = run(mixed).discounted.mean(axis=3)
    single = run(draws.take(left).replace(**means)).discounted.mean(axis=3)
    apart = sampled.reshape(*sampled.shape[:2], known, others)
    error = apart.std(axis=-1, ddof=1) / np.sqrt(others)
    gap = np.abs(apart.mean(axis=-1) - single)
    floor = 1e-9 * np.abs(single).max()
    score = float((gap / np.maximum(error, floor or 1.0)).max())
    if score > _DOUBT:
        raise CostModelError(
            f"results are not linear in the parameters outside the group: the mean over them differs by "
            f"{score:.1f} standard errors from the result at their means; use the regression instead"
        )


def enbs(
    value_per_person: ArrayLike,
    n: ArrayLike,
    *,
    people_per_year: float,
    years: float,
    cost_per_subject: float,
    fixed_cost: float = 0.0,
    years_to_report: float = 0.0,
    discount: float = 0.03,
) -> pd.DataFrame:
    """Return the expected net benefit of sampling by size of the study.

    Parameters
    ----------
    value_per_person : array, (k,)
        EVSI of each size.
    n : array, (k,)
        Subjects of each size.
    people_per_year, years, discount
        See :func:`costmodel.analysis.information.population_value`.
    cost_per_subject, fixed_cost : float
        Of the study, now.
    years_to_report : float, default 0
        Until its result can change a decision.

    Returns
    -------
    pandas.DataFrame
        ``n, evsi`` (per person), ``population_value, study_cost, enbs`` and ``optimal``: the size with the
        highest net benefit, if that is above 0; no row is optimal otherwise.

    Examples
    --------
    >>> table = enbs(
    ...     [8.0, 10.0], [100, 1000], people_per_year=1000, years=10, cost_per_subject=50, discount=0
    ... )
    >>> table[["enbs", "optimal"]].values.tolist()
    [[75000.0, True], [50000.0, False]]
    """
    import pandas as pd

    in_interval(cost_per_subject, "cost_per_subject", low=0)
    in_interval(fixed_cost, "fixed_cost", low=0)
    size, per_person = np.asarray(n, dtype=float), np.asarray(value_per_person, dtype=float)
    if size.shape != per_person.shape or size.ndim != 1:
        raise CostModelError(f"give one value per size of study; found {per_person.shape} and {size.shape}")
    worth = population_value(
        per_person, people_per_year, years=years, discount=discount, delay=years_to_report
    )
    spent = fixed_cost + cost_per_subject * size
    net = worth - spent
    optimal = (np.arange(size.size) == net.argmax()) & (net > 0)
    return pd.DataFrame(
        {
            "n": n,
            "evsi": per_person,
            "population_value": worth,
            "study_cost": spent,
            "enbs": net,
            "optimal": optimal,
        }
    )
