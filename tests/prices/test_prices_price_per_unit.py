"""Price-per-unit savings against the numbers that OpenPrescribing's test asserts, and their properties."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few

from costmodel.errors import CostModelError, DataError
from costmodel.prices.deductions import RULE_COLUMNS
from costmodel.prices.errors import PriceError
from costmodel.prices.price_per_unit import generic_code, price_per_unit_savings, swap_groups

CERAZETTE, DESOGESTREL = "0703021Q0BBAAAA", "0703021Q0AAAAAA"
KEPPRA, LEVETIRACETAM, LEVETIRACETAM_SET = "0408010A0BBAAAA", "0408010A0AAACAC", "0408010A0AAAAAA"
SWAPS = [(LEVETIRACETAM_SET, LEVETIRACETAM, "Tab / Cap")]
CCG = {
    **dict.fromkeys(["C84001", "C84024", "B82005", "A85017", "A86030"], "02Q"),
    "C83051": "04D",
    "C83019": "03T",
}
ROWS = [
    ("C84001", CERAZETTE, 1000.0, 1000),
    ("C84001", DESOGESTREL, 1000.0, 10000),
    ("C84024", CERAZETTE, 10000.0, 10000),
    ("C84024", DESOGESTREL, 2000.0, 20000),
    ("B82005", CERAZETTE, 70000.0, 70000),
    ("B82005", DESOGESTREL, 3000.0, 30000),
    ("A85017", CERAZETTE, 1000.0, 1000),
    ("A86030", DESOGESTREL, 100.0, 1000),
    ("C83051", CERAZETTE, 1500.0, 1500),
    ("C83051", DESOGESTREL, 2000.0, 20000),
    ("C83019", CERAZETTE, 2000.0, 2000),
    ("C83019", DESOGESTREL, 1500.0, 15000),
    ("C84001", KEPPRA, 100000.0, 5),
    ("C84001", LEVETIRACETAM, 500.0, 5),
    ("C83019", KEPPRA, 10.0, 1),
    ("C83019", LEVETIRACETAM, 50.0, 5),
    ("C83051", KEPPRA, 10.0, 1),
    ("C83051", LEVETIRACETAM, 50.0, 5),
]
SAVED = {
    (DESOGESTREL, "C84001"): 485.5813953488371,
    (DESOGESTREL, "C84024"): 7869.767441860465,
    (DESOGESTREL, "B82005"): 59232.558139534885,
    (DESOGESTREL, "A85017"): 862.3255813953488,
    (DESOGESTREL, "A86030"): 0,
    (DESOGESTREL, "C83051"): 539.9999999999995,
    (DESOGESTREL, "C83019"): 1159.5348837209299,
    (LEVETIRACETAM_SET, "C84001"): 100400.0,
    (LEVETIRACETAM_SET, "C83019"): 0,
    (LEVETIRACETAM_SET, "C83051"): 0,
}
CLOSE = {"rel": 0, "abs": 1e-9}


def month(rows=ROWS, **columns):
    frame = pd.DataFrame(rows, columns=["practice", "bnf_code", "net_cost", "quantity"])
    return frame.assign(**columns)


def saved(**options):
    result = price_per_unit_savings(month(), swaps=SWAPS, **options)
    return result.set_index(["set", "organisation"])


def test_every_practice_of_the_published_fixture():
    """OpenPrescribing's test fixture of September 2015; the prices per unit sort to 0.1, 0.1628, …"""
    result = saved()
    assert result["gross"].to_dict() == {key: pytest.approx(value, **CLOSE) for key, value in SAVED.items()}
    assert result.loc[(DESOGESTREL, "C84001"), "target"] == pytest.approx(0.13767441860465118, **CLOSE)
    assert result.loc[(LEVETIRACETAM_SET, "C84001"), "target"] == pytest.approx(10.0, **CLOSE)
    assert result.loc[(DESOGESTREL, "B82005"), "price_per_unit"] == 0.73
    assert result["gross"].sum() == pytest.approx(70149.76744186046 + 100400.0, abs=1e-9)


def test_target_by_hand():
    """Seven prices: 0.1 and 3500/21500 are the two lowest; the tenth centile lies 0.6 of the way between."""
    target = 0.1 + 0.6 * (3500 / 21500 - 0.1)
    assert saved()["target"].loc[DESOGESTREL].iloc[0] == pytest.approx(target, **CLOSE)


@pytest.mark.parametrize("options", [{}, {"level": "ccg", "organisations": CCG}])
def test_the_row_that_their_test_asserts(options):
    place = "02Q" if options else "C84001"
    row = saved(**options).loc[(LEVETIRACETAM_SET, place)]
    printed = row[["target", "price_per_unit", "gross", "quantity", "formulation_swap"]].tolist()
    assert printed == [10.0, 10050.0, 100400.0, 10, "Tab / Cap"]
    assert (row["achievable"], row["payer"], row["reason_excluded"]) == (100400.0, "NHS England", "")


