"""Figures of uncertainty: what is drawn where, and what the alternative text says."""

import numpy as np
import pandas as pd
import pytest

from costmodel import report as cr
from costmodel.analysis import acceptability
from costmodel.model import outcomes_from_table


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "draw": [*range(400)] * 2,
            "strategy": ["a"] * 400 + ["b"] * 400,
            "cost": np.r_[np.zeros(400), rng.normal(1000, 100, 400)],
            "qaly": np.r_[np.zeros(400), rng.normal(0.1, 0.02, 400)],
        }
    )
    return outcomes_from_table(table, currency="USD", price_year=2026, comparator="a")


def test_the_plane_shows_every_draw_and_the_mean(found):
    ax = cr.plane_figure(found, "b", perspective="total", wtp=10_000)
    draws = np.asarray(ax.collections[0].get_offsets())
    assert draws[:, 1] == pytest.approx(found.cost("total")[1])
    assert draws[:, 0] == pytest.approx(found.total("qaly")[1])
    assert {"Mean", "95% of draws", "10,000 per QALY"} <= {t.get_text() for t in ax.get_legend().get_texts()}
    assert "100% cost more and gain" in cr.plane_alt(found, "b", perspective="total", wtp=10_000)
    assert cr.plane_figure(found, "b", perspective="total", wtp=1, ax=ax) is ax


def test_acceptability_and_loss_follow_the_table(found):
    table = acceptability(found, [0, 5_000, 20_000], perspective="total")
    drawn = {line.get_label(): line.get_ydata() for line in cr.acceptability_figure(table, unit="USD").lines}
    assert drawn["a"].tolist() == table[table["strategy"] == "a"]["probability"].tolist()
    assert "a from 0, b from 20,000" in cr.acceptability_alt(table, unit="USD")
    lost = {
        line.get_label(): line.get_ydata() for line in cr.loss_figure(table, currency="USD", unit="USD").lines
    }
    least = np.minimum(lost["a"], lost["b"])
    assert lost["Value of perfect information"] == pytest.approx(least)
    assert "Least loss: a from 0" in cr.loss_alt(table, currency="USD", unit="USD")


def test_convergence_names_both_errors():
    table = pd.DataFrame(
        {"method": ["monte_carlo", "sobol"], "n": [64, 64], "rmse": [1.0, 0.1], "equal_draws": [64.0, 6400.0]}
    )
    labels = [line.get_label() for line in cr.convergence_figure(table, unit="USD").lines]
    assert labels == ["Monte Carlo", "Sobol"]
    assert "Sobol 0.1, worth 6,400" in cr.convergence_alt(table, unit="USD").replace("0.100", "0.1")
