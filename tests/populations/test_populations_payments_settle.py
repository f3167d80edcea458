"""Settling fills: who pays whom, to the cent; sums that are exactly zero; accumulators from fill to fill."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_populations import benefits, few

from costmodel.errors import DataError
from costmodel.populations.payments import FLOWS, PARTIES, Spending, benefit, plan_year, settle


def fills(**columns):
    return pd.DataFrame({"patient": "a", "product": "brand", **columns})


def flows(done):
    table = done.flows()
    return {(f, t, p): a for f, t, p, a in table[["from", "to", "purpose", "amount"]].itertuples(index=False)}


def test_part_d_brand_fill_in_the_initial_phase():
    done = settle(
        fills(gross=[615.0, 138.31], acquisition=[600.0, 127.81], wholesale=[590.0, 122.7]),
        benefit("part_d", 2026),
    )
    second = done.flows().query("fill == 1").set_index("purpose")["amount"].to_dict()
    assert second == {
        "cost sharing": 34.58,  # 25 % of 138.31 = 34.5775
        "payment for the fill": 103.73,  # the rest
        "manufacturer discount": 13.83,  # 10 %
        "purchase by the pharmacy": 127.81,
        "purchase by the wholesaler": 122.7,
    }
    net = done.net().loc[1]
    assert net["patient"] == -34.58
    assert net["plan"] == pytest.approx(-103.73 + 13.83)
    assert net["pharmacy"] == 10.50  # 138.31 - 127.81: the dispensing fee is its margin
    assert net["wholesaler"] == 5.11
    assert net["manufacturer"] == pytest.approx(122.7 - 13.83)
    assert (net["government"], net["other"]) == (0, 0)
    row = done.frame().loc[1]
    assert (row["paid_payer"], row["payer_gross"]) == (89.90, pytest.approx(89.90))  # 103.73 - 13.83
    assert not row["payer_net_known"]


def test_catastrophic_fill_and_subsidy_flow_through_the_plan():
    above = settle(fills(gross=[6555.0, 1000.0]), benefit("part_d", 2026))
    assert above.flows().query("fill == 1")[["from", "to", "purpose", "amount"]].to_numpy().tolist() == [
        ["plan", "pharmacy", "payment for the fill", 1000.0],
        ["government", "plan", "reinsurance", 200.0],
        ["manufacturer", "plan", "manufacturer discount", 200.0],
    ]
    helped = flows(settle(fills(gross=[100.0]), benefit("part_d_lis_full", 2026)))
    assert helped == {
        ("patient", "pharmacy", "cost sharing"): 12.65,
        ("plan", "pharmacy", "payment for the fill"): 87.35,
        ("government", "plan", "low-income subsidy"): 87.35,  # 100 within the deductible
    }


def test_medicaid_fill_with_a_rebate_gross_and_net_apart():
    done = settle(fills(gross=[138.31], rebate=[29.52]), benefit("medicaid_ffs", 2026))
    assert flows(done)["manufacturer", "government", "rebate"] == 29.52
    row = done.frame().loc[0]
    assert (row["payer_gross"], row["payer_net"]) == (130.31, pytest.approx(100.79))
    assert row["payer_net_known"]


def test_an_unknown_rebate_leaves_net_missing_and_a_range():
    columns = {"gross": [138.31, 138.31], "rebate": [np.nan, 0.0], "rebate_low": 29.52, "rebate_high": 127.81}
    table = settle(fills(**columns), benefit("medicaid_ffs", 2026)).frame()
    assert np.isnan(table.loc[0, "payer_net"])
    assert table.loc[0, "payer_net_low"] == pytest.approx(130.31 - 127.81)
    assert table.loc[0, "payer_net_high"] == pytest.approx(130.31 - 29.52)
    assert table.loc[1, "payer_net"] == 130.31  # a rebate that is known to be nothing
    assert list(table["payer_net_known"]) == [False, True]


def test_spread_card_and_coupon():
    spread = settle(
        fills(product="tier_1", gross=[20.0], spread=[6.2], acquisition=[1.2]),
        benefit("employer_tiers", 2017),
    )
    assert spread.net().loc[0].to_dict() == {
        "patient": -11, "plan": -9, "government": 0, "manufacturer": 0, "pharmacy": 12.6, "wholesaler": 1.2,
        "other": 6.2,
    }  # fmt: skip
    card = settle(fills(product="generic", gross=[40.0], acquisition=[1.16]), benefit("discount_card", 2026))
    net = card.net().loc[0]
    assert (net["patient"], net["other"], net["pharmacy"]) == (-12, 3, pytest.approx(12 - 3 - 1.16))
    coupon = settle(fills(product="tier_3", gross=[300.0]), benefit("employer_coupon", 2024))
    assert flows(coupon)["manufacturer", "pharmacy", "copay coupon"] == 50


def test_england_charge_above_the_cost_is_handed_on_to_the_nhs():
    done = settle(
        fills(product="generic", gross=[1.54 + 1.46], acquisition=[1.54]), benefit("england_charge", 2026)
    )
    assert flows(done)["government", "pharmacy", "payment for the fill"] == -6.90  # 3.00 - 9.90
    net = done.net().loc[0]
    assert (net["patient"], net["government"], net["pharmacy"]) == (-9.90, 6.90, 1.46)


def test_fills_go_by_date_and_each_patient_has_accumulators_of_their_own():
    table = pd.DataFrame(
        {
            "patient": ["a", "b", "a", "b"],
            "product": "brand",
            "gross": [100.0, 600.0, 600.0, 100.0],
            "date": ["2026-03-01", "2026-01-01", "2026-02-01", "2026-01-01"],
        }
    )
    paid = settle(table, benefit("part_d", 2026)).frame()["paid_patient"]
    # a: 600, then 15 + 25 % of 85; b: two fills of one day, in the order of the rows
    assert paid.tolist() == [36.25, 600, 600, 36.25]


amounts = st.lists(st.integers(0, 200_000), min_size=1, max_size=12)


@given(benefits(copays=True), amounts, st.integers(0, 4))
@few
def test_flows_of_all_parties_sum_to_zero_exactly(own, cents, people):
    table = pd.DataFrame({"gross": np.array(cents) / 100})
    table["patient"] = [f"p{k % (people + 1)}" for k in range(len(cents))]
    table["product"] = ["brand" if k % 3 else "generic" for k in range(len(cents))]
    table["acquisition"], table["wholesale"] = table["gross"] * 0.9, table["gross"] * 0.8
    table["spread"], table["rebate"] = table["gross"] / 7, table["gross"] / 9
    done = settle(table, own)
    net = done.net_cents()
    assert net.dtype == np.int64
    assert (net.sum(axis=1) == 0).all()
    assert net.sum() == 0
    billed = done.cents[:, :3].sum(axis=1)
    assert (billed == np.array(cents)).all()
    shown = done.frame()
    parts = shown[["paid_patient", "paid_payer", "paid_government", "paid_manufacturer"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(shown["gross"].to_numpy(), abs=1e-9)


@given(benefits(copays=True), st.lists(st.integers(1, 300_000), min_size=12, max_size=12))
@few
def test_fill_by_fill_and_month_by_month_are_one_rule(own, cents):
    gross = np.array(cents) / 100
    done = settle(fills(gross=gross), own).frame()
    year = plan_year(own, Spending(gross, "brand"))
    assert done["paid_patient"].tolist() == pytest.approx(year.by_month("patient")[0].tolist(), abs=1e-9)
    assert done["paid_manufacturer"].sum() == pytest.approx(year.of("manufacturer")[0], abs=1e-9)


def test_all_faults_of_fills_come_at_once():
    table = pd.DataFrame(
        {
            "patient": ["a", None, "c"], "product": ["brand", "tier_1", "brand"], "gross": [-1.0, 5.0, 5.0],
            "fills": [1.0, 0.0, 1.0], "date": ["2026-01-01", "2025-12-31", "2026-01-01"],
        }
    )  # fmt: skip
    with pytest.raises(DataError) as error:
        settle(table, benefit("part_d", 2026))
    found = error.value.faults[["row", "column"]].to_numpy().tolist()
    assert sorted(found) == [[0, "gross"], [1, "date"], [1, "fills"], [1, "patient"], [1, "product"]]
    with pytest.raises(DataError, match="cost: is not a column of fills"):
        settle(fills(gross=[1.0], cost=[1.0]), benefit("part_d", 2026))
    with pytest.raises(DataError, match="gross: column is missing"):
        settle(fills(price=[1.0]), benefit("part_d", 2026))
    with pytest.raises(DataError, match="a rebate needs a plan or a government"):
        settle(fills(gross=[1.0], rebate=[1.0]), benefit("uninsured", 2026))


def test_no_fills_are_no_flows():
    done = settle(fills(gross=[]), benefit("part_d", 2026))
    assert done.cents.shape == (0, len(FLOWS))
    assert list(done.net()) == list(PARTIES)