def test_savings_of_an_organisation_are_those_of_its_practices():
    """Not those of its pooled price: a practice below the target does not pay for one above it."""
    by_practice = saved()["gross"].loc[DESOGESTREL]
    by_ccg = saved(level="ccg", organisations=CCG)["gross"].loc[DESOGESTREL]
    for place in set(CCG.values()):
        mine = by_practice[[one for one in by_practice.index if CCG[one] == place]]
        assert by_ccg[place] == pytest.approx(mine.sum(), **CLOSE)
    whole = saved(level="all_england")["gross"]
    assert whole[(DESOGESTREL, "all England")] == pytest.approx(70149.76744186046, abs=1e-9)


def test_without_the_swap_they_are_two_sets_and_one_product_alone_still_saves():
    result = price_per_unit_savings(month()).set_index(["set", "organisation"])
    assert result.loc[LEVETIRACETAM_SET, "products"].tolist() == [1, 1, 1]
    # Keppra alone costs 20,000, 10 and 10 a unit: the decile is 10, and 100,000 less 5 x 10 is saved.
    assert result.loc[(LEVETIRACETAM_SET, "C84001"), "gross"] == 100000 - 50


def test_floors_by_level():
    rows = [("A", DESOGESTREL, 100.0, 100), ("B", DESOGESTREL, 109.0, 100)]
    small = price_per_unit_savings(month(rows), centile=0).set_index("organisation")
    assert small.loc["B", ["gross", "achievable"]].tolist() == [pytest.approx(9), 0]
    assert small.loc["B", "reason_excluded"] == "below the floor of 10"
    assert small.loc["A", "reason_excluded"] == "every practice is at or below the target"
    counted = price_per_unit_savings(month(rows), centile=0, floor=9).set_index("organisation")
    assert counted.loc["B", ["achievable", "floor"]].tolist() == [pytest.approx(9), 9]
    places = {"A": "X", "B": "X"}
    assert price_per_unit_savings(month(rows), level="ccg", organisations=places)["floor"].tolist() == [200]
    assert price_per_unit_savings(month(rows), level="all_england")["floor"].tolist() == [50_000]


def test_a_product_without_generic_code_stands_with_its_reason():
    rows = [("A", "190202000AAADA0", 7.0, 2), ("A", "21220000221", 5.0, 1), ("A", DESOGESTREL, 1.0, 1)]
    result = price_per_unit_savings(month(rows)).set_index("set")
    assert result["spending"].sum() == 13
    for code in ("190202000AAADA0", "21220000221"):
        assert result.loc[code, "reason_excluded"].startswith("no generic code")
        assert result.loc[code, ["gross", "achievable"]].tolist() == [0, 0]
    alone = price_per_unit_savings(month(rows[:1]))
    assert alone[["spending", "gross"]].to_numpy().tolist() == [[7, 0]]


def test_generic_codes_by_hand():
    assert generic_code("0703021Q0BBAAAA") == "0703021Q0AAAAAA"
    assert generic_code("0408010A0AAACAC") == "0408010A0AAACAC"
    assert generic_code("0408010A0BBACAC") == "0408010A0AAACAC"


def test_swaps_are_closed():
    a, b, c, d = (f"040702040AAA{x}A{x}" for x in "CHEJ")
    groups = swap_groups([(a, b, "Tab / Cap"), (d, c, "Cap / Liq"), (b, c, "Tab / Liq")])
    assert {code: primary for code, (primary, _) in groups.items()} == dict.fromkeys((a, b, c, d), a)
    assert groups[d][1] == groups[a][1] == "Cap / Liq; Tab / Cap; Tab / Liq"


@pytest.mark.parametrize(
    ("swap", "says"),
    [
        ((KEPPRA, LEVETIRACETAM, ""), f"'{KEPPRA}' is no generic code; its generic is '{LEVETIRACETAM_SET}'"),
        ((LEVETIRACETAM, LEVETIRACETAM, ""), "is swapped for itself"),
    ],
)
def test_swaps_that_are_none(swap, says):
    with pytest.raises(PriceError, match=says):
        swap_groups([swap])


def test_nothing_cannot_cost_something():
    bad = [("A", DESOGESTREL, 5.0, 0), ("B", DESOGESTREL, -1.0, 2), ("C", DESOGESTREL, 1.0, "x")]
    with pytest.raises(DataError) as caught:
        price_per_unit_savings(month(bad))
    assert caught.value.faults[["row", "column", "found"]].to_numpy().tolist() == [
        [1, "net_cost", "-1.0"],
        [2, "quantity", "x"],
        [0, "quantity", "0 units at a cost of 5"],
    ]
    assert "nothing can cost something" in str(caught.value)


def test_no_units_at_no_cost_change_nothing():
    free = month([*ROWS, ("D00000", DESOGESTREL, 0.0, 0)])
    result = price_per_unit_savings(free, swaps=SWAPS).set_index(["set", "organisation"])
    assert result.loc[(DESOGESTREL, "D00000"), ["gross", "reason_excluded"]].tolist() == [
        0,
        "nothing was dispensed",
    ]
    assert result["gross"].drop((DESOGESTREL, "D00000")).to_dict() == saved()["gross"].to_dict()


