"""Figures of sensitivity: both ends by value, nothing hidden, the line on which the decision turns."""

import numpy as np
import pandas as pd
import pytest

from costmodel import CostModelError
from costmodel import report as cr
from costmodel.analysis import Question, enbs, grid, one_way
from costmodel.model.examples import two_prices, two_prices_draws

SAVES = Question("generic", "payer")


def tornado():
    table = one_way(
        two_prices(), two_prices_draws(), {"price_brand": (2, 6), "price_generic": (0.5, 2)}, SAVES
    )
    still = table.iloc[[0]].assign(parameter="idle", swing=0.0, remark="not used by the model")
    return pd.concat([table, still], ignore_index=True)


def test_a_tornado_labels_both_ends_and_names_what_it_does_not_draw():
    ax = cr.tornado_figure(tornado(), label="Difference in cost, USD")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["price_generic", "price_brand"]
    assert {"2", "6", "0.5"} <= {text.get_text() for text in ax.texts}
    spans = sorted((bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_width())
    assert spans == [(-300, -200), (-300, -50), (-300, 100), (-300, 200)]
    assert cr.tornado_rest(tornado()) == "Not used by the model: idle."
    assert "Smaller, not drawn: price_generic." in cr.tornado_rest(tornado(), most=1)
    assert "price_brand from 2 to 6" in cr.tornado_alt(tornado(), label="cost")


def test_a_tornado_of_nothing_is_refused():
    with pytest.raises(CostModelError, match="no parameter moves"):
        cr.tornado_figure(tornado().assign(swing=0.0), label="cost")


def test_the_map_says_whether_the_decision_turns():
    places = np.linspace(0.5, 6, 12)
    table = grid(two_prices(), two_prices_draws(), ("price_brand", places), ("price_generic", places), SAVES)
    ax = cr.grid_figure(table, label="cost")
    assert ax.get_legend().get_texts()[0].get_text() == "The decision turns"
    assert "the decision turns inside" in cr.grid_alt(table, label="cost")
    assert "does not turn" in cr.grid_alt(table - 1e6, label="cost")


def test_information_stands_with_its_intervals_and_doubts():
    table = pd.DataFrame(
        {"group": ["a", "b"], "evppi": [5.0, 9.0], "se": [1.0, 2.0], "doubt": ["", "missed"]}
    )
    ax = cr.information_figure(table, unit="USD")
    assert [bar.get_width() for bar in ax.patches] == [5.0, 9.0]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, True]
    assert cr.information_alt(table, unit="USD").index("b 9") < cr.information_alt(table, unit="USD").index(
        "a 5"
    )


def test_the_best_size_of_a_study_is_marked():
    table = enbs([2, 5, 6], [10, 100, 1000], people_per_year=1000, years=10, cost_per_subject=40, discount=0)
    ax = cr.sampling_figure(table, currency="USD")
    assert "best: 100" in {text.get_text() for text in ax.texts}
    assert "the best size is 100" in cr.sampling_alt(table, currency="USD")
    assert "no size" in cr.sampling_alt(table.assign(optimal=False), currency="USD")
