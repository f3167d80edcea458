"""Who keeps the brand in use in clonazepam-us: requests, fills without a reason, switching back."""

import pytest
from changed import changed


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def base(study):
    return study.run()


def drug(outcomes, segment=None):
    cost = outcomes.cost("drug", segment=segment)[:, 0]
    return dict(zip(outcomes.strategies, cost.tolist(), strict=True))


@pytest.mark.parametrize(
    ("scenario", "share"),
    [("prescribers_give_way", 0.169), ("patients_give_way", 0.135), ("brand_on_request_only", 0.592)],
)
@pytest.mark.parametrize("segment", ["part_d_panic", "medicaid_epilepsy"])
def test_each_reason_takes_its_share_of_what_is_still_to_be_saved(study, base, scenario, share, segment):
    # Where hardly anyone has the brand, cost is all but linear in its share.
    before, after = drug(base, segment), drug(study.run(scenario=scenario), segment)
    saved = before["current_mix"] - after["current_mix"]
    assert saved / (before["current_mix"] - before["generic"]) == pytest.approx(share, rel=2e-3)
    for strategy in ("brand", "generic", "careful"):
        assert before[strategy] == after[strategy]


def test_the_reasons_leave_a_tenth_of_brand_fills_to_others(study):
    shares = [study.parameters[f"share_daw_{who}"].value for who in ("prescriber", "patient", "no_reason")]
    assert sum(shares) == pytest.approx(1 - 0.104)


def test_one_in_five_back_on_the_brand_costs_a_fifth_of_the_difference(study):
    # Nobody stops or leaves the drug. Medicaid, a year: a fee of 10.5 x 1.029**2 for each of 365 / 30 fills,
    # and 365 tablets of which a fifth cost 4.26033 and the others 0.03881.
    everyone = changed(
        study,
        share_long_term_young=1.0,
        share_long_term_old=1.0,
        p_stop6_usual=0.0,
        p_use_disorder=0.0,
        e_demand=0.0,
    )
    outcomes = everyone.run(scenario="switchback")
    generic = outcomes.strategies.index("generic")
    years = outcomes.total("treatment_years", segment="medicaid_panic")[generic, 0]
    expected = 365 / 30 * 10.5 * 1.029**2 + 365 * (0.2 * 4.26033 + 0.8 * 0.03881)
    assert drug(outcomes, "medicaid_panic")["generic"] / years == pytest.approx(expected, rel=1e-12)


def test_switching_back_touches_neither_the_brand_nor_todays_mix(study, base):
    after = drug(study.run(scenario="switchback"))
    before = drug(base)
    assert (after["brand"], after["current_mix"]) == (before["brand"], before["current_mix"])
    assert after["generic"] > before["generic"]
    assert after["careful"] > before["careful"]
