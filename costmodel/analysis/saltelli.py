"""Sobol indices of any function of independent uniform numbers: the Saltelli design and its analysis.

The design and the estimators are those of SALib; here is what keeps a result from being set against a design
that it does not belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.inputs.randomness import SOBOL_BITS, checked_count, checked_seed, stream_key

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Function = Callable[[Mapping[str, Floats]], ArrayLike]
"""Takes uniform numbers by factor, each (rows, columns), and gives one number per row."""

LEVEL = 0.95
_LEAST = 16
_RESAMPLES = 400
_STILL = 1e-12
_SAME = 1e-9
_PROBES = 16


@dataclass(frozen=True)
class Saltelli:
    """A design for first-order and total Sobol indices, in the unit cube.

    Two independent samples A and B of ``n`` points; between each pair of them, A with one factor at a time
    taken from B: ``n`` (k + 2) rows for k factors.

    Parameters
    ----------
    columns : mapping of factor to int
        Two factors or more; how many uniform numbers each takes, 1 for a single parameter.
    n : int, default 1024
        A power of two, 16 or more.
    seed : int, default 0
        Of the scrambling; from 0 on, and 0 is a seed like any other.

    Raises
    ------
    CostModelError
        ``n`` is no power of two, the seed cannot be used, or there are fewer than two factors.

    References
    ----------
    .. [1] Saltelli A et al. Variance based sensitivity analysis of model output. Design and estimator for the
       total sensitivity index. Computer Physics Communications 2010; 181:259-70.
    .. [2] Owen AB. On dropping the first Sobol' point. arXiv:2008.08051; 2020.

    Examples
    --------
    >>> design = Saltelli({"x": 1, "y": 1}, n=16)
    >>> design.evaluations, design.points["x"].shape
    (64, (64, 1))
    """

    columns: Mapping[str, int]
    n: int = 1024
    seed: int = 0

    def __post_init__(self) -> None:
        checked_seed(self.seed)
        power_of_two(self.n)
        if len(self.columns) < 2:  # noqa: PLR2004 - one factor has all the variance
            found = ", ".join(self.columns) or "none"
            raise CostModelError(
                f"Sobol indices share a variance out among two factors or more; found {found}"
            )

    @property
    def evaluations(self) -> int:
        """Rows of the design."""
        return self.n * (len(self.columns) + 2)

    @cached_property
    def points(self) -> dict[str, Floats]:
        """Uniform numbers above 0 and below 1 by factor, each (evaluations, columns)."""
        from SALib.sample import sobol

        rng = np.random.default_rng(stream_key(self.seed, "saltelli"))
        rows = sobol.sample(self.problem, self.n, calc_second_order=False, seed=rng)
        if len(rows) != self.evaluations:
            raise CostModelError(f"the design must have {self.evaluations} rows; found {len(rows)}")
        # the points lie on the lower edges of a grid that includes 0: half a cell more is inside
        inside = np.asarray(rows, dtype=np.float64) + 2.0 ** -(SOBOL_BITS + 1)
        ends = np.cumsum(list(self.columns.values()))[:-1]
        return dict(zip(self.columns, np.split(inside, ends, axis=1), strict=True))

    @property
    def problem(self) -> dict[str, Any]:
        """The design in SALib's words: a column per uniform number, grouped by factor."""
        groups = [str(place) for place, k in enumerate(self.columns.values()) for _ in range(k)]
        names = [f"column {place}" for place in range(len(groups))]
        return {
            "num_vars": len(names),
            "names": names,
            "groups": groups,
            "bounds": [[0.0, 1.0]] * len(names),
        }


def power_of_two(n: int) -> int:
    """Return ``n`` if a balanced design has so many points.

    Examples
    --------
    >>> power_of_two(1000)
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: n must be a power of two, 16 or more, because only then is a Sobol \
sequence balanced; found 1000: take 512 or 1024
    """
    checked_count(n, "n")
    if n >= _LEAST and not n & (n - 1):
        return n
    above = max(_LEAST, 1 << n.bit_length())
    near = f"{above // 2} or {above}" if n > _LEAST else f"{_LEAST}, or 1024"
    raise CostModelError(
        f"n must be a power of two, {_LEAST} or more, because only then is a Sobol sequence balanced; "
        f"found {n}: take {near}"
    )


def indices_of(
    function: Function, design: Saltelli, *, level: float = LEVEL, resamples: int = _RESAMPLES
) -> pd.DataFrame:
    """Return the Sobol indices of a function of independent uniform numbers.

    Parameters
    ----------
    function : callable
        Takes ``{factor: uniform numbers, (rows, columns)}``, gives one number per row. It is called twice:
        at the whole design, and again at some of its rows in another order, which must give the same.
    design : Saltelli
    level, resamples
        As :func:`indices`.

    Returns
    -------
    pandas.DataFrame
        As :func:`indices`.

    Raises
    ------
    CostModelError
        As :func:`indices`, or the function gives other results for the same points: they are not in the
        order of the design, or depend on chance.

    Examples
    --------
    Two normal effects of sizes 2 and 1, added: 4 / 5 of the variance, and 1 / 5.

    >>> from scipy.special import ndtri
    >>> design = Saltelli({"x": 1, "y": 1}, n=4096)
    >>> found = indices_of(lambda u: 2 * ndtri(u["x"][:, 0]) + ndtri(u["y"][:, 0]), design)
    >>> found["total"].round(2).tolist()
    [0.8, 0.2]
    """
    values = _numbers(function(design.points), design)
    rng = np.random.default_rng(stream_key(design.seed, "probes"))
    rows = rng.permutation(design.evaluations)[:_PROBES]
    again = np.asarray(function({name: own[rows] for name, own in design.points.items()}), dtype=float)
    if again.shape != rows.shape or not np.allclose(
        again, values[rows], rtol=_SAME, atol=_SAME * float(np.abs(values).max())
    ):
        raise CostModelError(
            "the results are not those of the design, row by row: evaluated again, the same points give "
            "other numbers; keep the order of the rows, and fix what depends on chance"
        )
    return indices(values, design, level=level, resamples=resamples)


