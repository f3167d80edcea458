"""From pandas to text: formats, alignments, groups, and what a table refuses."""

import datetime as dt
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.report import money
from costmodel.report.frames import plain, table_record
from costmodel.report.records import from_payload, to_payload
from costmodel.report.style import DASH, MINUS
from costmodel.report.text import clean


def record(frame, **options):
    return table_record(frame, id="tbl-x", caption="A table", **options)


@pytest.fixture
def prices():
    return pd.DataFrame(
        {"Product": ["Generic", "Brand", None], "Price": [0.031, -12.5, math.nan], "Share": [0.9, 0.1, 0.0]}
    )


def test_formats_are_specifications_or_functions(prices):
    shown = record(prices, formats={"Price": money(2, "$"), "Share": ".1%"})
    assert shown.rows == (
        ("Generic", "$0.03", "90.0%"),
        ("Brand", f"{MINUS}$12.50", "10.0%"),
        (DASH, DASH, "0.0%"),
    )


def test_numbers_stand_to_the_right_unless_told_otherwise(prices):
    assert record(prices).align == ("left", "right", "right")
    assert record(prices, align={"Price": "center"}).align == ("left", "center", "right")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (np.bool_(False), "no"),
        (np.int64(-1234), f"{MINUS}1,234"),
        (26123.456, "26,123"),
        (0.031251, "0.03125"),
        (dt.datetime(2026, 4, 29), "2026-04-29"),  # noqa: DTZ001
        (pd.Timestamp("2026-04-29 12:30"), "2026-04-29 12:30:00"),
        ("  two\nlines ", "two lines"),
    ],
)
def test_values_without_a_format(value, text):
    assert clean(plain(value)) == text


@given(st.text())
def test_a_cell_holds_the_cleaned_text_or_a_dash(text):
    shown = record(pd.DataFrame({"a": [text]})).rows[0][0]
    assert shown == (clean(text) or DASH)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_specification_never_shows_a_signed_zero_or_a_hyphen(value):
    shown = record(pd.DataFrame({"a": [value]}), formats={"a": ",.2f"}).rows[0][0]
    assert "-" not in shown
    assert float(shown.replace(",", "").replace(MINUS, "-")) == float(f"{value:.2f}")
    assert shown != f"{MINUS}0.00"


def test_an_index_with_a_name_becomes_a_column():
    frame = pd.DataFrame({"Cost": [1, 2]}, index=pd.Index(["a", "b"], name="Group"))
    assert record(frame).rows == (("a", "1"), ("b", "2"))


def test_row_numbers_of_a_filtered_table_are_not_shown(prices):
    assert record(prices[prices["Share"] > 0.5]).rows == (("Generic", "0.031", "0.9"),)


def test_groups_become_headings_before_their_rows():
    frame = pd.DataFrame({"Kind": ["Prices", "Prices", "Use"], "Name": ["a", "b", "c"]})
    shown = record(frame, group="Kind")
    assert shown.groups == ((0, "Prices"), (2, "Use"))
    assert shown.columns == ("Name",)


def test_a_scattered_group_is_refused():
    frame = pd.DataFrame({"Kind": ["Prices", "Use", "Prices"], "Name": ["a", "b", "c"]})
    with pytest.raises(CostModelError, match=r"Kind.*must stand together"):
        record(frame, group="Kind")


@pytest.mark.parametrize("option", ["formats", "align", "widths"])
def test_an_option_for_an_unknown_column_names_the_nearest(prices, option):
    value = {"formats": ",.0f", "align": "left", "widths": 1.0}[option]
    with pytest.raises(CostModelError, match=rf"{option}.*'Pryce'.*'Price'"):
        record(prices, **{option: {"Pryce": value}})


@pytest.mark.parametrize("option", ["group", "cite"])
def test_an_unknown_column_to_group_or_cite_names_the_nearest(prices, option):
    with pytest.raises(CostModelError, match=rf"{option}.*'Produkt'.*'Product'"):
        record(prices, **{option: "Produkt"})


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"a": [1.0, math.inf]}), "column 'a', row 2 is inf"),
        (pd.DataFrame({"a": [1]}, index=["x"]), "rename_axis"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "one name of its own"),
        (pd.DataFrame({" ": [1]}), "header of every column"),
        (pd.DataFrame(), "one cell for each"),
        (
            pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
            "one name of its own",
        ),
    ],
)
def test_what_a_table_refuses(frame, words):
    with pytest.raises(CostModelError, match=words):
        record(frame)


def test_a_format_that_does_not_fit_names_the_cell(prices):
    with pytest.raises(CostModelError, match=r"'Product', row 1: the format does not fit 'Generic'"):
        record(prices, formats={"Product": ",.2f"})


@pytest.mark.parametrize("name", ["prices", "fig-x", "tbl-", "tbl-A", "tbl-a b", "tbl-a--b", 'tbl-a"'])
def test_an_id_of_another_form_is_refused(name, prices):
    with pytest.raises(CostModelError, match=re.escape(f"'{name}' cannot name a table")):
        table_record(prices, id=name, caption="c")


def test_an_empty_caption_is_refused(prices):
    with pytest.raises(CostModelError, match="caption is empty"):
        table_record(prices, id="tbl-x", caption=" \n")


def test_a_cited_column_holds_keys_and_nothing_else():
    frame = pd.DataFrame({"Name": ["a", "b", "c"], "Ref": ["briggs2006; who:2024/5", None, "@nadac"]})
    assert record(frame, cite="Ref").cited == (1,)
    with pytest.raises(CostModelError, match="'my own guess' cannot be a key"):
        record(pd.DataFrame({"Ref": ["my own guess"]}), cite="Ref")


def test_a_record_survives_the_notebook(prices):
    shown = record(prices, total=True, widths={"Product": 2}, cite=[])
    assert from_payload(to_payload(shown)) == shown


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        {"version": 0, "kind": "table"},
        {"version": 1, "kind": "chart"},
        {"version": 1, "kind": "figure"},
    ],
)
def test_a_foreign_payload_is_refused(payload):
    with pytest.raises(CostModelError, match="output"):
        from_payload(payload)
