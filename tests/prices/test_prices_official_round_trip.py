"""Rows written in a publisher's format and read back are equal."""

import csv
import datetime as dt
import math
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few

from costmodel.prices import read_nadac
from costmodel.prices.official import read_medicaid, read_orange_book, read_part_d, read_sdud

words = st.text("ABCDEFGHJKLMNOPRSTUVWXYZ", min_size=1, max_size=12)
amounts = st.integers(0, 10**12).map(lambda cents: cents / 100)
counts = st.integers(11, 10**8)
codes = st.text("0123456789", min_size=11, max_size=11)
days = st.dates(dt.date(1990, 1, 1), dt.date(2040, 12, 31))


def read_back(read, header, rows, *, delimiter=",", encoding="utf-8", end="\n"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.txt"
        with path.open("w", newline="", encoding=encoding) as stream:
            style = {"quoting": csv.QUOTE_NONE, "quotechar": None} if delimiter == "~" else {}
            csv.writer(stream, delimiter=delimiter, lineterminator=end, **style).writerows([header, *rows])
        return read(path)


def same(found, expected):
    return [None if math.isnan(value) else value for value in found] == list(expected)


figures = st.one_of(st.none(), st.tuples(amounts, amounts, counts))
years = st.lists(figures, min_size=2, max_size=2)


@few
@given(st.dictionaries(st.tuples(words, words, words), years, min_size=1, max_size=8), st.booleans())
def test_spending_by_drug(rows, people):
    """Years side by side; None is a year that is withheld."""
    names = ["Tot_Spndng", "Tot_Dsg_Unts", "Tot_Clms", *(["Tot_Benes"] if people else [])]
    names += ["Avg_Spnd_Per_Dsg_Unt_Wghtd"]
    header = ["Brnd_Name", "Gnrc_Name", "Tot_Mftr", "Mftr_Name"]
    header += [f"{name}_{year}" for year in (2021, 2022) for name in names]

    def printed(one):
        if one is None:
            return [""] * len(names)
        spent, units, claims = one
        return [f"{spent:,.2f}", f"{units:.2f}", claims, *([""] if people else []), "0.5"]

    cells = [
        [*key[:2], 1, key[2], *(cell for one in pair for cell in printed(one))] for key, pair in rows.items()
    ]
    table = read_back(read_part_d if people else read_medicaid, header, cells).frame
    expected = [one for pair in rows.values() for one in pair]
    for at, name in enumerate(("spending", "units", "claims")):
        assert same(table[name], [one and one[at] for one in expected])
    assert table["suppressed"].tolist() == [one is None for one in expected]
    assert table["product"].tolist() == [key[0] for key in rows for _ in range(2)]
    assert table["molecule"].tolist() == [key[1].lower() for key in rows for _ in range(2)]
    assert table["period_end"].dt.year.tolist() == [2021, 2022] * len(rows)


@few
@given(
    st.dictionaries(
        st.tuples(codes, st.sampled_from(["AK", "NY", "XX"]), st.integers(1, 4)),
        figures,
        min_size=1,
        max_size=8,
    )
)
def test_state_utilisation(rows):
    header = [
        "Utilization Type", "State", "NDC", "Labeler Code", "Product Code", "Package Size", "Year", "Quarter",
        "Suppression Used", "Product Name", "Units Reimbursed", "Number of Prescriptions",
        "Total Amount Reimbursed", "Medicaid Amount Reimbursed", "Non Medicaid Amount Reimbursed",
    ]  # fmt: skip
    cells = []
    for (code, state, quarter), one in rows.items():
        parts = [code, code[:5], code[5:9], code[9:]]
        shown = ["", "", "", "", ""]
        if one:
            spent, units, claims = one
            shown = [f"{units:015.3f}", f"{claims:09d}", f"{spent:013.2f}", f"{spent:013.2f}", "0.00"]
        cells.append(["FFSU", state, *parts, 2022, quarter, "false" if one else "true", "NAME", *shown])
    table = read_back(read_sdud, header, cells, end="\r\n").frame
    assert table["product_id"].tolist() == [code for code, _, _ in rows]
    assert table["region"].tolist() == ["" if state == "XX" else state for _, state, _ in rows]
    assert table["period_start"].dt.quarter.tolist() == [quarter for _, _, quarter in rows]
    assert ((table["period_end"] - table["period_start"]).dt.days + 1).isin([90, 91, 92]).all()
    for at, name in enumerate(("spending", "units", "claims")):
        assert same(table[name], [one and one[at] for one in rows.values()])


@few
@given(
    st.dictionaries(
        st.tuples(codes, days, days),
        st.tuples(st.integers(1, 10**9), st.sampled_from("GB"), st.integers(1, 9999)),
        min_size=1,
        max_size=8,
    )
)
def test_nadac(rows):
    header = ["NDC Description", "NDC", "NADAC Per Unit", "Effective Date", "Pricing Unit", "OTC",
              "Explanation Code", "Classification for Rate Setting", "As of Date"]  # fmt: skip
    cells = [
        [f"NAME {strength:,} MG TABLET", code, f"{price / 1e5:.5f}", f"{date:%m/%d/%Y}", "EA", "N", "1, 5",
         kind, f"{as_of:%m/%d/%Y}"]
        for (code, date, as_of), (price, kind, strength) in rows.items()
    ]  # fmt: skip
    frame = read_back(read_nadac, header, cells).frame
    assert frame["product_id"].tolist() == [code for code, _, _ in rows]
    assert frame["price"].tolist() == [float(f"{price / 1e5:.5f}") for price, _, _ in rows.values()]
    assert frame["strength_mg"].tolist() == [float(strength) for _, _, strength in rows.values()]
    assert frame["date"].dt.date.tolist() == [date for _, date, _ in rows]
    assert frame["as_of"].dt.date.tolist() == [as_of for _, _, as_of in rows]
    words_of = {"G": "generic", "B": "brand"}
    assert frame["class"].tolist() == [words_of[kind] for _, kind, _ in rows.values()]


@few
@given(
    st.dictionaries(
        st.tuples(st.text("0123456789", min_size=6, max_size=6), st.integers(1, 999)),
        st.tuples(words, st.one_of(st.none(), days), st.booleans(), st.integers(1, 5000)),
        min_size=1,
        max_size=8,
    )
)
def test_orange_book(rows):
    header = ["Ingredient", "DF;Route", "Trade_Name", "Applicant", "Strength", "Appl_Type", "Appl_No",
              "Product_No", "TE_Code", "Approval_Date", "RLD", "RS", "Type",
              "Applicant_Full_Name"]  # fmt: skip
    cells = [
        ["X", "TABLET;ORAL", trade, 'CO "A"', f"{strength}MG", "N", number, f"{product:03d}", "AB",
         f"{day:%b} {day.day}, {day.year}" if day else "Approved Prior to Jan 1, 1982",
         "Yes" if listed else "No", "No", "RX", 'COMPANY "A"']
        for (number, product), (trade, day, listed, strength) in rows.items()
    ]  # fmt: skip
    frame = read_back(read_orange_book, header, cells, delimiter="~")
    assert frame["appl_no"].tolist() == [number for number, _ in rows]
    assert frame["trade_name"].tolist() == [trade for trade, *_ in rows.values()]
    assert frame["strength_mg"].tolist() == [float(strength) for *_, strength in rows.values()]
    assert frame["reference_listed_drug"].tolist() == [listed for _, _, listed, _ in rows.values()]
    found = [None if pd.isna(day) else day.date() for day in frame["approval_date"]]
    assert found == [day for _, day, _, _ in rows.values()]
    assert frame["approved_before"].notna().tolist() == [day is None for day in found]
    assert set(frame["applicant_full_name"]) == {'COMPANY "A"'}
