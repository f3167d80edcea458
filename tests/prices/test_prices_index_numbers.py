import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_indices import few, markets, slow

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.prices import PriceError, price_index
from costmodel.prices.index_numbers import GEKS, INDEX_FORMULAS

# Two labelers that stay, one that leaves after 2020, one that comes in 2021.
ROWS = [
    ("A", 2020, 2.0, 30.0),
    ("A", 2021, 3.0, 20.0),
    ("A", 2022, 3.0, 10.0),
    ("B", 2020, 10.0, 5.0),
    ("B", 2021, 8.0, 10.0),
    ("B", 2022, 8.0, 10.0),
    ("gone", 2020, 1.0, 40.0),
    ("new", 2021, 7.0, 20.0),
    ("new", 2022, 14.0, 5.0),
]


def market(rows=ROWS):
    return pd.DataFrame(rows, columns=["labeler", "year", "price", "units"])


def index(frame, **options):
    options = {"product": "labeler", "period": "year", "price": "price", "quantity": "units"} | options
    return price_index(frame, **options)


def test_direct_by_hand():
    result = index(market(), formula="laspeyres").set_index("period")
    # A and B are priced in every year: (3·30 + 8·5) / (2·30 + 10·5) = 130/110.
    assert result["index"].tolist() == pytest.approx([1, 130 / 110, 130 / 110])
    assert result["n_matched"].tolist() == [3, 2, 2]
    assert result["n_new"].tolist() == [0, 1, 1]
    assert result["n_vanished"].tolist() == [0, 1, 1]
    # 2020: 60 + 50 + 40 spent, 110 of it matched. 2021: 60 + 80 + 140, 140 matched; 2022: 30 + 80 + 70.
    assert result["matched_share_then"].tolist() == pytest.approx([1, 110 / 150, 110 / 150])
    assert result["matched_share_now"].tolist() == pytest.approx([1, 140 / 280, 110 / 180])
    assert set(result["compared_with"]) == {2020}
    assert result[["formula", "method", "overlap"]].iloc[0].tolist() == ["laspeyres", "direct", "matched"]


def test_chained_by_hand():
    """The second link has the new product: (3·20 + 8·10 + 14·20) / (3·20 + 8·10 + 7·20) = 420/280."""
    result = index(market(), formula="laspeyres", chain=True).set_index("period")
    assert result["index"].tolist() == pytest.approx([1, 130 / 110, 130 / 110 * 1.5])
    assert result["compared_with"].tolist() == [2020, 2020, 2021]
    assert result["n_matched"].tolist() == [3, 2, 3]
    assert result["matched_share_now"].tolist() == pytest.approx([1, 0.5, 1])
    later = index(market(), formula="laspeyres", chain=True, base=2022)["index"]
    np.testing.assert_allclose(later * 130 / 110 * 1.5, result["index"], rtol=1e-12)