def test_codes_must_be_codes():
    with pytest.raises(DataError) as caught:
        price_per_unit_savings(month([("A", 703021, 1.0, 1), ("", DESOGESTREL, 1.0, 1)]))
    found = caught.value.faults[["row", "column", "found"]].to_numpy().tolist()
    assert found == [[1, "practice", ""], [0, "bnf_code", "703021"]]


def test_missing_things_are_named():
    with pytest.raises(PriceError, match="prescribing needs the columns quantity"):
        price_per_unit_savings(month().drop(columns="quantity"))
    with pytest.raises(PriceError, match="prescribing has no rows"):
        price_per_unit_savings(month().iloc[:0])
    with pytest.raises(PriceError, match="no entry for the practice A85017"):
        price_per_unit_savings(
            month(), level="ccg", organisations={k: v for k, v in CCG.items() if k != "A85017"}
        )
    with pytest.raises(CostModelError, match="level: 'ccgs' is unknown; did you mean 'ccg'"):
        price_per_unit_savings(month(), level="ccgs")
    with pytest.raises(PriceError, match="deductions need the month and a column 'category'"):
        price_per_unit_savings(month(), deductions=pd.DataFrame(columns=list(RULE_COLUMNS)))


def test_costs_after_deduction():
    """Brand 5 % and generic 20 % off: A pays 95, B pays 80 for 100 units; the decile is 0.815."""
    rules = pd.DataFrame(
        [
            ("brand", 0.05, "2024-04-01", "", "made up", "2024-04-01"),
            ("generic", 0.20, "2024-04-01", "", "made up", "2024-04-01"),
        ],
        columns=list(RULE_COLUMNS),
    )
    rows = [("A", CERAZETTE, 100.0, 100), ("B", DESOGESTREL, 100.0, 100)]
    given_ = month(rows, category=["brand", "generic"])
    result = price_per_unit_savings(given_, deductions=rules, month="2024-09-01").set_index("organisation")
    assert result["spending"].to_dict() == {"A": pytest.approx(95), "B": pytest.approx(80)}
    assert result["target"].tolist() == pytest.approx([0.815, 0.815])
    assert result.loc["A", "gross"] == pytest.approx(95 - 81.5)
    assert set(result["warning"]) == {""}
    later = price_per_unit_savings(given_, deductions=rules, month="2025-09-01")
    assert "deduction of 'brand' last reviewed 2024-04-01, more than a year" in later["warning"].iloc[0]


amounts = st.floats(0.01, 1e6)
months = st.lists(
    st.tuples(
        st.sampled_from("ABCDEF"),
        st.sampled_from([CERAZETTE, DESOGESTREL, KEPPRA, LEVETIRACETAM]),
        amounts,
        st.integers(1, 10_000),
    ),
    min_size=1,
    max_size=25,
)


def slow(rows, centile):
    """Sum by dictionaries, interpolate by hand."""
    groups = {}
    for practice, code, cost, quantity in rows:
        one = groups.setdefault(generic_code(code), {}).setdefault(practice, [0.0, 0.0])
        one[0] += cost
        one[1] += quantity
    found = {}
    for key, practices in groups.items():
        prices = sorted(cost / quantity for cost, quantity in practices.values())
        place = (len(prices) - 1) * centile / 100
        low = int(place)
        high = min(low + 1, len(prices) - 1)
        target = prices[low] + (place - low) * (prices[high] - prices[low])
        for practice, (cost, quantity) in practices.items():
            found[key, practice] = max(0.0, cost - quantity * target)
    return found


@few
@given(months, st.sampled_from([0, 10, 37.5, 100]))
def test_against_dictionaries(rows, centile):
    result = price_per_unit_savings(month(rows), centile=centile).set_index(["set", "organisation"])["gross"]
    expected = slow(rows, centile)
    assert set(result.index) == set(expected)
    for key, value in expected.items():
        assert result[key] == pytest.approx(value, rel=1e-9, abs=1e-6)


@few
@given(months, st.floats(0.01, 100))
def test_never_more_than_the_spending_and_in_any_currency(rows, rate):
    before = price_per_unit_savings(month(rows))
    assert (before["gross"] <= before["spending"] * (1 + 1e-12)).all()
    assert (before["achievable"] <= before["gross"]).all()
    assert (before["gross"] >= 0).all()
    scaled = [(practice, code, cost * rate, quantity) for practice, code, cost, quantity in rows]
    after = price_per_unit_savings(month(scaled)).set_index(["set", "organisation"])["gross"]
    wanted = before.set_index(["set", "organisation"])["gross"] * rate
    np.testing.assert_allclose(after[wanted.index], wanted, rtol=1e-6, atol=1e-6)


@few
@given(months)
def test_a_higher_centile_saves_no_more(rows):
    totals = [price_per_unit_savings(month(rows), centile=one)["gross"].sum() for one in (0, 10, 50, 100)]
    for lower, higher in itertools.pairwise(totals):
        assert higher <= lower * (1 + 1e-9) + 1e-6
