"""From a population to the people treated: each step a sourced share, each loss named.

Prevalence from surveys and prevalence from claims count different people: a funnel holds one or the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.inputs import Parameters, monte_carlo

MEASURED_BY = ("survey", "claims", "registry", "census", "elicited", "assumed")
"""How a step was measured. Survey and claims count different people and never meet in one funnel."""

_APART = {"survey", "claims"}


@dataclass(frozen=True)
class Step:
    """One step of a funnel.

    Parameters
    ----------
    parameter : str
        The parameter that holds it: people at the first step, a share in [0, 1] at every other.
    label : str
        Who remains, such as ``Treated with any medicine``.
    loss : str
        Who is lost at it, such as ``diagnosed, not treated``; empty at the first step.
    measured_by : {"survey", "claims", "registry", "census", "elicited", "assumed"}
    """

    parameter: str
    label: str
    loss: str = ""
    measured_by: str = "survey"


@dataclass(frozen=True, eq=False)
class Funnel:
    """People at every step.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per step: ``step, label, share, people, lost, loss``; ``low`` and ``high``, the 95 %
        interval of people over draws; ``parameter, measured_by, status, source``.
    draws : array, (n, steps)
        People at every step in every draw.
    """

    table: pd.DataFrame
    draws: NDArray[np.float64]

    @property
    def people(self) -> float:
        """People who remain, at the base values."""
        return float(self.table["people"].iloc[-1])


def funnel(parameters: Parameters, steps: Sequence[Step], *, n: int = 4096, seed: int = 0) -> Funnel:
    """Follow people from a population to those treated.

    Parameters
    ----------
    parameters : Parameters
        Holds every step with its interval and source.
    steps : sequence of Step
        The first is a number of people, every other a share of those before it.
    n : int, default 4096
        Draws behind the intervals.
    seed : int, default 0

    Raises
    ------
    CostModelError
        A parameter is unknown or no share, a step has no name for its loss, or survey and claims
        prevalence meet.

    Examples
    --------
    >>> from costmodel.inputs import Parameter
    >>> table = Parameters(
    ...     [
    ...         Parameter("n_adults", 1000.0, unit="people", source="census", status="read"),
    ...         Parameter("p_disorder", 0.03, unit="proportion", source="survey", status="read"),
    ...         Parameter("p_treated", 0.5, unit="proportion", source="survey", status="elicited"),
    ...     ]
    ... )
    >>> found = funnel(
    ...     table,
    ...     [
    ...         Step("n_adults", "Adults", measured_by="census"),
    ...         Step("p_disorder", "With the disorder", "without it"),
    ...         Step("p_treated", "Treated", "not treated", measured_by="elicited"),
    ...     ],
    ... )
    >>> found.table[["label", "people", "lost"]].values.tolist()
    [['Adults', 1000.0, 0.0], ['With the disorder', 30.0, 970.0], ['Treated', 15.0, 15.0]]
    """
    _check_steps(parameters, steps)
    names = [step.parameter for step in steps]
    base = np.cumprod(np.array([parameters[name].value for name in names], dtype=float))
    drawn = monte_carlo(parameters, n=n, seed=seed)
    people = np.cumprod(np.stack([drawn[name] for name in names], axis=1), axis=1, dtype=float)
    low, high = np.quantile(people, [0.025, 0.975], axis=0)
    table = pd.DataFrame(
        {
            "step": range(1, len(steps) + 1),
            "label": [step.label for step in steps],
            "share": [np.nan, *(parameters[name].value for name in names[1:])],
            "people": base,
            "lost": [0.0, *(base[:-1] - base[1:])],
            "loss": [step.loss for step in steps],
            "low": low,
            "high": high,
            "parameter": names,
            "measured_by": [step.measured_by for step in steps],
            "status": [parameters[name].status for name in names],
            "source": [parameters[name].source for name in names],
        }
    )
    return Funnel(table, people)


def _check_steps(parameters: Parameters, steps: Sequence[Step]) -> None:
    if not steps:
        raise CostModelError("a funnel needs at least one step: the population")
    for place, step in enumerate(steps):
        one_of(step.measured_by, MEASURED_BY, f"measured_by of '{step.label}'")
        value = parameters[step.parameter].value
        if place:
            in_interval(value, f"{step.parameter}, a share of those before it,", low=0, high=1)
            if not step.loss:
                raise CostModelError(f"step '{step.label}' must name whom it loses")
        else:
            in_interval(value, f"{step.parameter}, the population,", low=0)
    met = _APART & {step.measured_by for step in steps}
    if len(met) > 1:
        kinds = "; ".join(f"{s.label}: {s.measured_by}" for s in steps if s.measured_by in _APART)
        raise CostModelError(
            f"survey and claims prevalence count different people and never meet in one funnel ({kinds}): "
            "make one funnel of each and reconcile them"
        )


def reconcile(
    predicted: float, anchors: pd.DataFrame, *, low: float | None = None, high: float | None = None
) -> pd.DataFrame:
    """Set a funnel's people beside what others counted, and show the difference.

    Parameters
    ----------
    predicted : float
        People, fills or money by the funnel.
    anchors : DataFrame
        ``label, value``; ``low`` and ``high`` of its interval where there is one; ``source``.
    low, high : float, optional
        Interval of the prediction.

    Returns
    -------
    pandas.DataFrame
        One row per anchor: ``predicted`` with its interval, ``observed`` with its interval,
        ``difference`` (predicted - observed), ``ratio`` (predicted / observed) and ``verdict``:
        ``within its interval``, ``intervals overlap``, ``apart``, or ``no interval to judge by``.

    Examples
    --------
    >>> meps = pd.DataFrame({"label": ["MEPS 2022"], "value": [1.97e6], "low": [1.5e6], "high": [2.44e6]})
    >>> reconcile(2.2e6, meps)[["ratio", "verdict"]].round(2).values.tolist()
    [[1.12, 'within its interval']]
    """
    if not (anchors["value"] > 0).all():
        raise CostModelError("an anchor must be above 0")
    frame = anchors.reindex(columns=["label", "value", "low", "high", "source"])
    verdicts = [_verdict(predicted, low, high, row) for row in frame.to_dict("records")]
    return pd.DataFrame(
        {
            "anchor": frame["label"],
            "predicted": predicted,
            "predicted_low": low,
            "predicted_high": high,
            "observed": frame["value"],
            "observed_low": frame["low"],
            "observed_high": frame["high"],
            "difference": predicted - frame["value"],
            "ratio": predicted / frame["value"],
            "verdict": verdicts,
            "source": [row if isinstance(row, str) else "" for row in frame["source"]],
        }
    )


def _verdict(predicted: float, low: float | None, high: float | None, row: Mapping[Any, Any]) -> str:
    if np.isnan(row["low"]) or np.isnan(row["high"]):
        return "no interval to judge by"
    if row["low"] <= predicted <= row["high"]:
        return "within its interval"
    overlap = low is not None and high is not None and low <= row["high"] and high >= row["low"]
    return "intervals overlap" if overlap else "apart"