def test_rules_for_what_vanishes():
    """Jevons 2021: √(1.5 · 0.8) matched; with 'gone' carried at 1, the cube root of 1.5 · 0.8 · 1."""
    matched, carried, moved = (
        index(market(), formula="jevons", overlap=rule).set_index("period")
        for rule in ("matched", "carry-forward", "overall-mean")
    )
    assert matched.loc[2021, "index"] == pytest.approx(math.sqrt(1.2))
    assert carried.loc[2021, "index"] == pytest.approx(1.2 ** (1 / 3))
    assert moved.loc[2021, "index"] == pytest.approx(math.sqrt(1.2))
    # 2022: 'gone' has moved by √1.2, then by the mean of A, B and new: (1 · 1 · 2)^(1/3).
    expected = (1.5 * 0.8 * math.sqrt(1.2) * 2 ** (1 / 3)) ** (1 / 3)
    assert moved.loc[2022, "index"] == pytest.approx(expected)
    assert carried["n_imputed"].tolist() == [0, 1, 1]
    assert carried["n_vanished"].tolist() == matched["n_vanished"].tolist() == [0, 1, 1]
    assert matched["n_imputed"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("formula", INDEX_FORMULAS)
@few
@given(drawn=markets(periods=3, gaps=True), random=st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_products_are_irrelevant(formula, drawn, random):
    prices, sold = drawn
    rows = [
        (f"p{k}", t, prices[k, t], sold[k, t]) for k, t in zip(*np.nonzero(np.isfinite(prices)), strict=True)
    ]
    renamed = [(name[::-1] + "x", *rest) for name, *rest in random.sample(rows, len(rows))]
    one = index(market(rows), formula=formula)
    pd.testing.assert_frame_equal(index(market(renamed), formula=formula), one, rtol=1e-9)


def test_prices_alone():
    frame = market()[["labeler", "year", "price"]]
    result = index(frame, quantity=None, formula="dutot")
    assert result["index"].tolist() == pytest.approx([1, 11 / 12, 11 / 12])
    assert not [name for name in result if name.startswith("matched_share")]
    with pytest.raises(PriceError, match=r"'fisher' needs quantities.*jevons, dutot, carli, harmonic"):
        index(frame, quantity=None)


@pytest.fixture(scope="module")
def nadac_history():
    return read_dataset("us/nadac_history").query("form == 'tablet'")


@pytest.mark.parametrize(
    ("side", "ratios"),
    [
        ("generic", [0.02003 / 0.01638, 0.02488 / 0.02601, 0.03881 / 0.03935]),
        ("brand", [2.67965 / 1.68770, 3.06372 / 1.91492]),
    ],
)
def test_what_pharmacies_paid_from_2012_to_2026(nadac_history, side, ratios):
    """Generic tablets 1.2228 · 0.9566 · 0.9863 = 1.1537, cube root 1.0488; Klonopin √(1.5878 · 1.5999)."""
    rows = nadac_history[nadac_history["class"] == side]
    result = price_index(rows, product="strength_mg", period="as_of", price="price", formula="jevons")
    assert result["index"].iloc[-1] == pytest.approx(math.prod(ratios) ** (1 / len(ratios)))
    assert result["index"].iloc[-1] == pytest.approx({"generic": 1.0488, "brand": 1.5938}[side], abs=5e-5)
    assert result["period"].astype(str).tolist()[::5] == ["2012-10-04", "2026-04-29"]


def test_klonopin_2_mg_comes_and_goes(nadac_history):
    brand = nadac_history[nadac_history["class"] == "brand"]
    result = price_index(
        brand, product="strength_mg", period="as_of", price="price", formula="jevons", chain=True
    )
    assert result["n_new"].tolist() == [0, 0, 1, 0, 0, 1]
    assert result["n_vanished"].tolist() == [0, 0, 0, 0, 1, 0]
    assert result["n_matched"].tolist() == [2, 2, 2, 3, 2, 2]
    dated = price_index(
        brand, product="strength_mg", period="as_of", price="price", formula="jevons", base="2014-01-01"
    )
    assert dated["index"].iloc[2] == 1.0
    # 2014-12-31: all three strengths; (1.98249/1.81882 · 2.23932/2.0544 · 3.15852/2.8977)^(1/3).
    assert dated["index"].iloc[3] == pytest.approx((1.089987 * 1.090012 * 1.090009) ** (1 / 3), rel=1e-5)


@pytest.fixture(scope="module")
def part_d():
    rows = read_dataset("us/part_d_spending").query("row_level == 'labeler' and brand_name == 'Clonazepam'")
    return rows.assign(unit_price=rows["total_spending_usd"] / rows["dosage_units"])


@pytest.mark.parametrize("formula", ["laspeyres", "paasche", "fisher", "tornqvist", "walsh"])
def test_part_d_labelers_against_plain_sums(part_d, formula):
    result = price_index(
        part_d,
        product="labeler",
        period="year",
        price="unit_price",
        quantity="dosage_units",
        formula=formula,
    )
    price = part_d.pivot_table(index="labeler", columns="year", values="unit_price")
    units = part_d.pivot_table(index="labeler", columns="year", values="dosage_units")
    wanted = [
        slow(formula, *(list(one) for one in (price[2018], price[year], units[2018], units[year])))
        for year in range(2018, 2023)
    ]
    np.testing.assert_allclose(result["index"], wanted, rtol=1e-9)
    assert result["n_new"].tolist() == [0, 1, 2, 2, 2]  # Alembic in 2019, AHP in 2020


def test_part_d_unit_value_rises_more_than_prices(part_d):
    """From 2018 to 2022 spending a unit rose by 11.8 %, prices by 8.1 %: costlier labelers sold more."""
    total = part_d.groupby("year")[["total_spending_usd", "dosage_units"]].sum()
    unit_value = total["total_spending_usd"] / total["dosage_units"]
    assert unit_value[2022] / unit_value[2018] == pytest.approx(1.1176, abs=1e-4)
    columns = {"product": "labeler", "period": "year", "price": "unit_price", "quantity": "dosage_units"}
    assert price_index(part_d, **columns)["index"].iloc[-1] == pytest.approx(1.0808, abs=1e-4)
    every = price_index(part_d, **columns, formula=GEKS)
    assert every["index"].iloc[-1] == pytest.approx(1.0823, abs=1e-4)
    assert set(every["method"]) == {"multilateral"}


def test_geks_rebased_and_rolled(part_d):
    columns = {"product": "labeler", "period": "year", "price": "unit_price", "quantity": "dosage_units"}
    first = price_index(part_d, **columns, formula=GEKS)["index"]
    last = price_index(part_d, **columns, formula=GEKS, base=2022)["index"]
    np.testing.assert_allclose(last * first.iloc[-1], first, rtol=1e-12)
    rolled = price_index(part_d, **columns, formula=GEKS, window=3, splice="movement")
    assert rolled["index"].iloc[-1] != pytest.approx(first.iloc[-1], rel=1e-6)
    assert rolled["index"].iloc[-1] == pytest.approx(first.iloc[-1], rel=0.02)


def test_all_faults_at_once():
    rows = [
        *ROWS,
        ("A", 2020, 2.5, 1.0),
        ("C", 2021, 0.0, 1.0),
        ("D", 2021, 1.0, -1.0),
        ("E", 2022, 1.0, np.nan),
    ]
    with pytest.raises(PriceError, match=r"5 rows of 13 cannot enter an index") as caught:
        index(market(rows))
    text = str(caught.value)
    for part in (
        "'A', 2020 stands twice in its period",
        "'C', 2021 has a price that is not above 0",
        "'D', 2021 has a quantity that is missing or below 0",
        "'E', 2022 has a quantity that is missing or below 0",
    ):
        assert part in text
    assert len(caught.value.candidates) == 5
    assert caught.value.candidates["reason"].iloc[0] == "stands twice in its period"


@pytest.mark.parametrize("price", [-1.0, np.nan, np.inf])
def test_impossible_prices(price):
    with pytest.raises(PriceError, match="has a price that is not above 0"):
        index(market([*ROWS, ("C", 2021, price, 1.0)]))


def test_missing_labels():
    with pytest.raises(PriceError, match="has no product or period"):
        index(market([*ROWS, (None, 2021, 1.0, 1.0)]))


def test_periods_that_share_nothing():
    apart = market([("A", 2020, 1.0, 1.0), ("B", 2021, 1.0, 1.0), ("C", 2022, 1.0, 1.0)])
    with pytest.raises(PriceError, match=r"no product is priced in both 2021 and 2020; 2022 and 2020") as one:
        index(apart)
    assert "carry-forward" in str(one.value)
    assert one.value.candidates["period"].tolist() == [2021, 2022]
    with pytest.raises(PriceError, match="3 of 3 pairs of periods"):
        index(apart, formula=GEKS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"price": "prise"}, "'prise' is not a column; did you mean 'price'"),
        ({"formula": "fischer"}, "did you mean 'fisher'"),
        ({"overlap": "match"}, "did you mean 'matched'"),
        ({"splice": "means"}, "did you mean 'mean'"),
        ({"base": 2019}, "base: 2019 is not a period; there are 2020, 2021, 2022"),
        ({"window": 3}, "window belongs to 'geks-tornqvist'"),
        ({"formula": GEKS, "chain": True}, "leave chain out"),
    ],
)
def test_refused_options(options, words):
    with pytest.raises(CostModelError, match=words):
        index(market(), **options)