def indices(
    values: ArrayLike, design: Saltelli, *, level: float = LEVEL, resamples: int = _RESAMPLES
) -> pd.DataFrame:
    """Return the Sobol indices that follow from the results at a design.

    Parameters
    ----------
    values : array, (evaluations,)
        In the order of the design.
    design : Saltelli
    level : float, default 0.95
        Of the intervals: the estimate ± the normal quantile times the bootstrap's standard error.
    resamples : int, default 400
        Of the bootstrap, which resamples whole blocks of k + 2 rows.

    Returns
    -------
    pandas.DataFrame
        One row per factor in the order of the design: ``parameter``; ``first_order``, the share of the
        variance that learning it alone would take away; ``total``, the share that would be left if all else
        were learnt; ``first_low, first_high, total_low, total_high``; ``interaction``, total less first
        order. Nothing is clipped: a small index may come out below 0, and then the truth is near 0. The
        index of a factor that moves no result by more than a rounding error (1e-12 of the largest) is 0.
        ``attrs``: ``first_sum`` of the first-order indices; ``remainder``, 1 less that, what parameters do
        together only, and the error of the estimate; ``mean``, ``variance``; ``n``, ``evaluations``,
        ``seed``, ``level``.

    Raises
    ------
    CostModelError
        The results are fewer or more than the design has rows, not finite, or all the same.

    References
    ----------
    .. [1] Saltelli A et al. Variance based sensitivity analysis of model output. Design and estimator for the
       total sensitivity index. Computer Physics Communications 2010; 181:259-70.
    """
    import pandas as pd
    from SALib.analyze import sobol

    in_interval(level, "level", low=0.01, high=0.9999)
    if checked_count(resamples, "resamples") < _LEAST:
        raise CostModelError(f"resamples must be {_LEAST} or more; found {resamples}")
    y = _settled(_numbers(values, design), design)
    # SALib takes a seed of 0 for none, and then draws from a generator that others use
    seed = 1 + stream_key(design.seed, "bootstrap") % 2**32
    found = sobol.analyze(
        design.problem, y, calc_second_order=False, num_resamples=resamples, conf_level=level, seed=seed
    )
    first, total = found["S1"], found["ST"]
    table = pd.DataFrame(
        {
            "parameter": list(design.columns),
            "first_order": first,
            "first_low": first - found["S1_conf"],
            "first_high": first + found["S1_conf"],
            "total": total,
            "total_low": total - found["ST_conf"],
            "total_high": total + found["ST_conf"],
            "interaction": total - first,
        }
    )
    both = _samples(y, design)
    table.attrs.update(
        first_sum=float(first.sum()),
        remainder=float(1 - first.sum()),
        mean=float(both.mean()),
        variance=float(both.var()),
        n=design.n,
        evaluations=design.evaluations,
        seed=design.seed,
        level=level,
    )
    return table


def _settled(values: Floats, design: Saltelli) -> Floats:
    """Return the results without rounding errors in those of a factor that moves nothing."""
    blocks = values.reshape(design.n, -1).copy()
    moved = np.abs(blocks[:, 1:-1] - blocks[:, :1]).max(axis=0) > _STILL * np.abs(values).max()
    blocks[:, 1:-1] = np.where(moved, blocks[:, 1:-1], blocks[:, :1])
    return blocks.ravel()


def _samples(values: Floats, design: Saltelli) -> Floats:
    """Return the results at A and B, which are independent of the factors' order."""
    return values.reshape(design.n, -1)[:, [0, -1]]


def _numbers(values: ArrayLike, design: Saltelli) -> Floats:
    y = np.asarray(values, dtype=float)
    if y.shape != (design.evaluations,):
        raise CostModelError(
            f"a design of n = {design.n} and {len(design.columns)} factors needs n (k + 2) = "
            f"{design.evaluations} results, one per row; found shape {y.shape}"
        )
    if not np.isfinite(y).all():
        worst = int(np.argmin(np.isfinite(y)))
        raise CostModelError(
            f"a result must be a finite number; row {worst} gives {y[worst]}: take a net benefit, a cost or "
            "an effect, never a ratio"
        )
    if np.ptp(y) <= _STILL * np.abs(y).max():
        raise CostModelError(
            f"the result is {y[0]:,.6g} whatever the parameters: there is no variance to share out, and that "
            "is the result"
        )
    return y
