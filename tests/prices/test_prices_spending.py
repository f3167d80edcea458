"""Spending: sums that count nothing twice, gross beside net, figures that were withheld."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import DataError
from costmodel.prices import PriceError, SpendingTable, read_spending, spending
from costmodel.prices.spending import NAMES


def rows(*changes, **common):
    base = {
        "payer": "Medicaid", "country": "USA", "region": "", "period_start": pd.Timestamp("2022-01-01"),
        "period_end": pd.Timestamp("2022-12-31"), "product_id": "", "product": "A", "molecule": "a",
        "class": "generic", "labeler": "L", "row_level": "labeler", "strength_mg": 2.0, "form": "tablet",
        "unit": "tablet", "units": 100.0, "claims": 10.0, "beneficiaries": 4.0, "spending": 20.0,
        "currency": "USD", "basis": "gross", "suppressed": False, "release": "", "source": "list", "flag": "",
        "note": "",
    }  # fmt: skip
    return pd.DataFrame([{**base, **common, **change} for change in (changes or ({},))])


def test_part_d_2022_gives_the_published_figures():
    total = spending("us/part_d_spending").select(year=2022, row_level="all labelers").total(by=["class"])
    brand, generic = total.to_dict("records")
    assert (generic["spending"], generic["claims"]) == (77260147.76, 9049224)
    assert (brand["spending"], brand["claims"]) == (3663255.51, 15231)
    assert generic["unit_spending"] == pytest.approx(77260147.76 / 506811518.93, rel=1e-12)
    assert round(generic["unit_spending"], 3) == 0.152
    assert round(brand["unit_spending"], 2) == 2.94
    assert generic["basis"] == "gross"


def test_labelers_add_up_to_the_published_sum():
    table = spending("us/part_d_spending").select(release="2018-2022")
    by = ["year", "class"]
    parts = table.select(row_level="labeler").total(by=by)
    whole = table.select(row_level="all labelers").total(by=by)
    for name in ("units", "claims", "spending"):
        assert parts[name].tolist() == pytest.approx(whole[name].tolist(), rel=1e-9)


def test_medicaid_sums_made_by_the_copy_say_so():
    summed = spending("us/medicaid_spending").select(year=2017, row_level="all labelers").frame
    assert summed["note"].str.contains("by the copy").all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([{}, {"row_level": "all labelers"}], "row_level must be one in a sum"),
        ([{}, {"basis": "net"}], "gross and net never meet"),
        ([{}, {"currency": "EUR"}], "currency must be one"),
        ([{}, {"unit": "ml"}], "unit must be one"),
        ([{}, {"region": "AK"}], "1 row of the whole country stand beside 1 row of its parts"),
        ([{}, {"period_start": pd.Timestamp("2022-07-01")}], "2022-07-01 to 2022-12-31 overlaps"),
    ],
)
def test_nothing_is_counted_twice(changes, words):
    with pytest.raises(PriceError, match=words):
        SpendingTable(rows(*changes)).total()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spending": -1.0}, "spending must be a finite number of at least 0; found -1 in row 0"),
        ({"spending": float("nan")}, "where nothing is suppressed"),
        ({"class": "own brand"}, "class must be one of brand, generic"),
        ({"payer": ""}, "payer must have a value"),
        ({"period_end": pd.Timestamp("2021-01-01")}, "must not end before it starts"),
        ({"units": "100"}, "units must hold numbers"),
    ],
)
def test_what_is_no_spending_is_refused(change, words):
    with pytest.raises(PriceError, match=words):
        SpendingTable(rows(change))


def test_withheld_figures_stay_missing_and_are_counted():
    nothing = {"units": float("nan"), "claims": float("nan"), "spending": float("nan"), "suppressed": True}
    total = SpendingTable(rows({}, nothing)).total().iloc[0]
    assert (total["spending"], total["n_rows"], total["n_suppressed"]) == (20.0, 2, 1)
    alone = SpendingTable(rows(nothing)).total().iloc[0]
    assert pd.isna(alone["spending"])
    assert pd.isna(alone["unit_spending"])


def test_no_units_give_no_unit_price():
    assert pd.isna(SpendingTable(rows({"units": 0.0})).per_unit()["unit_spending"].iloc[0])


@given(
    st.lists(
        st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.sampled_from(["brand", "generic"])),
        min_size=1,
    )
)
def test_parts_add_up_to_the_whole(figures):
    table = SpendingTable(rows(*({"spending": s, "units": u, "class": c} for s, u, c in figures)))
    parts, whole = table.total(by=["class"]), table.total()
    assert parts["spending"].sum() == pytest.approx(whole["spending"].iloc[0])
    assert parts["units"].sum() == pytest.approx(whole["units"].iloc[0])
    low, high = (s / u for s, u, _ in figures), (s / u for s, u, _ in figures)
    assert min(low) * (1 - 1e-9) <= whole["unit_spending"].iloc[0] <= max(high) * (1 + 1e-9)


def test_a_table_in_the_schema_is_read_back(tmp_path):
    path = tmp_path / "spending.csv"
    rows({}, {"product": "B", "suppressed": True, "spending": None}).to_csv(path, index=False)
    frame = read_spending(path).frame
    assert list(frame.columns[: len(NAMES)]) == list(NAMES)
    assert frame.index.tolist() == [2, 3]
    assert frame["suppressed"].tolist() == [False, True]
    assert pd.isna(frame["spending"].iloc[1])


def test_every_fault_of_a_file_is_listed(tmp_path):
    path = tmp_path / "spending.csv"
    frame = rows({"class": "own brand"}, {"spending": -5.0}).drop(columns="release")
    frame.to_csv(path, index=False)
    with pytest.raises(DataError) as caught:
        read_spending(path)
    text = str(caught.value)
    for words in (
        "row 2, class: is unknown",
        "row 3, spending: must be at least 0",
        "release: column is missing",
    ):
        assert words in text
