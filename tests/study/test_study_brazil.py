"""The study clonazepam-brazil: ceilings and wages from the tables, days of wage by hand."""

import shutil

import pytest

import costmodel as cm

BRAND, SIMILAR, GENERIC = 14.99 / 30, 9.73 / 20, 9.69 / 30
WAGE_DAY, WAGE_MONTH = 33.27, 998


@pytest.fixture(scope="module")
def study():
    return cm.read_study("clonazepam-brazil")


@pytest.fixture(scope="module")
def base(study):
    return study.run()


def total(outcomes, measure, segment="one_wage"):
    values = outcomes.total(measure, segment=segment)[:, 0]
    return dict(zip(outcomes.strategies, values, strict=True))


def test_the_brand_costs_1_55_generics_and_the_ratio_is_computed(study):
    ratio = float(cm.trace(study, "brand_over_generic").value)
    assert ratio == pytest.approx(14.99 / 9.69)
    assert round(ratio, 2) == 1.55
    text = (study.folder / "study.toml").read_text() + (study.folder / "parameters.csv").read_text()
    for typed in ("14.99", "9.69", "9.73", "33.27", "998", "1.55"):
        assert typed not in text


def test_the_medians_rows_are_the_fifteen_other_makers_packs_of_thirty(study):
    rows = study.bound["pack_generic"].rows
    # 8.72 8.85 9.01 9.23 9.31 9.65 9.69 [9.69] 9.69 9.71 9.71 9.71 9.74 9.74 9.75
    assert len(rows) == 15
    assert sorted(rows["price"])[7] == 9.69
    assert (rows["price"].min(), rows["price"].max()) == (8.72, 9.75)
    assert not rows["supplier"].str.contains("ROCHE").any()


def test_the_similar_is_dearer_than_the_rule_allows_a_generic(study):
    # 65 % of Roche's pack of 20 at 9.93 is 6.45
    table = cm.read_dataset("intl/prices_incomplete")
    roche = table[(table["class"] == "brand") & (table["pack_size"] == 20) & (table["strength_mg"] == 2)]
    assert roche["price"].item() == 9.93
    assert study.parameters["pack_similar"].value == 9.73 > 0.65 * 9.93


def test_the_highest_generic_stands_at_65_percent_of_the_brand(study):
    highest = study.parameters["pack_generic_highest"].value
    assert highest / study.parameters["pack_brand"].value == pytest.approx(0.65, abs=5e-4)


def test_a_year_out_of_pocket(base):
    # 365 x 14.99 / 30 = 182.38; 365 x 9.73 / 20 = 177.57; 365 x 9.69 / 30 = 117.90
    paid = total(base, "paid_patient")
    assert paid == pytest.approx({"brand": 365 * BRAND, "similar": 365 * SIMILAR, "generic": 365 * GENERIC})
    assert {name: round(value, 2) for name, value in paid.items()} == {
        "brand": 182.38,
        "similar": 177.57,
        "generic": 117.9,
    }


@pytest.mark.parametrize(
    ("segment", "multiple"), [("half_wage", 0.5), ("one_wage", 1), ("two_wages", 2), ("five_wages", 5)]
)
def test_days_of_wage_and_share_of_income(base, segment, multiple):
    # one minimum wage: 182.378 / 33.27 = 5.48 days; 182.378 / (12 x 998) = 1.52 %
    days, percent = total(base, "days_wages", segment), total(base, "percent_of_income", segment)
    assert days["brand"] == pytest.approx(365 * BRAND / (WAGE_DAY * multiple))
    assert days["generic"] == pytest.approx(365 * GENERIC / (WAGE_DAY * multiple))
    assert percent["brand"] == pytest.approx(100 * 365 * BRAND / (12 * WAGE_MONTH * multiple))
    left = total(base, "days_left", segment)
    assert left["brand"] + days["brand"] == pytest.approx(12 * WAGE_MONTH / WAGE_DAY)
    assert left["generic"] - left["brand"] == pytest.approx(days["brand"] - days["generic"])


def test_days_agree_with_the_packages_own_measure(base):
    assert cm.days_wages(365 * BRAND, WAGE_DAY) == pytest.approx(total(base, "days_wages")["brand"])


