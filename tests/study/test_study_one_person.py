"""The study clonazepam-one-person: costs and risks by hand, tablets and tapers by costmodel's regimens."""

import csv
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
from changed import changed
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel as cm

PART_D_FEES = 365 / 30 * 1.0
MEDICAID_FEES = 365 / 30 * 10.5
BRAND_MG = {0.5: 2.67965, 1.0: 3.06372, 2.0: 4.26033}
GENERIC_MG = {0.5: 0.02003, 1.0: 0.02488, 2.0: 0.03881}
DOSES = [half / 2 for half in range(1, 41)]


@pytest.fixture(scope="module")
def study():
    return cm.read_study("clonazepam-one-person")


@pytest.fixture(scope="module")
def country(american):
    return american


@pytest.fixture(scope="module")
def base(study):
    return study.run()


@pytest.fixture(scope="module")
def tablets():
    table = cm.prices("us/nadac").select(molecule="clonazepam", form="tablet")
    return {name: table.select(class_=name) for name in ("brand", "generic")}


def cost(outcomes, perspective="drug", segment="part_d"):
    return dict(zip(outcomes.strategies, outcomes.cost(perspective, segment=segment)[:, 0], strict=True))


def risk(outcomes, measure, segment="part_d"):
    return dict(zip(outcomes.strategies, outcomes.total(measure, segment=segment)[:, 0], strict=True))


def people(study, **values):
    """Evaluate the base case for several people at once: an array of values for each parameter named."""
    (count,) = {len(array) for array in values.values()}
    return cm.evaluate(study.base_model, study.draws().take(np.zeros(count, int)).replace(**values))


def ingredient(study, strategy, doses):
    """Return a year's tablets by dose: what the uninsured pay where the pharmacy charges no fee."""
    found = people(study, dose_mg=doses, fee_medicaid=np.zeros(len(doses)))
    return found.cost("drug", segment="uninsured")[found.strategies.index(strategy)]


def test_a_year_under_part_d_by_hand(base):
    # brand: 365 x 3.06372 + 12.17 = 1,130.42; the patient pays 615 + 25 % of the rest
    gross = 365 * BRAND_MG[1.0] + PART_D_FEES
    assert cost(base)["brand"] == pytest.approx(gross)
    assert cost(base, "patient")["brand"] == pytest.approx(615 + 0.25 * (gross - 615))
    assert round(cost(base, "patient")["brand"], 2) == 743.86
    # generic: 365 x 0.02488 + 12.17 = 21.25, all of it below the deductible
    assert cost(base, "patient")["generic"] == pytest.approx(365 * GENERIC_MG[1.0] + PART_D_FEES)
    assert round(cost(base)["generic"], 2) == 21.25
    assert cost(base, "payer")["generic"] == pytest.approx(0, abs=1e-12)


def test_a_year_under_other_payers_by_hand(base):
    medicaid = 365 * BRAND_MG[1.0] + MEDICAID_FEES
    assert cost(base, "drug", "medicaid")["brand"] == pytest.approx(medicaid)
    assert cost(base, "patient", "medicaid")["brand"] == pytest.approx(365 / 30 * 8)
    assert cost(base, "payer", "medicaid")["brand"] == pytest.approx(medicaid - 365 / 30 * 8)
    assert cost(base, "patient", "employer")["brand"] == pytest.approx(365 / 30 * 59)
    # the generic's fill costs 30 x 0.02488 + 1 = 1.75, less than the copay of 11
    assert cost(base, "patient", "employer")["generic"] == pytest.approx(365 * GENERIC_MG[1.0] + PART_D_FEES)
    assert cost(base, "patient", "uninsured")["brand"] == pytest.approx(medicaid)


def test_one_2_mg_tablet_costs_what_the_study_of_prices_says(study):
    person = study.with_values(dose_mg=2).run()
    prices = cm.read_study("clonazepam-us-prices").run()
    assert len(prices.segments) == 4
    for segment in prices.segments:
        for strategy in ("brand", "generic"):
            for own, other in (("drug", "all_payers"), ("payer", "payer"), ("patient", "patient")):
                expected = cost(prices, other, segment)[strategy]
                assert cost(person, own, segment)[strategy] == pytest.approx(expected, abs=1e-12)


def test_visits_by_hand(base):
    # two visits a year at 89 of 2025, brought to 2026 at 2.9 %; a taper of 196 days has 196 / 42 more at 126
    year = dict(zip(base.strategies, base.total("visits", segment="part_d")[:, 0], strict=True))
    assert year["generic"] == pytest.approx(2 * 89 * 1.029)
    assert year["generic_taper"] == pytest.approx(2 * 89 * 1.029 * 196 / 365)
    extra = dict(zip(base.strategies, base.total("taper_visits", segment="part_d")[:, 0], strict=True))
    assert extra["generic_taper"] == extra["brand_taper"] == pytest.approx(196 / 42 * 126 * 1.029)
    assert extra["generic"] == extra["without"] == extra["abrupt"] == 0


