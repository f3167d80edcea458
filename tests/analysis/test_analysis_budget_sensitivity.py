"""Draws of a budget impact: every kind of input may differ by draw, and all go through one evaluation."""

import numpy as np
import pytest

from costmodel.analysis import Course, Population, PricePath, Uptake, budget_draws, budget_impact


def clocks(*, drug_first, drug_later, stay, copay, leaving, growth, change, after, share, midpoint):
    """Return an impact in which every kind of input can differ by draw."""
    start, end = {"old": 1, "new": 0}, {"old": 1 - share, "new": share}
    path = PricePath(change=change, loss_of_exclusivity=3, price_after=(after, 0.1))
    return budget_impact(
        Population(segment="all", eligible=100, incident=10, growth=growth, leaving=leaving),
        [
            Course(
                product="new", drug=(drug_first, drug_later), persistence=(1, stay), copay=copay, price=path
            ),
            Course(product="old", drug=40, patient_share=0.1),
        ],
        without=Uptake.constant(start, years=4),
        with_change=Uptake.logistic(start, end, years=4, midpoint=midpoint, steepness=1),
        years=4,
    )


def test_draws_of_every_kind_of_input_are_the_draws_one_by_one():
    rng, n = np.random.default_rng(3), 25
    low_high = {
        "drug_first": (50, 300), "drug_later": (20, 90), "stay": (0.1, 1), "copay": (0, 200),
        "leaving": (0, 0.3), "growth": (-0.1, 0.1), "change": (-0.2, 0.2), "after": (0.2, 0.9),
        "share": (0.2, 1), "midpoint": (1, 4),
    }  # fmt: skip
    draws = {name: rng.uniform(*ends, n) for name, ends in low_high.items()}
    together = budget_draws(clocks, draws)
    alone = [clocks(**{name: one[k] for name, one in draws.items()}) for k in range(n)]
    assert together.cost == pytest.approx(np.concatenate([one.cost for one in alone]), rel=1e-12, abs=1e-9)
    assert np.ptp(together.impact()) > 100
