import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few

from costmodel.errors import CostModelError
from costmodel.prices import SpendingTable, spending
from costmodel.prices.errors import PriceError
from costmodel.prices.plausibility import implausible, implausible_reasons
from costmodel.prices.savings import GROSS, POOLED, realised_savings, remaining_savings, substitution_saving

TRAP = [
    ("METFORMIN HCL", 8035.09, 2668.56, 9101305, 191118411.0, 48842469096.0),
    ("BUPROPION HCL", 4202.69, 41.62, 6162383, 197171943.0, 25642069045.0),
    ("VENLAFAXINE HCL", 1372.61, 35.44, 5232598, 151208248.0, 6996895148.0),
    ("NIFEDIPINE", 724.99, 81.8, 3524646, 146639465.0, 2267027764.0),
    ("INSULIN LISPRO", 1558.85, 107.01, 1363952, 1208385334.0, 1980247840.0),
]
"""Published savings above the spend they are saved from: molecule, brand and generic cost of a claim, claims,
brand spending, savings claimed."""

PLAIN = {
    "payer": "plan",
    "country": "USA",
    "region": "",
    "period_start": pd.Timestamp("2022-01-01"),
    "period_end": pd.Timestamp("2022-12-31"),
    "product_id": "",
    "product": "Klonopin",
    "molecule": "clonazepam",
    "class": "brand",
    "labeler": "",
    "row_level": "all labelers",
    "strength_mg": 2.0,
    "form": "tablet",
    "unit": "tablet",
    "units": 100.0,
    "claims": 4.0,
    "beneficiaries": float("nan"),
    "spending": 300.0,
    "currency": "USD",
    "basis": "net",
    "suppressed": False,
    "release": "",
    "source": "made up",
    "flag": "",
    "note": "",
}


def row(**changes):
    return PLAIN | {name.removesuffix("_"): value for name, value in changes.items()}


def generic(**changes):
    return row(
        **({"class_": "generic", "product": "Clonazepam", "units": 1000.0, "spending": 500.0} | changes)
    )


def made(*rows):
    frame = pd.DataFrame(list(rows)).astype({"units": float, "spending": float, "claims": float})
    return SpendingTable(frame, "made")


@pytest.fixture(scope="module")
def part_d():
    return spending("us/part_d_spending").select(row_level="all labelers", year=2022)


def test_by_hand():
    """Brand 100 at 3, generic 1000 at 0.5.

    Still to save: 300 - 100 x 0.5 = 250. Saved: 1000 x 3 - 500 = 2500.
    """
    left = remaining_savings(made(row(), generic())).iloc[0]
    assert left[["units", "spending", "brand_price", "benchmark", "gross", "achievable"]].tolist() == [
        *(100, 300, 3, 0.5),
        *(250, 250),
    ]
    assert (left["payer"], left["reason_excluded"], left["caveat"]) == ("plan", "", "")
    done = realised_savings(made(row(), generic())).iloc[0]
    assert done[["generic_price", "brand_price", "replaced", "gross", "achieved"]].tolist() == [
        *(0.5, 3, 3000),
        *(2500, 2500),
    ]
    assert "an upper bound" in done["counterfactual"]


def test_part_d_2022(part_d):
    """The printed figures: 77.26 M USD, 9.05 M claims, 0.152 a unit; Klonopin 3.66 M, 15,231, 2.94."""
    totals = part_d.total(by=["class"]).set_index("class")
    assert round(totals.loc["generic", "spending"] / 1e6, 2) == 77.26
    assert round(totals.loc["generic", "claims"] / 1e6, 2) == 9.05
    assert round(totals.loc["generic", "unit_spending"], 3) == 0.152
    assert round(totals.loc["brand", "spending"] / 1e6, 2) == 3.66
    assert totals.loc["brand", "claims"] == 15_231
    assert round(totals.loc["brand", "unit_spending"], 2) == 2.94


def test_part_d_savings(part_d):
    """1,248,046 brand units at 77,260,147.76 / 506,811,500.6 cost 190,257 of 3,663,255.51."""
    left, done = remaining_savings(part_d).iloc[0], realised_savings(part_d).iloc[0]
    units, paid = left["units"], left["spending"]
    assert (units, paid) == (1_248_046, 3_663_255.51)
    assert left["gross"] == pytest.approx(paid - units * 77_260_147.76 / done["units"])
    assert left["gross"] == pytest.approx(3_472_999, abs=1)
    assert done["gross"] == pytest.approx(done["units"] * paid / units - 77_260_147.76)
    for one in (left, done):
        assert one["basis"] == "gross"
        assert one["caveat"] == f"{GROSS}; {POOLED}"


