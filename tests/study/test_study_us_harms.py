"""Harms in clonazepam-us by association: cognition, and what exposure does to risk and dependence."""

import math

import pytest
from changed import changed


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def base(study):
    return study.run()


def total(outcomes, measure, strategy="generic", segment=None):
    return outcomes.total(measure, segment=segment)[outcomes.strategies.index(strategy), 0].item()


def test_the_difference_in_cognition_becomes_an_excess_share_of_impaired_people(base):
    # Odds ratio exp(0.74 x pi / sqrt(3)) = 3.827; 6.7 % are impaired anyway:
    # 0.067 x 3.827 / (1 - 0.067 + 0.067 x 3.827) = 0.2156, an excess of 0.1486 beyond the first month.
    ratio = math.exp(0.74 * math.pi / math.sqrt(3))
    excess = 0.067 * ratio / (1 - 0.067 + 0.067 * ratio) - 0.067
    assert excess == pytest.approx(0.1486, abs=1e-4)
    beyond = total(base, "dependence_physical_years") / 0.95
    assert total(base, "cognitive_years") == pytest.approx(excess * beyond, rel=1e-4)


def test_cognition_costs_no_quality_of_life_unless_a_scenario_takes_the_association_for_an_effect(
    study, base
):
    counted = study.run(scenario="cognition_counts")
    for strategy in base.strategies:
        lost = total(base, "qaly", strategy) - total(counted, "qaly", strategy)
        assert lost == pytest.approx(0.04 * total(base, "cognitive_years", strategy), rel=1e-9)
    assert changed(study, es_cognition=-1.0).run().total("qaly") == pytest.approx(
        base.total("qaly"), rel=1e-15
    )


def test_halving_the_logs_halves_that_of_cognition_too(study, base):
    # Odds ratio exp(0.74 x 1.8138 / 2): 1.956; 0.067 x 1.956 / (1 + 0.067 x 0.956) = 0.1232, excess 0.0562.
    halved = total(study.run(scenario="shrunken_harms"), "cognitive_years") / total(base, "cognitive_years")
    assert halved == pytest.approx(0.0562 / 0.1486, rel=2e-3)


def test_with_exposure_the_yearly_risk_of_hip_fracture_falls_and_dependence_rises(study):
    # People of Medicare, all of whom start: one year holds a larger share of first months than five.
    starters = changed(study, share_long_term_young=0.0, share_long_term_old=0.0)
    rates = {}
    for scenario in ("one_year", None):
        outcomes = starters.run(scenario=scenario)
        years = total(outcomes, "treatment_years", segment="part_d_panic")
        away = total(outcomes, "life_years", segment="part_d_panic") - years
        rates[scenario] = {
            # 62 % women at 0.007935 and 38 % men at 0.00369 a year off the drug: 0.0063219.
            "hip": (total(outcomes, "hip_fractures", segment="part_d_panic") - 0.0063219 * away)
            / years
            / 0.0063219,
            "physical": total(outcomes, "dependence_physical_years", segment="part_d_panic") / years,
            "screen": total(outcomes, "dependence_screen_years", segment="part_d_panic") / years,
            "disorder": total(outcomes, "use_disorder_years", segment="part_d_panic") / years,
        }
    one, five = rates["one_year"], rates[None]
    # First month (14 days x 2.40 + 16.42 x 1.53) / 30.42 = 1.930, later 1.20.
    assert 1.93 > one["hip"] > five["hip"] > 1.2
    for measure in ("physical", "screen", "disorder"):
        assert one[measure] < five[measure], measure
