"""The study clonazepam-us-prices: real prices in, expected numbers out, all from the tables."""

import json

import pytest

import costmodel as cm


@pytest.fixture(scope="module")
def study():
    return cm.read_study("clonazepam-us-prices")


@pytest.fixture(scope="module")
def base(study):
    return study.run()


def cost(outcomes, perspective, segment):
    return dict(zip(outcomes.strategies, outcomes.cost(perspective, segment=segment)[:, 0], strict=True))


def test_prices_come_from_the_table(study):
    brand, generic = study.parameters["price_brand"].value, study.parameters["price_generic"].value
    assert (brand, generic) == (4.26033, 0.03881)
    assert brand / generic == pytest.approx(109.774, abs=5e-4)
    assert study.parameters["price_brand_05mg"].value / study.parameters[
        "price_generic_05mg"
    ].value == pytest.approx(133.8, abs=0.05)
    assert study.parameters["price_brand_1mg"].value / study.parameters[
        "price_generic_1mg"
    ].value == pytest.approx(123.1, abs=0.05)
    text = (study.folder / "study.toml").read_text()
    assert "4.26" not in text
    assert "0.0388" not in text


def test_a_year_before_fees(base):
    year = dict(zip(base.strategies, base.total("ingredient")[:, 0], strict=True))
    assert year["brand"] == pytest.approx(4.26033 * 365)
    assert f"{year['brand']:,.2f}" == "1,555.02"
    assert f"{year['generic']:,.2f}" == "14.17"


def test_medicaid_by_hand(base):
    fee = 365 / 30 * 10.5
    assert cost(base, "all_payers", "medicaid")["brand"] == pytest.approx(4.26033 * 365 + fee)
    assert cost(base, "patient", "medicaid")["brand"] == pytest.approx(365 / 30 * 8)
    assert cost(base, "patient", "medicaid")["generic"] == pytest.approx(365 / 30 * 4)
    share = 341857.8 / (341857.8 + 219776376.153)
    now = share * 4.26033 * 365 + (1 - share) * 0.03881 * 365 + fee
    assert cost(base, "all_payers", "medicaid")["current_mix"] == pytest.approx(now)


def test_part_d_by_hand(base):
    gross = 4.26033 * 365 + 365 / 30
    assert cost(base, "patient", "part_d")["brand"] == pytest.approx(615 + 0.25 * (gross - 615))
    assert cost(base, "patient", "part_d")["generic"] == pytest.approx(0.03881 * 365 + 365 / 30)
    assert cost(base, "payer", "part_d")["generic"] == pytest.approx(0, abs=1e-9)


def test_a_flat_copay_never_exceeds_the_fill(base):
    assert cost(base, "patient", "employer")["generic"] == pytest.approx(365 / 30 * (30 * 0.03881 + 1))
    assert cost(base, "patient", "employer")["brand"] == pytest.approx(365 / 30 * 59)


def test_without_insurance_the_patient_pays_all(base):
    for strategy, paid in cost(base, "patient", "uninsured").items():
        assert paid == pytest.approx(cost(base, "all_payers", "uninsured")[strategy])


@pytest.mark.parametrize(
    "scenario", [None, "strength_1mg", "strength_05mg", "two_tablets", "no_fee", "copays_2024"]
)
def test_money_is_conserved(study, scenario):
    outcomes = study.run(scenario, n=64)
    both = outcomes.cost("payer") + outcomes.cost("patient")
    assert both == pytest.approx(outcomes.cost("all_payers"), rel=1e-12)


def test_current_mix_lies_between_and_savings_never_exceed_the_spend(base):
    for segment in base.segments:
        spend = cost(base, "all_payers", segment)
        assert spend["generic"] < spend["current_mix"] < spend["brand"]
        assert 0 < spend["brand"] - spend["generic"] < spend["brand"]


def test_scenarios_move_the_way_they_should(study, base):
    start = cost(base, "all_payers", "medicaid")
    two = cost(study.run("two_tablets"), "all_payers", "medicaid")
    fee = 365 / 30 * 10.5
    assert two["brand"] - fee == pytest.approx(2 * (start["brand"] - fee))
    rebate = cost(study.run("brand_basic_rebate"), "all_payers", "medicaid")
    assert rebate["brand"] - fee == pytest.approx((1 - 0.231) * (start["brand"] - fee))
    assert rebate["generic"] == start["generic"]
    small = cost(study.run("strength_05mg"), "all_payers", "medicaid")
    assert small["brand"] - fee == pytest.approx(2.67965 * 365)


def test_sizes_come_from_claims_and_people(base):
    part_d = 1336304 + 2441
    assert base.sizes[0, 1] == part_d
    assert base.sizes[0, 0] == pytest.approx((4113653 + 4634) / ((9049224 + 15231) / part_d))


def test_every_number_leads_to_a_source_or_says_that_it_has_none(study):
    for name in ("ingredient", "paid_plan", "paid_patient", "dispensing"):
        tree = cm.trace(study, name)
        leaves = [item for item in tree.walk() if not item.inputs and item.rule != "model time"]
        assert leaves
        for leaf in leaves:
            assert leaf.source
            assert leaf.source != "none given" or any(
                "assumed" in doubt or "elicited" in doubt for doubt in leaf.doubts
            )


def test_the_contract_of_the_machine_readable_result(study):
    from costmodel.study import to_json

    found = json.loads(to_json(study.run()), parse_constant=pytest.fail)
    assert set(found) == {
        "study",
        "currency",
        "price_year",
        "draws",
        "strategies",
        "segments",
        "incremental",
    }
    assert (found["study"], found["currency"], found["price_year"], found["draws"]) == (
        "clonazepam-us-prices",
        "USD",
        2026,
        1,
    )
    brand = found["strategies"]["brand"]
    assert set(brand) == {"costs", "effects", "payoffs"}
    assert set(brand["payoffs"]["ingredient"]) == {"discounted", "undiscounted", "by_year"}
    assert sum(brand["payoffs"]["ingredient"]["by_year"]) == pytest.approx(
        brand["payoffs"]["ingredient"]["undiscounted"]
    )
    weights = {name: item["size"] for name, item in found["segments"].items()}
    mean = sum(
        weights[name] * item["strategies"]["brand"]["costs"]["payer"]
        for name, item in found["segments"].items()
    ) / sum(weights.values())
    assert mean == pytest.approx(brand["costs"]["payer"], rel=1e-14)


def test_json_keeps_full_double_precision(study):
    from costmodel.study import to_json

    found = json.loads(to_json(study.run()))
    expected = study.run().cost("payer")[0, 0]
    assert found["strategies"]["brand"]["costs"]["payer"] == expected


def test_draws_have_the_base_case_in_their_midst(study, base):
    drawn = study.run(n=2048)
    assert drawn.cost("all_payers").mean(axis=1) == pytest.approx(base.cost("all_payers")[:, 0], rel=0.02)
    assert drawn.cost("all_payers").std(axis=1).min() > 0
    again = study.run(n=2048)
    assert (drawn.discounted == again.discounted).all()