@pytest.mark.parametrize("trap", TRAP, ids=[one[0] for one in TRAP])
def test_published_savings_above_the_spend_are_refused(trap):
    name, brand, cheap, claims, spent, claimed = trap
    assert claims * (brand - cheap) == pytest.approx(claimed, rel=1e-4)
    assert claimed > spent
    with pytest.raises(PriceError, match="price, volume and spending are not of the same products"):
        substitution_saving(units=claims, price=brand, benchmark=cheap, spending=spent, what=name)
    table = made(
        row(molecule=name.lower(), product=name, claims=claims, spending=spent) | {"price_per_claim": brand},
        generic(molecule=name.lower(), claims=claims, spending=claims * cheap) | {"price_per_claim": cheap},
    )
    for measure in (remaining_savings, realised_savings):
        with pytest.raises(
            PriceError, match=f"made, row 0, {name}: claims x price_per_claim: .* times the spending"
        ):
            measure(table)


def test_agreeing_prices_pass():
    table = made(row() | {"price_per_unit": 3.0}, generic() | {"price_per_unit": 0.501})
    assert remaining_savings(table)["gross"].item() == 250


def test_labelers_and_their_sums_are_never_pooled():
    whole = spending("us/part_d_spending").select(year=2022)
    for measure in (remaining_savings, realised_savings):
        with pytest.raises(PriceError, match="row_level must be one in a sum"):
            measure(whole)


def test_medicaid_without_the_rows_of_wrong_units():
    """2022: 306,296.5 brand units; the four bad rows would raise the benchmark from 0.1559 to 0.1647."""
    table = spending("us/medicaid_spending").select(row_level="labeler", year=2022)
    reasons = implausible_reasons(implausible(table))
    plain, clean = remaining_savings(table).iloc[0], remaining_savings(table, left_out=reasons).iloc[0]
    assert [plain["benchmark"], clean["benchmark"]] == pytest.approx([0.164747, 0.155928], abs=1e-6)
    assert clean["gross"] > plain["gross"]
    done = realised_savings(table, left_out=reasons)
    gone = done[done["reason_excluded"] != ""]
    assert len(gone) == 4
    assert gone["reason_excluded"].str.startswith("implausible unit price").all()
    assert (gone["achieved"] == 0).all()
    assert gone["spending"].sum() + done["spending"].iloc[0] == pytest.approx(
        table.select(class_="generic").total()["spending"].item()
    )
    assert "Clonazepam Ahp" in gone["note"].iloc[0]


def test_flags_of_the_rows_are_carried():
    table = spending("us/part_d_spending").select(row_level="all labelers", year=2018)
    assert "probably too low" in realised_savings(table)["note"].item()


def test_shares_floors_and_benchmarks():
    table = made(row(), generic())
    half = remaining_savings(table, share=0.5).iloc[0]
    assert (half["gross"], half["achievable"]) == (250, 125)
    assert half["note"] == "50% of the brand's use taken as switchable"
    small = remaining_savings(table, share=0.5, floor=126).iloc[0]
    assert (small["achievable"], small["reason_excluded"]) == (0, "below the floor of 126")
    assert remaining_savings(table, share=0.5, floor=125)["achievable"].item() == 125
    for given_ in (1.0, {"clonazepam": 1.0}):
        assert remaining_savings(table, benchmark=given_)["gross"].item() == 200
    none = remaining_savings(table, share=0).iloc[0]
    assert none["reason_excluded"] == "no part of the brand's use can be switched"


def test_what_cannot_be_saved_says_why():
    alone = remaining_savings(made(row())).iloc[0]
    assert (alone["gross"], alone["achievable"]) == (0, 0)
    assert alone["reason_excluded"].startswith("no price of a generic unit")
    dear = remaining_savings(made(row(), generic(spending=9000))).iloc[0]
    assert (dear["gross"], dear["reason_excluded"]) == (0, "the brand is at or below the benchmark")
    lost = realised_savings(made(row(), generic(spending=9000))).iloc[0]
    assert (lost["gross"], lost["reason_excluded"]) == (0, "generics are not cheaper than the brand")
    no_brand = realised_savings(made(generic())).iloc[0]
    assert np.isnan(no_brand["brand_price"])
    assert no_brand["gross"] == 0
    assert no_brand["reason_excluded"].startswith("no price of a brand unit")


