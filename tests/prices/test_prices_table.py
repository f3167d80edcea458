import datetime as dt
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from costmodel.errors import CostModelError
from costmodel.prices import PriceError, PriceTable


@pytest.fixture
def table(table_of):
    return table_of(
        {"product_id": "1", "strength_mg": 0.5, "pack_size": 100, "price": 2.0},
        {"product_id": "2", "strength_mg": 2, "pack_size": 30, "price": 9.0, "class_": "brand"},
        {"product_id": "3", "strength_mg": 2, "pack_size": 50, "price": 5.0, "date": "2026-03-01"},
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"strength_mg": 2}, ["2", "3"]),
        ({"strength_mg": "2"}, ["2", "3"]),
        ({"strength_mg": 2.0}, ["2", "3"]),
        ({"strength_mg": "0.50"}, ["1"]),
        ({"strength_mg": [0.5, "2"]}, ["1", "2", "3"]),
        ({"class_": "brand"}, ["2"]),
        ({"class": "brand"}, ["2"]),
        ({"product_id": 3}, ["3"]),
        ({"date": "2026-03-01"}, ["3"]),
        ({"date": dt.date(2026, 3, 1)}, ["3"]),
        ({"date": pd.Timestamp("2026-03-01")}, ["3"]),
        ({"form": " tablet ", "pack_size": {30, 50}}, ["2", "3"]),
        ({"strength_mg": 3}, []),
        ({}, ["1", "2", "3"]),
    ],
    ids=str,
)
def test_select(table, filters, found):
    assert table.select(**filters).frame["product_id"].tolist() == found


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"strenght_mg": 2}, "did you mean 'strength_mg'"),
        ({"strength_mg": "two"}, "must be a number"),
        ({"strength_mg": "1,234"}, "can be read as 1234 or as 1.234"),
        ({"strength_mg": float("nan")}, "finite number"),
        ({"strength_mg": True}, "finite number"),
        ({"strength_mg": None}, "finite number"),
        ({"date": "03/01/2026"}, "YYYY-MM-DD"),
        ({"form": []}, "list of values is empty"),
    ],
    ids=str,
)
def test_select_refuses(table, filters, says):
    with pytest.raises(PriceError, match=says):
        table.select(**filters)


def test_selection_keeps_lines_origin_and_unparsed(table):
    whole = PriceTable(table.frame, "x.csv", pd.DataFrame({"reason": ["no form"]}))
    part = whole.select(strength_mg=2)
    assert part.frame.index.tolist() == [1, 2]
    assert repr(part) == "PriceTable(x.csv: 2 prices, 1 unparsed)"


def test_prices_on_every_basis(table):
    assert table.per_unit()["unit_price"].tolist() == pytest.approx([0.02, 0.3, 0.1])
    assert table.per_mg()["price_per_mg"].tolist() == pytest.approx([0.04, 0.15, 0.05])
    assert table.per_ddd(8)["price_per_ddd"].tolist() == pytest.approx([0.32, 1.2, 0.4])
    assert table.per_days(4)["price_per_30_days"].tolist() == pytest.approx([4.8, 18, 6])
    assert table.per_days(4, days=365)["price_per_365_days"].tolist() == pytest.approx([58.4, 219, 73])


def test_amounts_by_molecule(table_of):
    two = table_of({"price": 1, "pack_size": 1}, {"molecule": "diazepam", "price": 1, "pack_size": 1})
    assert two.per_ddd({"clonazepam": 8, "diazepam": 10})["price_per_ddd"].tolist() == [4.0, 5.0]
    with pytest.raises(PriceError, match="2 molecules"):
        two.per_ddd(8)
    with pytest.raises(PriceError, match="no amount for 'diazepam'; did you mean 'diazepan'"):
        two.per_ddd({"clonazepam": 8, "diazepan": 10})


@pytest.mark.parametrize("amount", [0, -1, float("nan")])
def test_amounts_are_above_zero(table, amount):
    with pytest.raises(CostModelError, match="ddd_mg of clonazepam must lie in"):
        table.per_ddd(amount)
    with pytest.raises(CostModelError, match="days must lie in"):
        table.per_days(4, days=amount)


def test_table_is_frozen_and_does_not_hand_out_its_prices(table):
    with pytest.raises(FrozenInstanceError):
        table.origin = "elsewhere"
    handed = table.per_unit()
    handed["price"] = 0.0
    handed.loc[:, "pack_size"] = 1.0
    assert table.frame["price"].tolist() == [2.0, 9.0, 5.0]
    assert table.frame["pack_size"].tolist() == [100.0, 30.0, 50.0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda frame: frame.drop(columns=["unit", "currency"]), "needs the columns unit, currency"),
        (lambda frame: frame.assign(price=[1.0, 0.0, 1.0]), "every price must be a finite number above 0"),
        (lambda frame: frame.assign(strength_mg=[1.0, float("nan"), 1.0]), "every strength_mg"),
        (lambda frame: frame.assign(pack_size=[1.0, float("inf"), 1.0]), "every pack_size"),
        (lambda frame: frame.assign(price="2"), "price must hold numbers"),
        (lambda frame: frame.assign(date="2026-01-01"), "date must hold dates"),
        (lambda frame: frame.assign(form=["tablet", None, "tablet"]), "form must have a value"),
    ],
)
def test_frame_that_breaks_the_schema(table, change, says):
    with pytest.raises(PriceError, match=says):
        PriceTable(change(table.frame))
