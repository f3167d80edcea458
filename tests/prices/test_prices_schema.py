import pandas as pd
from strategies_prices import HEADER, row

from costmodel.prices.schema import CLASSES, COLUMNS, FILLED, NAMES, PRICE_TYPES, list_dates, to_frame


def test_columns_stand_in_the_published_order():
    assert list(NAMES) == HEADER


def test_no_price_without_pack_unit_strength_form_currency_date_and_type():
    rule = {"price", "pack_size", "unit", "strength_mg", "form", "currency", "date", "price_type"}
    assert rule <= set(FILLED)
    assert set(NAMES) - set(FILLED) == {"product_id", "as_of", "flag", "note"}


def test_bounds_and_choices():
    columns = {column.name: column for column in COLUMNS}
    for name in ("price", "pack_size", "strength_mg"):
        assert (columns[name].low, columns[name].open_low) == (0, True)
    assert columns["class"].choices == CLASSES
    assert columns["price_type"].choices == PRICE_TYPES


def test_every_column_says_what_to_do():
    assert all(column.remedy for column in COLUMNS)


def test_bundled_tables_describe_the_same_columns():
    from costmodel.datasets import describe

    assert list(describe("us/nadac").columns)[: len(NAMES)] == list(NAMES)


def test_frame_is_typed_and_puts_other_columns_last():
    frame = to_frame({"extra": ["x"], **{name: [value] for name, value in row().items()}}, index=[7])
    assert list(frame.columns) == [*NAMES, "extra"]
    assert frame.loc[7, "strength_mg"] == 2.0
    assert frame.loc[7, "product_id"] == "00093321301"
    assert frame.loc[7, "date"] == pd.Timestamp("2026-04-22")


def test_list_date_is_the_effective_date_only_where_none_is_stated():
    frame = to_frame({"date": ["2015-02-01", "2016-03-01"], "as_of": [None, "2016-04-01"]})
    assert list_dates(frame).tolist() == [pd.Timestamp("2015-02-01"), pd.Timestamp("2016-04-01")]
