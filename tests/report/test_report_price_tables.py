"""From price measures to what is shown: nothing lost, nothing counted twice, plain labels."""

import pandas as pd
import pytest

import costmodel as cm
from costmodel import report as cr


def test_every_price_stands_on_the_ladder():
    table = cm.prices("us/nadac")
    rungs = cr.ladder_rows(table)
    assert len(rungs) == len(table)
    assert set(rungs["label"]) >= {"Brand 2 mg tablet", "Generic 0.125 mg ODT"}


def test_ratios_and_countries_keep_their_numbers():
    pairs = cm.compare_prices(cm.prices("us/nadac").select(form="tablet"))
    assert cr.ratio_rows(pairs)["ratio"].round(1).tolist() == [133.8, 123.1, 109.8]
    rows = cr.country_rows(cm.compare_within_countries("clonazepam"))
    assert rows.set_index("label").loc["USA, 2 mg tablet", "ratio"] == pytest.approx(4.26033 / 0.03881)
    assert rows.set_index("label")["hollow"].to_dict()["BGD, 2 mg tablet"]


def test_a_waterfall_of_spending_adds_up():
    before, after = (
        cm.spending("us/part_d_spending").select(row_level="all labelers", year=year).frame
        for year in (2017, 2022)
    )
    rows = cr.waterfall_rows(
        before["spending"].sum(),
        after["spending"].sum(),
        cm.decompose_spending(before, after),
        labels=("2017", "2022"),
    )
    steps = rows.loc[~rows["total"], "amount"].sum()
    assert rows["amount"].iloc[0] + steps == pytest.approx(rows["amount"].iloc[-1])
    cr.waterfall_figure(rows, unit="million USD", scale=1e-6)


def test_savings_in_millions_by_payer():
    table = cm.spending("us/part_d_spending").select(row_level="all labelers", year=2022)
    row = cr.savings_table(cm.realised_savings(table), cm.remaining_savings(table)).iloc[0]
    assert row["Still to save, gross"] == pytest.approx(3.472999, abs=1e-6)
    assert row["Still to save, gross"] < row["Spent on the brand"]
    saved = row["Same units at the brand's price"] - row["Spent on generics"]
    assert row["Saved, gross (upper bound)"] == pytest.approx(saved)


def test_paths_trends_and_curves_for_reading():
    history = cm.prices("us/nadac_history").select(form="tablet", strength_mg=0.5)
    rows = cr.path_rows(cm.price_path(history))
    assert list(dict.fromkeys(rows["series"])) == ["Brand", "Generic"]
    assert rows["draft"].sum() == 4
    trend = cr.trend_table(cm.price_trend(history))
    assert trend.loc[trend["Class"] == "Brand", "Change"].item() == pytest.approx(2.67965 / 1.6877 - 1)
    curves = pd.DataFrame({"curve": ["a", "b"], "n_producers": [1, 2], "ratio": [0.9, 0.5]})
    assert cr.curve_rows(curves, {"b": "Known"}).iloc[0].tolist() == ["Known", 2, 0.5]


def test_regimens_say_class_tablets_and_cost():
    generic = cm.prices("us/nadac").select(class_="generic", form="tablet")
    row = cr.regimen_table([cm.cheapest_regimen(1.5, generic)]).iloc[0]
    assert row.tolist() == [
        "1.5 mg",
        "Generic",
        "1 x 0.5 mg tablet + 1 x 1 mg tablet",
        pytest.approx(30 * 0.04491),
    ]
