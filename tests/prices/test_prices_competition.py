import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies_prices import patient

from costmodel.datasets import read_dataset
from costmodel.prices import PriceError, approved_makers, concentration, hhi, marketed_makers, spending
from costmodel.prices.competition import concentration_level

sales = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def orange_book():
    return read_dataset("us/orange_book")


def test_hhi_by_hand():
    assert hhi([40, 30, 20, 10]) == pytest.approx(1600 + 900 + 400 + 100)
    assert hhi([7]) == 10_000
    assert hhi([5, 5, 5, 5]) == 2_500
    # A maker that sold nothing is no competitor.
    assert hhi([5, 5, 0]) == 5_000


@patient
@given(sales)
def test_hhi_bounds(units):
    assert 10_000 / len(units) * (1 - 1e-9) <= hhi(units) <= 10_000 * (1 + 1e-9)


@patient
@given(sales, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_hhi_knows_shares_only(units, scale, random):
    shuffled = random.sample(units, len(units))
    assert hhi(np.array(shuffled) * scale) == pytest.approx(hhi(units), rel=1e-9)


@patient
@given(sales)
def test_a_merger_raises_hhi_by_twice_the_product_of_shares(units):
    assume(len(units) > 1)
    shares = 100 * np.array(units) / sum(units)
    merged = [units[0] + units[1], *units[2:]]
    assert hhi(merged) - hhi(units) == pytest.approx(2 * shares[0] * shares[1], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("index", "level"),
    [
        (999, "unconcentrated"),
        (1000, "moderately concentrated"),
        (1800, "moderately concentrated"),
        (1800.1, "highly concentrated"),
    ],
)
def test_levels_of_the_merger_guidelines(index, level):
    assert concentration_level(index) == level


def test_part_d_2022_by_hand():
    """Units of clonazepam in 2022, millions: Accord 229.4, Teva 202.7, Solco 63.9, five more 10.8 together.

    Shares 45.26, 40.00, 12.60 and 1.12, 0.79, 0.21, 0.01, 0.00 per cent; squares 2048 + 1600 + 159 + 2.
    """
    rows = read_dataset("us/part_d_spending").query("row_level == 'labeler' and year == 2022")
    market = concentration(rows).set_index("brand_name").loc["Clonazepam"]
    assert market["hhi"] == pytest.approx(
        45.26**2 + 40.00**2 + 12.60**2 + 1.12**2 + 0.79**2 + 0.21**2, rel=2e-4
    )
    assert (market["n_makers"], market["largest"]) == (8, "Accord Healthca")
    assert market["largest_share"] == pytest.approx(229_371_636.35 / 506_811_518.93, rel=1e-6)
    assert market["equal_makers"] == pytest.approx(10_000 / market["hhi"])
    assert market["level"] == "highly concentrated"
    assert (market["n_flagged"], market["flags"]) == (1, "CMS outlier flag")  # AHP, 410 units
    assert market["flagged_share"] == pytest.approx(410 / 506_811_518.93)


def test_medicaid_2023_states_its_impossible_rows():
    rows = read_dataset("us/medicaid_spending").query(
        "row_level == 'labeler' and year == 2023 and brand_name == 'Clonazepam'"
    )
    market = concentration(rows).iloc[0]
    assert market["n_makers"] == 18
    assert "implausible unit price" in market["flags"]
    # 9 flagged rows; AHP, McKesson and Mylan Institutional have the impossible prices.
    assert market["n_flagged"] == 9
    kept = concentration(rows[rows["implausible_unit_price"] == "no"]).iloc[0]
    assert kept["n_makers"] == 15
    assert market["hhi"] == pytest.approx(kept["hhi"], rel=0.01)


def test_makers_of_one_name_are_one():
    frame = pd.DataFrame({"labeler": ["A", "A", "B"], "units": [1, 2, 3]})
    market = concentration(frame, units="units", by=[]).iloc[0]
    assert (market["hhi"], market["n_makers"], market["flags"]) == (5000, 2, "")


def test_a_spending_table_gives_the_same():
    table = spending("us/part_d_spending").select(row_level="labeler", year=2022)
    found = concentration(table.frame, units="units", by=("class",)).set_index("class")
    raw = read_dataset("us/part_d_spending").query("row_level == 'labeler' and year == 2022")
    wanted = concentration(raw).set_index("brand_name")
    assert found.loc["generic", "hhi"] == pytest.approx(wanted.loc["Clonazepam", "hhi"])
    assert found.loc["brand", "hhi"] == pytest.approx(wanted.loc["Klonopin", "hhi"])


def test_totals_are_refused():
    with pytest.raises(
        PriceError, match=r"10 rows of totals \('all labelers'\) .* select row_level == 'labeler'"
    ):
        concentration(read_dataset("us/part_d_spending").query("year > 2017"))


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([], "there is none"),
        ([1, -1], "at least 0"),
        ([1, np.nan], "at least 0"),
        ([0, 0], "every maker sold 0"),
    ],
)
def test_units_that_cannot_be_used(units, words):
    with pytest.raises(PriceError, match=words):
        hhi(units)