def test_scenarios_move_the_way_they_should(study, base):
    start = total(base, "paid_patient")
    two = total(study.run("two_tablets"), "paid_patient")
    assert two == pytest.approx({name: 2 * value for name, value in start.items()})
    # 8.55 / 30 and 5.40 / 20; the median of the eight generics of 0.5 mg x 30:
    # 5.05 5.07 5.25 5.31 5.54 5.55 5.56 5.57, between 5.31 and 5.54
    small = total(study.run("strength_05mg"), "paid_patient")
    assert small["brand"] == pytest.approx(365 * 8.55 / 30)
    assert small["similar"] == pytest.approx(365 * 5.40 / 20)
    assert small["generic"] == pytest.approx(365 * (5.31 + 5.54) / 2 / 30)
    discounted = total(study.run("generic_discounted"), "paid_patient")
    assert discounted == pytest.approx(start | {"generic": start["generic"] / 2})
    assert total(study.run("generic_lowest"), "paid_patient")["generic"] == pytest.approx(365 * 8.72 / 30)
    assert total(study.run("generic_highest"), "paid_patient")["generic"] == pytest.approx(365 * 9.75 / 30)


def test_a_margin_on_every_product_raises_levels_and_leaves_the_ratio(study, base):
    start, retail = total(base, "paid_patient"), total(study.run("retail"), "paid_patient")
    assert retail["brand"] == pytest.approx(1.4 * start["brand"])
    assert retail["brand"] / retail["generic"] == pytest.approx(start["brand"] / start["generic"])


def test_a_higher_wage_needs_fewer_days_for_the_same_money(study, base):
    later = study.run("wage_2024")
    assert total(later, "paid_patient") == total(base, "paid_patient")
    assert total(later, "days_wages")["brand"] == pytest.approx(365 * BRAND / 47.07)
    assert total(later, "percent_of_income")["generic"] == pytest.approx(100 * 365 * GENERIC / (12 * 1412))


def test_a_saving_never_exceeds_what_is_spent(study):
    for scenario in (None, *study.spec.scenarios):
        paid = total(study.run(scenario), "paid_patient")
        assert 0 < paid["generic"] < paid["similar"] < paid["brand"]


def test_every_price_says_that_its_date_is_not_stated(study):
    for name, bound in study.bound.items():
        if name.startswith("pack_"):
            assert any("date not stated" in flag for flag in bound.flags)
            assert set(bound.rows["currency"]) == {"BRL"}
    cautions = " ".join(study.spec.report.cautions)
    assert "CMED sets ceilings" in cautions
    assert "not a transaction price" in cautions


def test_the_study_passes_its_verification(study):
    found = cm.verify(study, n=64)
    assert found.ok, str(found)


def test_bound_money_is_converted_as_parameters_are(study, tmp_path):
    # A wage of 2024 is brought in at the study's factor for it: at 0.5, half of 1,412 reais, 706.
    folder = copied(
        study,
        tmp_path,
        ('[conversions."BRL 2024"]\nfactor = 1\n', '[conversions."BRL 2024"]\nfactor = 0.5\n'),
    )
    assert study.bound["wage_month_2024"].parameter.value == 1412
    halved = total(cm.read_study(folder).run(scenario="wage_2024"), "percent_of_income")
    whole = total(study.run(scenario="wage_2024"), "percent_of_income")
    assert {name: halved[name] / whole[name] for name in whole} == pytest.approx(dict.fromkeys(whole, 2))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'money = "BRL 2024"',
            'money = "BRL 2023"',
            r"is in BRL 2023, but the study's costs are in BRL 2019",
        ),
        (
            'money = "BRL 2024"',
            'money = "reais"',
            (
                r"study.toml, row \d+, data.wage_month_2024: 'reais' is no price level: "
                "write the currency and the year, as USD 2026"
            ),
        ),
        ('money = "BRL 2024"', 'money = "USD 2024"', "must be the currency of the unit"),
        ('unit = "BRL/month"\nmoney = "BRL 2024"', 'unit = "BRL/month"', "must have a currency"),
    ],
)
def test_money_that_is_no_money_of_the_study_is_refused(study, tmp_path, old, new, message):
    with pytest.raises(cm.CostModelError, match=message):
        cm.read_study(copied(study, tmp_path, (old, new)))


def copied(study, tmp_path, edit):
    """Return a copy of the study's folder in which one text stands for another."""
    folder = tmp_path / study.name
    shutil.copytree(study.folder, folder)
    text = (folder / "study.toml").read_text()
    assert edit[0] in text
    (folder / "study.toml").write_text(text.replace(*edit))
    return folder