def test_other_refusals(nadac_history):
    with pytest.raises(PriceError, match="the table has no row"):
        index(market([]))
    with pytest.raises(PriceError, match="year must hold periods of one kind"):
        index(market([*ROWS, ("A", "late", 1.0, 1.0)]))
    with pytest.raises(PriceError, match="nothing was bought in 2023"):
        index(market([*ROWS, ("A", 2023, 1.0, 0.0)]), formula="jevons")
    with pytest.raises(PriceError, match="base: 'soon' is not a period; there are 2012-10-04"):
        price_index(
            nadac_history,
            product=["class", "strength_mg"],
            period="as_of",
            price="price",
            formula="jevons",
            base="soon",
        )


def test_mixed_bases_are_refused():
    frame = market().assign(currency="USD", price_type="retail", country="USA")
    assert len(index(frame)) == 3
    mixed = frame.assign(price_type=["retail"] * 6 + ["tariff"] * 3)
    with pytest.raises(
        PriceError, match=r"price_type is 'retail' \(6 rows\), 'tariff' \(3 rows\); select one, or"
    ):
        index(mixed)
    assert len(index(mixed, product=["labeler", "price_type"])) == 3
    euros = frame.assign(currency=["USD"] * 6 + ["EUR"] * 3)
    with pytest.raises(PriceError, match=r"currency is 'EUR' \(3 rows\), 'USD' \(6 rows\); select one$"):
        index(euros, product=["labeler", "currency"])


def test_one_period_is_its_own_base():
    only = market([row for row in ROWS if row[1] == 2020])
    for formula in INDEX_FORMULAS:
        assert index(only, formula=formula)["index"].tolist() == [1.0]
    assert index(only, chain=True)["index"].tolist() == [1.0]