def test_other_refusals(orange_book):
    frame = pd.DataFrame({"labeler": ["A"], "units": [-1]})
    with pytest.raises(PriceError, match="units must be a number of at least 0 in every row"):
        concentration(frame, units="units", by=[])
    with pytest.raises(PriceError, match="did you mean 'labeler'"):
        concentration(frame, maker="labeller", units="units", by=[])
    with pytest.raises(PriceError, match="the table has no row"):
        concentration(frame.head(0), units="units", by=[])
    with pytest.raises(PriceError, match="application type 'BLA'; there is ANDA, NDA"):
        approved_makers(orange_book, appl_type="BLA")
    with pytest.raises(PriceError, match=r"1 row without a National Drug Code of 11 digits: '93321301'"):
        marketed_makers(pd.DataFrame({"product_id": ["93321301"]}), by=[])


def test_approvals_counted_by_hand(orange_book):
    """Clonazepam 2 mg tablets, April 2026.

    Marketed: Accord, Actavis, Aurobindo, Chartwell, Prinston, Rubicon, Sandoz, Teva (8). Discontinued only:
    Pharmobedient, Sun, Watson (3); Teva's second application is discontinued too, and Teva counts once.
    """
    makers = approved_makers(orange_book).set_index(["form", "strength_mg"])
    for strength in (0.5, 1.0, 2.0):
        row = makers.loc[("tablet", strength)]
        assert row[["n_approved", "n_marketed", "n_discontinued", "n_equivalent"]].tolist() == [11, 8, 3, 8]
    assert makers.loc[("tablet", 2.0), "holders"].split(", ")[:3] == [
        "ACCORD HEALTHCARE INC",
        "ACTAVIS ELIZABETH LLC",
        "AUROBINDO PHARMA USA INC",
    ]
    # Orally disintegrating: Alembic, Barr, PH Health; Sun discontinued.
    row = makers.loc[("orally disintegrating tablet", 0.125)]
    assert row[["n_approved", "n_marketed", "n_discontinued"]].tolist() == [4, 3, 1]


def test_brand_approvals(orange_book):
    brand = approved_makers(orange_book, appl_type="NDA").set_index(["form", "strength_mg"])
    assert brand.loc[("tablet", 2.0), "holders"] == "CHEPLAPHARM ARZNEIMITTEL GMBH"
    assert brand.loc[("orally disintegrating tablet", 2.0), ["n_marketed", "holders"]].tolist() == [0, ""]
    both = approved_makers(orange_book, appl_type=None, by=["form"]).set_index("form")
    assert both.loc["tablet", "n_approved"] == 12  # 11 generic applicants and Cheplapharm


def test_labelers_counted_by_hand():
    """NADAC of 2026-04-29: labeler codes among the generic rows, read off the table."""
    makers = marketed_makers(read_dataset("us/nadac")).set_index(["class", "form", "strength_mg"])
    two = makers.loc[("generic", "tablet", 2.0)]
    assert two["labelers"] == "00093, 16729, 43547, 50268, 59651, 62135, 72603, 72888"
    assert (two["n_labelers"], two["n_codes"]) == (8, 15)
    assert makers.loc[("generic", "tablet", 1.0), ["n_labelers", "n_codes"]].tolist() == [10, 22]
    assert makers.loc[("generic", "orally disintegrating tablet", 2.0), "labelers"] == "00093, 49884, 62332"
    assert makers.loc[("brand", "tablet", 2.0), "labelers"] == "61269"