@pytest.mark.parametrize("strategy", ["brand", "generic"])
def test_the_tablets_are_those_of_the_cheapest_regimen(study, tablets, strategy):
    expected = [cm.cheapest_regimen(dose, tablets[strategy]).cost(365) for dose in DOSES]
    assert ingredient(study, strategy, DOSES) == pytest.approx(expected)


@pytest.mark.parametrize(
    "prices",
    [
        # two 1 mg tablets for a 2 mg one; two 0.5 mg tablets for a 1 mg one; 0.5 mg tablets for all
        {0.5: 0.02, 1.0: 0.03, 2.0: 0.07},
        {0.5: 0.02, 1.0: 0.05, 2.0: 0.06},
        {0.5: 0.01, 1.0: 0.05, 2.0: 0.09},
    ],
)
def test_smaller_tablets_stand_in_where_they_are_cheaper(study, prices):
    frame = pd.DataFrame({"strength_mg": prices.keys(), "form": "tablet", "unit_price": prices.values()})
    names = {0.5: "price_generic_05mg", 1.0: "price_generic_1mg", 2.0: "price_generic_2mg"}
    other = changed(study, **{names[mg]: price for mg, price in prices.items()})
    expected = [cm.cheapest_regimen(dose, frame).cost(365) for dose in DOSES[:12]]
    assert ingredient(other, "generic", DOSES[:12]) == pytest.approx(expected)


def first_year(dose):
    """Return the guideline's taper from a dose, and its steps up to day 365: days and milligrams."""
    schedule = cm.guideline_taper(dose, percent=10, every_weeks=2, stop_at_mg=0.25)
    starts = schedule.frame()["start_day"]
    steps = zip(schedule.steps, starts, strict=True)
    return schedule, [(min(step.days, 365 - day), step.exact_mg) for step, day in steps if day < 365]


