"""The cohort workloads: study folders, the numbers they must give, and what others need for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from floor import FLOORS

from costmodel.model import Outcomes, evaluate
from costmodel.study import Study, read_study

STUDIES = Path(__file__).parent / "studies"
EXACT = 1e-9
ERRORS = 4.0
"""Standard errors by which the means of two probabilistic analyses may differ."""


class Pair(NamedTuple):
    """A number for each of the two strategies."""

    first: float
    second: float


@dataclass(frozen=True)
class Workload:
    """One workload.

    Parameters
    ----------
    name : str
        Its study folder.
    title : str
    target : float
        Seconds for 10,000 draws, sampling included.
    floor : float or None
        Seconds of NumPy by hand where the target was set; on a slower machine the ratio of the two holds.
    memory : int
        Megabytes above the imports.
    costs, qalys : Pair or None
        Every parameter at its mean: exact to nine digits.
    mean_costs, mean_qalys : Pair or None
        Means of a probabilistic analysis of 10,000 other draws, to the digits given.
    peers : dict of str to float
        Published seconds of others for 10,000 draws, measured on another machine of two cores.
    """

    name: str
    title: str
    target: float
    floor: float | None
    memory: int
    costs: Pair | None
    qalys: Pair | None
    mean_costs: Pair | None
    mean_qalys: Pair | None
    peers: dict[str, float]

    def study(self) -> Study:
        """Read the study."""
        return read_study(STUDIES / self.name)


WORKLOADS = (
    Workload(
        "w1",
        "W1: 4 states, 120 monthly cycles, 2 strategies, 32 parameters",
        target=0.06,
        floor=0.028,
        memory=250,
        costs=Pair(30227.249607554502, 50872.3614610306),
        qalys=Pair(3.155857931645153, 3.3806246628350585),
        mean_costs=Pair(30520, 51367),
        mean_qalys=Pair(3.191, 3.416),
        peers={"hesim": 4.60, "heemod (10 × 1,000 draws)": 310.0, "base R, vectorised": 0.088},
    ),
    Workload(
        "w2",
        "W2: the same with mortality by age",
        target=0.08,
        floor=0.031,
        memory=250,
        costs=Pair(28596.6117826214, 48135.14323080229),
        qalys=Pair(2.95278012316934, 3.1571697475601095),
        mean_costs=Pair(28853, 48572),
        mean_qalys=Pair(2.983, 3.188),
        peers={"hesim": 5.31, "heemod (10 × 1,000 draws)": 348.0, "base R, vectorised": 0.098},
    ),
    Workload(
        "python_case",
        "Python case: 4 states, 40 yearly cycles, 2 strategies, 13 parameters",
        target=0.06,
        floor=None,
        memory=250,
        costs=None,
        qalys=None,
        mean_costs=None,
        mean_qalys=None,
        peers={"heormodel": 1.8, "vop_poc_nz": 7.1, "deampy": 10.7, "PyHEOR": 84.0},
    ),
)


def check(workload: Workload, n: int) -> list[str]:
    """Check a workload's numbers, and return what was found.

    Parameters
    ----------
    workload : Workload
    n : int
        Number of draws.

    Raises
    ------
    AssertionError
        A number is wrong.
    """
    study = workload.study()
    found = []
    if workload.costs is not None and workload.qalys is not None:
        worst = max(
            _gap(_totals(study.run())[0][:, 0], workload.costs),
            _gap(_totals(study.run())[1][:, 0], workload.qalys),
        )
        found.append(_verdict("base case against the expected numbers", worst, EXACT))
    drawn = study.draws(n)
    costs, qalys = _totals(evaluate(study.model(), drawn))
    by_hand = FLOORS[workload.name](drawn.values)
    worst = max(_gap(costs, by_hand[0]), _gap(qalys, by_hand[1]))
    found.append(_verdict(f"each of {n:,} draws against NumPy by hand", worst, EXACT))
    if workload.mean_costs is not None and workload.mean_qalys is not None:
        for name, values, expected in (
            ("costs", costs, workload.mean_costs),
            ("QALYs", qalys, workload.mean_qalys),
        ):
            error = values.std(axis=1, ddof=1) * np.sqrt(1 / n + 1 / 10_000)
            apart = np.abs(values.mean(axis=1) - expected) / error
            found.append(_verdict(f"mean {name}, in standard errors", float(apart.max()), ERRORS))
    return found


def _totals(outcomes: Outcomes) -> tuple[np.ndarray, np.ndarray]:
    return outcomes.total("cost"), outcomes.total("qaly")


def _gap(found: np.ndarray, expected: np.ndarray | Pair) -> float:
    return float(np.max(np.abs(found / np.asarray(expected) - 1)))


def _verdict(what: str, worst: float, bound: float) -> str:
    assert worst <= bound, f"{what}: off by {worst:.3g}, more than {bound:g}"
    return f"{what}: off by {worst:.1e} at most (bound {bound:g})"