def test_payers_and_years_keep_their_own():
    later = {"period_start": pd.Timestamp("2023-01-01"), "period_end": pd.Timestamp("2023-12-31")}
    table = made(
        row(),
        generic(),
        row(payer="other"),
        generic(payer="other", spending=100),
        row(**later),
        generic(**later),
    )
    found = remaining_savings(table)
    assert found[["payer", "year", "gross"]].to_numpy().tolist() == [
        ["other", 2022, 290],
        ["plan", 2022, 250],
        ["plan", 2023, 250],
    ]


def test_withheld_and_other_rows_are_mentioned():
    withheld = generic(suppressed=True, units=np.nan, spending=np.nan, claims=np.nan, labeler="x")
    found = realised_savings(made(row(), generic(), withheld, row(class_="branded generic"))).iloc[0]
    assert found["spending"] == 500
    assert "1 row with withheld figures not in the sums" in found["note"]
    assert "1 row of other classes on neither side" in found["note"]


amounts = st.floats(1, 1e6)


@few
@given(amounts, amounts, amounts, amounts, st.floats(0, 1))
def test_never_more_than_the_spend_replaced(brand_units, brand_money, units, money, share):
    table = made(row(units=brand_units, spending=brand_money), generic(units=units, spending=money))
    left = remaining_savings(table, share=share).iloc[0]
    done = realised_savings(table).iloc[0]
    assert 0 <= left["achievable"] <= left["gross"] <= left["spending"]
    assert 0 <= done["achieved"] <= done["gross"] <= done["replaced"]
    dearer = brand_money / brand_units > money / units * (1 + 1e-9)
    assert (left["gross"] > 0) <= (brand_money / brand_units > money / units * (1 - 1e-9))
    if dearer:
        assert left["reason_excluded"] in ("", "no part of the brand's use can be switched")


@few
@given(amounts, amounts, amounts, amounts, st.floats(0.01, 100))
def test_currency_scales_savings(brand_units, brand_money, units, money, rate):
    first, second = (
        made(row(units=brand_units, spending=brand_money * x), generic(units=units, spending=money * x))
        for x in (1, rate)
    )
    for measure in (remaining_savings, realised_savings):
        small, large = measure(first).iloc[0], measure(second).iloc[0]
        scale = (small["spending"] + abs(small["gross"])) * rate
        assert large["gross"] == pytest.approx(small["gross"] * rate, rel=1e-9, abs=1e-9 * scale)


@few
@given(st.floats(0, 2), st.floats(0.01, 1))
def test_a_cheaper_benchmark_saves_more(benchmark, less):
    table = made(row(), generic())
    dear, cheap = (
        remaining_savings(table, benchmark=b)["gross"].item() for b in (benchmark, benchmark * less)
    )
    assert cheap >= dear


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"by": ["year"]}, "with payer and molecule: a saving belongs to one payer and one medicine"),
        ({"by": "payer"}, "by must be a list of columns"),
        ({"left_out": {99: "x"}}, "left_out names the row 99, which made does not have"),
        ({"share": 1.5}, r"share must lie in \[0, 1\]"),
        ({"floor": -1}, "floor must lie in"),
        ({"benchmark": -1}, "benchmark must lie in"),
        ({"benchmark": {"lorazepam": 1}}, "benchmark has no price for 'clonazepam'"),
    ],
)
def test_refusals(options, says):
    with pytest.raises(CostModelError, match=says):
        remaining_savings(made(row(), generic()), **options)


def test_mixed_tables_are_refused():
    for change, says in (
        ({"currency": "CAD"}, "currency must be one"),
        ({"basis": "gross"}, "basis must be one"),
        ({"unit": "ml"}, "unit must be one"),
    ):
        with pytest.raises(PriceError, match=says):
            remaining_savings(made(row(), generic(**change)))
    with pytest.raises(PriceError, match="no rows of the class whose savings are asked for"):
        realised_savings(made(row()))


def test_a_saving_by_hand():
    assert substitution_saving(units=10, price=3, benchmark=4, spending=30) == 0
    assert substitution_saving(units=10, price=3.02, benchmark=1, spending=30) == 20
    with pytest.raises(PriceError, match=r"10 x 3\.1 = 31 is 1\.03 times the spending of 30"):
        substitution_saving(units=10, price=3.1, benchmark=1, spending=30)
    with pytest.raises(PriceError, match="is not the spending of 0"):
        substitution_saving(units=10, price=3.1, benchmark=1, spending=0)
    with pytest.raises(CostModelError, match="these rows: units must lie in"):
        substitution_saving(units=-1, price=3, benchmark=1, spending=30)
