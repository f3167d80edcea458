"""Importance of parameters from any probabilistic sample, by regression, and how far to believe it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
LEVEL = 0.95
_EXPLAINED = 0.7
_INFLATED = 10.0
_RANK = 1e-10
_CONSTANT = "the same in every draw: nothing can be said"
_STILL = 1e-12


def importance(parameters: pd.DataFrame, outcome: ArrayLike, *, level: float = LEVEL) -> pd.DataFrame:
    """Return standardised regression coefficients of an outcome on the parameters of any sample of draws.

    Parameters
    ----------
    parameters : DataFrame
        A row per draw, a column per parameter, such as ``draws.frame()`` or the table of another program.
    outcome : array or Series, (draws,)
        Of the same draws in the same order: a net benefit, a cost or an effect, never a ratio. A Series must
        have the index of the parameters.
    level : float, default 0.95

    Returns
    -------
    pandas.DataFrame
        One row per parameter, the largest coefficient first, those that do not vary last: ``parameter``;
        ``src, src_low, src_high``, the standardised regression coefficient (standard deviations of the
        outcome per standard deviation of the parameter) with its t interval; ``pcc``, the partial
        correlation, with ``pcc_low, pcc_high`` (Fisher's z); ``srrc, srrc_low, srrc_high, prcc, prcc_low,
        prcc_high``, the same on ranks, where a curve that only rises or only falls counts in full;
        ``share`` of the outcome's variance, the coefficient times the correlation: shares add to
        ``r_squared``, and are squares of ``src`` where parameters are uncorrelated; ``r_squared,
        rank_r_squared``, what each regression explains; ``vif``, the variance inflation factor;
        ``remark``; ``doubt``: empty, or why not to believe the row.

    Raises
    ------
    CostModelError
        Parameters and outcome differ in their rows, a cell is missing or no number, a column is named twice,
        the outcome or every parameter is constant, there are too few draws, or parameters determine each
        other exactly (as shares that add to 1 do).

    Notes
    -----
    Intervals on ranks treat ranks as measurements, the usual approximation.

    References
    ----------
    .. [1] Helton JC, Johnson JD, Sallaberry CJ, Storlie CB. Survey of sampling-based methods for uncertainty
       and sensitivity analysis. Reliability Engineering & System Safety 2006; 91:1175-209.
    .. [2] Pratt JW. Dividing the indivisible: using simple symmetry to partition variance explained. In:
       Proceedings of the Second International Tampere Conference in Statistics; 1987:245-60.

    Examples
    --------
    >>> import pandas as pd
    >>> x = pd.DataFrame({"a": [-1, -1, 1, 1] * 4, "b": [-1, 1] * 8})
    >>> importance(x, 4 * x["a"] + 3 * x["b"])[["parameter", "src", "share"]].round(4).values.tolist()
    [['a', 0.8, 0.64], ['b', 0.6, 0.36]]
    """
    import pandas as pd
    from scipy.stats import rankdata

    in_interval(level, "level", low=0.01, high=0.9999)
    x, y = _sample(parameters, outcome)
    names = [str(name) for name in parameters.columns]
    moving = np.ptp(x, axis=0) > _STILL * np.abs(x).max(axis=0)
    _enough(len(y), int(moving.sum()))
    own = [name for name, moves in zip(names, moving, strict=True) if moves]
    plain = _regress(x[:, moving], y, own, level)
    ranks = _regress(rankdata(x[:, moving], axis=0), rankdata(y), own, level)
    table = pd.DataFrame({"parameter": own} | _columns(plain, "src", "pcc") | _columns(ranks, "srrc", "prcc"))
    table["share"] = plain.share
    table["r_squared"], table["rank_r_squared"] = plain.r_squared, ranks.r_squared
    table["vif"] = plain.vif
    table["remark"] = ""
    table["doubt"] = [_doubt(plain.r_squared, ranks.r_squared, vif) for vif in plain.vif]
    order = np.lexsort((np.array(own), -np.abs(plain.coefficient)))
    still = pd.DataFrame({"parameter": [name for name in names if name not in own]}).assign(
        remark=_CONSTANT, doubt=""
    )
    found = table.iloc[order]
    if len(still):
        found = pd.concat([found, still.reindex(columns=table.columns).astype(table.dtypes)])
    return found.reset_index(drop=True)


class _Regression(NamedTuple):
    """Standardised coefficients, partial correlations, both with ends; shares, R squared, inflation."""

    coefficient: Floats
    half: Floats
    partial: Floats
    partial_ends: tuple[Floats, Floats]
    share: Floats
    r_squared: float
    vif: Floats


def _regress(x: Floats, y: Floats, names: list[str], level: float) -> _Regression:
    from scipy.special import ndtri, stdtrit

    n, k = x.shape
    z, target = _standardised(x), _standardised(y)
    correlation = z.T @ z / n
    _separable(correlation, names)
    inverse = np.linalg.inv(correlation)
    with_outcome = z.T @ target / n
    b: Floats = np.asarray(np.linalg.lstsq(z, target, rcond=None)[0], dtype=np.float64)
    share = b * with_outcome
    unexplained = max(float(np.mean((target - z @ b) ** 2)), 0.0)
    free, vif = n - k - 1, np.asarray(np.diag(inverse), dtype=np.float64)
    se: Floats = np.asarray(np.sqrt(unexplained * vif / free), dtype=np.float64)
    far = np.hypot(b, np.sqrt(free) * se)
    partial: Floats = np.clip(np.divide(b, far, out=np.zeros_like(b), where=far > 0), -1.0, 1.0)
    with np.errstate(divide="ignore"):
        middle = np.arctanh(partial)
    reach = float(ndtri((1 + level) / 2)) / np.sqrt(n - k - 2)
    ends = np.tanh(middle - reach), np.tanh(middle + reach)
    half = float(stdtrit(free, (1 + level) / 2)) * se
    return _Regression(b, half, partial, ends, share, 1 - unexplained, vif)


def _standardised(values: Floats) -> Floats:
    centred = values - values.mean(axis=0)
    return np.asarray(centred / centred.std(axis=0))


def _columns(found: _Regression, coefficient: str, partial: str) -> dict[str, Floats]:
    return {
        coefficient: found.coefficient,
        f"{coefficient}_low": found.coefficient - found.half,
        f"{coefficient}_high": found.coefficient + found.half,
        partial: found.partial,
        f"{partial}_low": found.partial_ends[0],
        f"{partial}_high": found.partial_ends[1],
    }


def _doubt(r_squared: float, rank_r_squared: float, vif: float) -> str:
    parts = []
    if r_squared < _EXPLAINED:
        better = f"; on ranks {rank_r_squared:.0%}" + (
            ", trust srrc and prcc" * (rank_r_squared >= _EXPLAINED)
        )
        parts.append(
            f"the regression explains {r_squared:.0%} of the variance: curves or interactions{better}"
        )
    if vif > _INFLATED:
        parts.append(
            f"it moves with other parameters (variance inflation {vif:,.0f}): shares are not its own"
        )
    return "; ".join(parts)


def _separable(correlation: Floats, names: list[str]) -> None:
    values, vectors = np.linalg.eigh(correlation)
    if values[0] <= _RANK * len(names):
        tied = [name for name, weight in zip(names, vectors[:, 0], strict=True) if abs(weight) > 1e-3]  # noqa: PLR2004
        raise CostModelError(
            f"{', '.join(tied)} determine each other exactly, such as shares that add to 1: their effects "
            "cannot be told apart; leave one of them out"
        )


def _enough(n: int, k: int) -> None:
    if not k:
        raise CostModelError("no parameter varies: there is nothing to regress on")
    if n < k + 4:
        raise CostModelError(
            f"{n} draws are too few to regress on {k} parameters: make at least {10 * (k + 1)}"
        )


def _sample(parameters: pd.DataFrame, outcome: ArrayLike) -> tuple[Floats, Floats]:
    """Return parameters and outcome as numbers, if they are of the same rows."""
    import pandas as pd

    twice = parameters.columns[parameters.columns.duplicated()]
    if len(twice):
        raise CostModelError(f"each parameter must have one column; found '{twice[0]}' twice")
    _numeric(parameters)
    x, y = parameters.to_numpy(dtype=float), np.asarray(outcome, dtype=float)
    if y.shape != (len(x),):
        raise CostModelError(
            f"parameters and outcome must be of the same draws; found {len(x)} rows and an outcome of shape "
            f"{y.shape}"
        )
    if isinstance(outcome, pd.Series) and not outcome.index.equals(parameters.index):
        raise CostModelError(
            "parameters and outcome must be of the same draws in the same order; their indexes differ: align "
            "them first, or pass outcome.to_numpy() if they are"
        )
    if not np.isfinite(y).all():
        raise CostModelError(f"the outcome must be finite; row {int(np.argmin(np.isfinite(y)))} is not")
    if np.ptp(y) <= _STILL * np.abs(y).max():
        raise CostModelError(
            f"the outcome is {y[0]:,.6g} in every draw: there is no variance to explain, and that "
            "is the result"
        )
    return x, y


def _numeric(parameters: pd.DataFrame) -> None:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if parameters.empty:
        raise CostModelError("a sample needs a row per draw and a column per parameter; found none")
    for name, column in parameters.items():
        if not is_numeric_dtype(column) or is_bool_dtype(column):
            raise CostModelError(f"'{name}' must be numbers; found {column.dtype}")
        if not np.isfinite(column.to_numpy(dtype=float, na_value=np.nan)).all():
            raise CostModelError(
                f"'{name}' must be finite in every draw; leave out the draws where it is not"
            )