def taper_rows(study):
    with (study.folder / "tables" / "taper.csv").open() as file:
        return [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def test_every_taper_is_the_guidelines_made_of_quarters_of_a_milligram(study):
    # the nearest 0.25 mg, of two equally near the higher; then 2 mg, 1 mg and halves of 0.5 mg tablets
    for dose, row in zip(DOSES, taper_rows(study), strict=True):
        schedule, steps = first_year(dose)
        made = [(days, math.floor(mg * 4 + Fraction(1, 2))) for days, mg in steps]
        assert row == {
            "dose_mg": dose,
            "days": schedule.days,
            "tablets_05mg": math.ceil(sum(days * (quarters % 4) for days, quarters in made) / 2),
            "tablets_1mg": sum(days * (quarters % 8 // 4) for days, quarters in made),
            "tablets_2mg": sum(days * (quarters // 8) for days, quarters in made),
        }


@pytest.mark.parametrize("side", ["brand", "generic"])
def test_a_taper_costs_what_the_cheapest_tablets_cost(study, tablets, side):
    doses = [0.5, 1.0, 1.5, 2.0, 6.0, 20.0]
    years = [
        cm.taper(cm.user_taper(first_year(dose)[1]), tablets[side], splitting={0.5: [0.5]}) for dose in doses
    ]
    found = ingredient(study, f"{side}_taper", doses)
    assert found == pytest.approx([year.cost for year in years])


def test_a_taper_from_1_mg_by_hand(base):
    # 14 steps of two weeks: 28 days of 1 mg, then 0.75, 0.5 and 0.25 mg from 161 tablets of 0.5 mg
    brand = 161 * BRAND_MG[0.5] + 28 * BRAND_MG[1.0] + 196 / 30
    assert cost(base)["brand_taper"] == pytest.approx(brand)
    assert cost(base)["generic_taper"] == pytest.approx(161 * 0.02003 + 28 * 0.02488 + 196 / 30)


def test_hip_fractures_of_a_woman_of_74_by_hand(study, base):
    # 793.5 in 100,000 at 79.84 years, less 10.7 % a year down to 74: 4.25 in 1,000
    without = 0.007935 * math.exp(0.10684 * (74 - 79.8387))
    assert without == pytest.approx(0.004252, abs=5e-7)
    assert risk(base, "hip_fractures")["without"] == pytest.approx(without)
    # in her second year the ratio is 1.20 on every day
    assert risk(base, "hip_fractures")["generic"] == pytest.approx(without * 1.20)
    # starting: 14 days of 2.40, 16 of 1.53, 335 of 1.20
    start = risk(study.with_values(years_on=0).run(), "hip_fractures")
    assert start["generic"] == pytest.approx(without * (14 * 2.40 + 16 * 1.53 + 335 * 1.20) / 365)
    # tapering in the second year: 196 days of 1.20 and 169 without
    taper = without * (196 * 1.20 + 169) / 365
    assert risk(base, "hip_fractures")["generic_taper"] == pytest.approx(taper)


def test_other_risks_by_hand(study, base):
    # a third of 30 % less hip fractures, times 1.42; crashes at 65 and over times 1.13
    hip = risk(base, "hip_fractures")["without"]
    assert risk(base, "treated_falls")["generic"] == pytest.approx((0.1 - hip) * 1.42)
    assert risk(base, "crash_injuries")["generic"] == pytest.approx(0.0137 * 1.13)
    assert risk(base, "ed_visits")["generic"] == pytest.approx(29041 / 30600000)
    assert risk(base, "use_disorders")["generic"] == pytest.approx(0.015 / 3)
    # somnolence past the first month: 10 % and 30 % of the excess of 27 points
    assert risk(base, "somnolence")["generic"] == pytest.approx(0.10 + 0.3 * 0.27)
    assert risk(base, "dependence_physical")["brand"] == 0.95
    # with an opioid, starting: 90 days of 5.05 and 275 of 1.87, on 2 in 1,000
    opioid = study.with_values(takes_opioid=1, years_on=0).run()
    assert risk(opioid, "overdoses")["without"] == pytest.approx(0.002)
    assert risk(opioid, "overdoses")["generic"] == pytest.approx(0.002 * (90 * 5.05 + 275 * 1.87) / 365)


def test_alcohol_raises_crashes_with_and_without(base):
    # young: 97 % of driving at 1.61, 3 % at 7.69; without the drug 3 % at 7.69 / 1.61
    crash = risk(base, "crash_injuries", "man_28_drives")
    assert crash["generic"] == pytest.approx(0.0137 * (0.97 * 1.61 + 0.03 * 7.69))
    assert crash["without"] == pytest.approx(0.0137 * (0.97 + 0.03 * 7.69 / 1.61))


def test_stopping_abruptly_risks_more_seizures_than_a_taper(study, base):
    seizures = risk(base, "withdrawal_seizures")
    assert (seizures["abrupt"], seizures["generic_taper"], seizures["generic"]) == (0.01, 0.001, 0)
    start = risk(study.with_values(years_on=0).run(), "withdrawal_seizures")
    assert set(start.values()) == {0}


def test_benefit_is_that_of_the_condition(base):
    panic = risk(base, "responder")
    assert (panic["generic"], panic["without"], panic["generic_taper"]) == (0.62, 0.37, 0.37)
    epilepsy = risk(base, "responder", "man_70_epilepsy")
    # odds of 0.44 halved: 0.44 / 2 / (1 - 0.44 + 0.44 / 2)
    assert epilepsy["generic"] == 0.44
    assert epilepsy["without"] == pytest.approx(0.22 / 0.78)


def test_the_age_of_the_average_hip_fracture(study, country):
    """The growth with age, averaged over the years lived from 65 to 99, is 1 at the stated age."""
    table = country.folder / "tables" / "mortality.csv"
    with table.open() as file:
        rates = {int(row["age"]): float(row["rate"]) for row in csv.DictReader(file)}
    ages = np.arange(65, 100)
    deaths = np.array([rates[age] for age in ages])
    alive = np.exp(-np.append(0.0, deaths[:-1].cumsum()))
    lived = alive * (1 - np.exp(-deaths)) / deaths
    for who, young, old in (("women", 2.2, 31.8), ("men", 0.9, 20.8)):
        growth = math.log(old / young) / 25
        assert study.parameters[f"growth_hip_{who}"].value == pytest.approx(growth, abs=5e-7)
        shape = np.exp(growth * (ages + 0.5 - study.parameters[f"age_hip_{who}"].value))
        assert (shape * lived).sum() / lived.sum() == pytest.approx(1, abs=1e-5)


def test_brand_and_generic_have_the_same_risks_to_the_last_bit(study):
    drawn = study.run(n=256)
    rows = {name: place for place, name in enumerate(drawn.strategies)}
    assert len(drawn.effects) == 10
    for measure in drawn.effects:
        for segment in drawn.segments:
            values = drawn.total(measure, segment=segment)
            assert (values[rows["brand"]] == values[rows["generic"]]).all()
            assert (values[rows["brand_taper"]] == values[rows["generic_taper"]]).all()
    assert (drawn.cost("drug")[rows["brand"]] > drawn.cost("drug")[rows["generic"]]).all()


@cache
def one_person():
    return cm.read_study("clonazepam-one-person")


@settings(max_examples=50, deadline=None)
@given(age=st.integers(65, 99), woman=st.sampled_from([0, 1]), years=st.floats(0, 10))
def test_older_people_have_more_hip_fractures_and_longer_use_a_lower_ratio(age, woman, years):
    found = people(
        one_person(),
        age_start=[age, age + 1, age],
        is_woman=[woman] * 3,
        years_on=[years, years, years + 0.01],
    )
    hip = dict(zip(found.strategies, found.total("hip_fractures", segment="part_d"), strict=True))
    own, older, longer = hip["generic"]
    assert older > own > hip["without"][0] > 0
    assert longer <= own * (1 + 1e-14)
    assert hip["without"][2] == hip["without"][0]


@pytest.mark.parametrize("segment", ["medicaid", "part_d", "employer", "uninsured"])
def test_a_higher_dose_costs_more_and_moves_no_risk(study, segment):
    # 2 mg more are one 2 mg tablet more
    found = people(study, dose_mg=DOSES)
    for name, more in (("brand", 365 * BRAND_MG[2.0]), ("generic", 365 * GENERIC_MG[2.0])):
        row = found.strategies.index(name)
        drug, plan, person = (found.cost(part, segment=segment)[row] for part in ("drug", "payer", "patient"))
        assert drug[4:] - drug[:-4] == pytest.approx(np.full(36, more))
        assert (person[4:] >= person[:-4] - 1e-9).all()
        assert plan + person == pytest.approx(drug)
        for measure in found.effects:
            assert len(set(found.total(measure, segment=segment)[row])) == 1


def test_as_brand_1_5_mg_costs_more_than_2_mg(study):
    # a 1 mg and a 0.5 mg tablet, 5.74 a day, against one 2 mg tablet, 4.26
    less, more = ingredient(study, "brand", [1.5, 2.0])
    assert less == pytest.approx(365 * (BRAND_MG[1.0] + BRAND_MG[0.5]))
    assert less - more == pytest.approx(365 * (3.06372 + 2.67965 - 4.26033))


@pytest.mark.parametrize("flag", ["takes_opioid", "drinks", "is_woman"])
def test_what_adds_risk_adds_it(study, flag):
    measure = {"takes_opioid": "overdoses", "drinks": "crash_injuries", "is_woman": "hip_fractures"}[flag]
    found = people(study, **{flag: [0, 1]}).total(measure, segment="part_d")
    assert (found[:, 1] > found[:, 0]).all()


def test_who_takes_no_opioid_and_does_not_drive_has_no_such_events(study, base):
    assert set(risk(base, "overdoses").values()) == {0}
    assert risk(study.with_values(takes_opioid=1).run(), "overdoses")["generic"] > 0.002
    walking = study.with_values(drives=0, drinks=1).run()
    assert set(risk(walking, "crash_injuries").values()) == {0}
    young = study.with_values(age_start=64).run()
    assert set(risk(young, "hip_fractures").values()) == set(risk(young, "treated_falls").values()) == {0}


def test_rows_are_those_of_the_study_of_the_whole_country(study, country):
    shared = [name for name in study.parameters if name in country.parameters and name not in study.bound]
    own = {name for name in shared if study.parameters[name].note.startswith("Set for the person")}
    assert own == {"age_start", "is_epilepsy"}
    assert len(shared) > 45
    for name in set(shared) - own:
        assert study.parameters[name] == country.parameters[name], name


def test_everything_set_for_the_person_says_so_and_has_a_range(study):
    rows = [row for row in study.parameters.values() if row.note.startswith("Set for the person")]
    assert [row.name for row in rows] == list(study.parameters)[:8]
    for row in rows:
        assert (row.status, row.distribution) == ("assumed", "fixed")
        assert row.low < row.high


def test_the_cautions_name_what_was_recalled_and_elicited(study):
    texts = study.spec.report.cautions
    assert "economic illustration, not advice" in texts[0]
    assert any("are associations" in text for text in texts)
    for status, start in (("recalled", "Recalled, not read"), ("elicited", "Elicited, because")):
        (text,) = [text for text in texts if text.startswith(start)]
        named = text.split(": ")[1].rstrip(".").split(", ")
        assert named == [name for name, row in study.parameters.items() if row.status == status]


def test_the_study_passes_its_verification(study):
    found = cm.verify(study, n=64)
    assert found.ok, str(found)
