"""How far a result would move with other draws, how many draws suffice, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.acceptability import net_benefit
from costmodel.analysis.summary import enough
from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Values = Callable[[int, int], Floats]
"""Takes a number of draws and a seed, and gives one number per draw."""

LEVEL = 0.95
_LEAST = 2
_EXACT = 1e-12
_FIRST = 64


def running(values: ArrayLike, *, level: float = LEVEL) -> pd.DataFrame:
    """Return the mean over the first draws with its Monte Carlo interval, at doubling numbers of draws.

    Parameters
    ----------
    values : array, (draws,)
        Such as :meth:`Question.of`; in the order in which they were drawn.
    level : float, default 0.95

    Returns
    -------
    pandas.DataFrame
        ``n`` (about eight per doubling, and the last), ``mean, se, low, high``: the interval is that of
        the mean, for independent draws.

    Examples
    --------
    >>> running([1.0, 3.0, 2.0, 2.0]).iloc[-1].round(3).tolist()
    [4.0, 2.0, 0.408, 1.2, 2.8]
    """
    import pandas as pd

    x = _series(values)
    n = np.unique(np.geomspace(min(8, len(x)), len(x), max(2, 8 * len(x).bit_length())).round().astype(int))
    n = n[n >= _LEAST]
    shifted = x - x.mean()
    mean, square = (np.cumsum(one)[n - 1] / n for one in (shifted, shifted**2))
    se = np.sqrt(np.maximum(square - mean**2, 0.0) / (n - 1))
    mean = mean + x.mean()
    half = _z(level) * se
    return pd.DataFrame({"n": n, "mean": mean, "se": se, "low": mean - half, "high": mean + half})


def draws_needed(values: ArrayLike, within: float, *, level: float = LEVEL) -> int:
    """Return how many independent draws put the mean within ± ``within`` of the truth.

    Parameters
    ----------
    values : array, (draws,)
        A first sample, from which the spread is taken.
    within : float
        Half the width of the interval of the mean, in the unit of the values; above 0.
    level : float, default 0.95

    Examples
    --------
    A standard deviation of 10 and ± 1: (1.96 x 10 / 1)^2 = 384.1.

    >>> import numpy as np
    >>> draws_needed(np.array([-1.0, 1.0] * 500) * 10 * np.sqrt(999 / 1000), 1.0)
    385
    """
    in_interval(within, "within", low=0, open_low=True)
    spread = float(_series(values).std(ddof=1))
    return max(_LEAST, math.ceil((_z(level) * spread / within) ** 2 - 1e-9))


def replicated(run: Values, n: int, *, replicates: int = 16, seed: int = 0) -> Floats:
    """Return the mean of each of several independent designs of ``n`` draws.

    Their spread is the error of one of them, also where draws are not independent, as those of a Sobol
    sequence: each seed is another scrambling.

    Parameters
    ----------
    run : callable
        ``run(n, seed)`` gives one number per draw.
    n : int
    replicates : int, default 16
    seed : int, default 0
        Of the first design; the others have the seeds that follow.

    Returns
    -------
    array, (replicates,)

    References
    ----------
    .. [1] Owen AB. Randomly permuted (t,m,s)-nets and (t,s)-sequences. In: Monte Carlo and Quasi-Monte
       Carlo Methods in Scientific Computing; 1995:299-317.
    """
    _whole(replicates, "replicates", _LEAST)
    return np.array([float(_series(run(n, seed + place)).mean()) for place in range(replicates)])


@dataclass(frozen=True)
class Stopped:
    """A run that was stopped.

    Attributes
    ----------
    mean, half_width : float
        The result, and half its interval.
    n : int
        Draws of the last design, per replicate.
    total : int
        Draws of the last designs together.
    reached : bool
        Whether the half-width is within the tolerance; False where ``most`` came first.
    history : pandas.DataFrame
        ``n, mean, half_width`` of every step.
    words : str
    """

    mean: float
    half_width: float
    n: int
    total: int
    reached: bool
    history: pd.DataFrame
    words: str


def run_until(
    run: Values,
    *,
    tolerance: float,
    most: int = 2**20,
    first: int = _FIRST,
    seed: int = 0,
    replicates: int = 1,
    level: float = LEVEL,
) -> Stopped:
    """Double the draws until the mean is known to within a tolerance.

    The seed stays, so that every longer design begins with the draws of the shorter one; a run whose
    draws do not is refused.

    Parameters
    ----------
    run : callable
        ``run(n, seed)`` gives one number per draw.
    tolerance : float
        Half the width of the interval of the mean at which to stop.
    most : int
        Draws per replicate beyond which it stops in any case, and says so.
    first : int
        Draws to start with; a power of two, as all that follow are.
    seed : int, default 0
    replicates : int, default 1
        1 for independent draws, whose error follows from their spread; for Sobol draws at least 4, say 8:
        the error is then that between scramblings.
    level : float, default 0.95

    Raises
    ------
    CostModelError
        The tolerance is not above 0, ``first`` is no power of two or above ``most``, or a longer design
        does not begin with the shorter.
    """
    import pandas as pd

    in_interval(tolerance, "tolerance", low=0, open_low=True)
    _whole(replicates, "replicates", 1)
    if first < _LEAST or first & (first - 1) or first > most:
        raise CostModelError(f"first must be a power of two from 2 to most ({most}); found {first}")
    rows: list[tuple[int, float, float]] = []
    before: list[Floats] = []
    n = first
    while True:
        found = [_series(run(n, seed + place)) for place in range(replicates)]
        _continues(before, found)
        mean, half = _estimate(found, level)
        rows.append((n, mean, half))
        if half <= tolerance or 2 * n > most:
            break
        before, n = found, 2 * n
    history = pd.DataFrame(rows, columns=["n", "mean", "half_width"])
    reached = half <= tolerance
    total = n * replicates
    verb = "reached" if reached else "not reached: stopped at the most draws allowed"
    words = f"{mean:,.6g} ± {half:.3g} after {total:,} draws (± {tolerance:g} {verb})"
    return Stopped(mean, half, n, total, reached, history, words)


def _estimate(found: Sequence[Floats], level: float) -> tuple[float, float]:
    if len(found) == 1:
        x = found[0]
        return float(x.mean()), _z(level) * float(x.std(ddof=1)) / math.sqrt(len(x))
    from scipy.special import stdtrit

    means = np.array([one.mean() for one in found])
    t = float(stdtrit(len(means) - 1, (1 + level) / 2))
    return float(means.mean()), t * float(means.std(ddof=1)) / math.sqrt(len(means))


def _continues(before: Sequence[Floats], found: Sequence[Floats]) -> None:
    for old, new in zip(before, found, strict=False):
        if not np.allclose(old, new[: len(old)], rtol=1e-9, atol=0.0):
            raise CostModelError(
                "a longer run does not begin with the draws of the shorter one: pass the seed on"
            )


@dataclass(frozen=True)
class Decision:
    """How sure the draws make it that the best strategy is the best.

    Attributes
    ----------
    best, runner_up : str
        The highest and the second highest mean net benefit.
    gap, se : float
        Between the two, and its Monte Carlo standard error.
    probability : float
        That the best mean is truly the best, given the error of finitely many draws; with three strategies
        or more, at least this (Bonferroni). It is no acceptability: it goes to 1 with the number of draws.
    """

    best: str
    runner_up: str
    gap: float
    se: float
    probability: float


def decision_certainty(
    outcomes: Outcomes,
    wtp: float,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
) -> Decision:
    """Return the probability that more draws would not change the decision.

    Parameters
    ----------
    outcomes : Outcomes
        Of independent draws.
    wtp : float
        0 compares costs alone.
    perspective, effect : str
    segment : str, optional

    Returns
    -------
    Decision
    """
    from scipy.special import ndtr

    enough(outcomes)
    if len(outcomes.strategies) < _LEAST:
        raise CostModelError("a decision needs two strategies or more; found one")
    net = net_benefit(outcomes, wtp, perspective=perspective, effect=effect, segment=segment)
    best, second = np.argsort(-net.mean(axis=1), kind="stable")[:2]
    gaps = net[best] - np.delete(net, best, axis=0)
    mean, se = gaps.mean(axis=1), gaps.std(axis=1, ddof=1) / math.sqrt(net.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(se > 0, mean / se, np.where(mean > 0, np.inf, 0.0))
    wrong = float(ndtr(-score).sum())
    place = int(second - (second > best))
    return Decision(
        outcomes.strategies[best],
        outcomes.strategies[second],
        float(mean[place]),
        float(se[place]),
        max(0.0, 1.0 - wrong),
    )


def compare_methods(
    runs: dict[str, Values],
    sizes: Sequence[int],
    *,
    replicates: int = 16,
    seed: int = 0,
    truth: float | None = None,
) -> pd.DataFrame:
    """Compare the error of ways of drawing at the same numbers of draws.

    Parameters
    ----------
    runs : mapping of method to callable
        With ``monte_carlo`` among them, and others such as ``sobol``.
    sizes : sequence of int
        Draws, rising; powers of two.
    replicates : int, default 16
    seed : int, default 0
    truth : float, optional
        The true mean. If left out, the mean over the replicates, all at the largest size, of the method
        whose replicates agree best; the error of that one row is then measured about its own mean, and
        somewhat understated.

    Returns
    -------
    pandas.DataFrame
        One row per method and size: ``method, n, mean, rmse`` (root mean squared error over replicates)
        and ``equal_draws``, the independent draws that have this error, and ``ratio`` of these to ``n``.
    """
    import pandas as pd

    if "monte_carlo" not in runs:
        raise CostModelError(f"one of the methods must be 'monte_carlo'; found {', '.join(runs) or 'none'}")
    means = {
        (method, n): replicated(run, n, replicates=replicates, seed=seed)
        for method, run in runs.items()
        for n in sizes
    }
    last = min((means[method, max(sizes)] for method in runs), key=lambda one: float(one.std()))
    target = float(last.mean()) if truth is None else truth
    variance = float(_series(runs["monte_carlo"](max(sizes), seed)).var(ddof=1))
    rows = []
    for (method, n), found in means.items():
        square = float(np.mean((found - target) ** 2))
        equal = variance / square if math.sqrt(square) > _EXACT * abs(target) else math.inf
        if math.isinf(equal):
            raise CostModelError(f"{method} with {n} draws is exact: there is no error to compare")
        row = {"method": method, "n": n, "mean": float(found.mean()), "rmse": math.sqrt(square)}
        rows.append({**row, "equal_draws": equal, "ratio": equal / n})
    return pd.DataFrame(rows)


def _series(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or len(x) < _LEAST or not np.isfinite(x).all():
        raise CostModelError(f"two or more finite numbers are needed, one per draw; found shape {x.shape}")
    return x


def _whole(value: int, what: str, least: int) -> None:
    if value < least or value != int(value):
        raise CostModelError(f"{what} must be a whole number, {least} or more; found {value}")


def _z(level: float) -> float:
    from scipy.special import ndtri

    in_interval(level, "level", low=0.01, high=0.9999)
    return float(ndtri((1 + level) / 2))
