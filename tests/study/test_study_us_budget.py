"""The budget impact of clonazepam-us: adds up to its outcomes, moves rightly, saves no more than is spent."""

import numpy as np
import pytest
from changed import changed
from old_and_new import budgeted

import costmodel as cm
from costmodel.study import study_budget

DRUG = ("all_generic", "so_far")


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def base(study):
    return study_budget(study)


def total(impact, world="impact", *, paid_by="payer", **chosen):
    return float(impact.amounts(world, paid_by=paid_by, **chosen).sum())


def test_a_closed_group_pays_what_outcomes_say_times_its_size(study):
    outcomes = study.run()
    found = study_budget(budgeted(study, incident=0.0))
    for change, impact in found.items():
        names = {"without": impact.products[0], "with": impact.products[1]}
        for measure in impact.components:
            paid_by = "patient" if measure == "drug_patient" else "payer"
            for world, strategy in names.items():
                each = outcomes.years(measure)[outcomes.strategies.index(strategy), 0]
                paid = impact.amounts(world, paid_by=paid_by, component=measure)[0]
                assert paid == pytest.approx(each * outcomes.sizes.sum(), rel=1e-9), (change, measure)
    medicaid = [at for at, name in enumerate(outcomes.segments) if name.startswith("medicaid_")]
    assert found["so_far"].eligible[0, 0] == pytest.approx([outcomes.sizes[0, medicaid].sum()] * 5)


def test_treatment_is_steady_under_todays_mix(base):
    people = base["all_generic"].people().query("world == 'without' and product == 'current_mix'")
    for _, rows in people.groupby("segment"):
        assert rows["people"].to_numpy() == pytest.approx(rows["people"].iloc[0], rel=1e-9)
    for change in ("so_far", "careful"):
        assert base[change].eligible == pytest.approx(base["all_generic"].eligible, rel=1e-12)


def test_generics_save_every_payer_and_careful_prescribing_costs(base):
    for change in DRUG:
        assert (base[change].amounts("impact") < 0).all()
        assert (base[change].amounts("impact", paid_by="patient") < 0).all()
    assert total(base["so_far"]) < 100 * total(base["all_generic"])
    assert total(base["careful"]) > 0
    assert (
        total(base["careful"], component="careful_prescribing")
        > 0
        > total(base["careful"], component="injuries")
    )
    assert total(base["careful"], component="epilepsy_care") == pytest.approx(0, abs=1)


@pytest.mark.parametrize(
    ("moved", "change", "sign"),
    [
        ({"price_brand": 1.1}, "so_far payer", -1),
        ({"price_brand": 1.1}, "all_generic payer", -1),
        ({"price_brand": 1.1}, "all_generic patient", -1),
        ({"coinsurance_part_d": 1.2}, "so_far payer", 1),
        ({"coinsurance_part_d": 1.2}, "so_far patient", -1),
        ({"n_employer": 1.2}, "so_far payer", -1),
        ({"c_query": 2}, "careful payer", 1),
        ({"c_hip": 1.5}, "careful payer", -1),
    ],
)
def test_directions(study, base, moved, change, sign):
    name, paid_by = change.split()
    values = {key: study.parameters[key].value * factor for key, factor in moved.items()}
    after = study_budget(changed(study, **values))
    assert np.sign(total(after[name], paid_by=paid_by) - total(base[name], paid_by=paid_by)) == sign


def test_savings_never_exceed_the_spend_that_they_replace(study):
    found = study_budget(study, draws=study.draws(64))
    for change in DRUG:
        impact = found[change]
        for segment in impact.segments:
            for paid_by in ("payer", "patient"):
                saved = -impact.amounts("impact", paid_by=paid_by, segment=segment)
                spent = impact.amounts("without", paid_by=paid_by, segment=segment)
                assert (saved <= spent * (1 + 1e-12) + 1e-6).all(), (change, segment, paid_by)
                assert (spent >= 0).all()


def test_if_price_changes_nobodys_use_the_saving_is_the_price_by_hand(study):
    # Medicaid, panic disorder: 365 tablets of 2 mg and 365/30 fills at a fee of 10.5 x 1.029**2 a year; of
    # 220,118,233.953 units 341,857.8 are brand. As many take it either way, so of what all brand would cost
    # (1 - share) x (4.26033 - 0.03881) x 365 a year is saved, whatever the years on treatment are.
    found = study_budget(budgeted(study, groups={}), scenario="no_elasticity")["so_far"]
    people = found.people_by_product.sum(axis=-1)
    assert people[:, 0] == pytest.approx(people[:, 1], rel=1e-9)
    paid = {
        world: sum(total(found, world, paid_by=who, segment="medicaid_panic") for who in ("payer", "patient"))
        for world in ("without", "impact")
    }
    price = {name: study.parameters[f"price_{name}"].value for name in ("brand", "generic")}
    brand = 365 * price["brand"] + 365 / 30 * 10.5 * 1.029**2
    share = 341_857.8 / (341_857.8 + 219_776_376.153)
    saved = (1 - share) * 365 * (price["brand"] - price["generic"]) / brand
    assert -paid["impact"] / paid["without"] == pytest.approx(saved, rel=1e-9)
    dearer = changed(study, price_generic=2 * price["generic"])
    assert total(found) < total(study_budget(dearer, scenario="no_elasticity")["so_far"])


def test_gross_is_said_and_a_net_price_saves_less(study, base):
    assert base["so_far"].basis == "gross"
    assert set(base["so_far"].by_year()["basis"]) == {"gross"}
    net = study_budget(study, scenario="brand_net_tenth")
    assert total(base["so_far"]) < total(net["so_far"]) < 0


def test_the_horizon_of_a_scenario_does_not_cut_the_budget(study, base):
    for scenario in ("one_year", "lifetime"):
        found = study_budget(study, scenario=scenario)
        assert found["careful"].cost == pytest.approx(base["careful"].cost, rel=1e-12)


def test_the_first_years_treatment_is_near_the_claims_that_were_dispensed(base):
    # A claim is a fill of 30 days. Medicaid 2023: 4,118,287 claims; Part D 2022: 9,064,455; of the users 60 %
    # have panic disorder and 10 % seizures: 4,118,287 x 30 / 365 x 0.7 = 236,943 and 521,515 years.
    people = (
        base["all_generic"].people().query("year == 1 and world == 'without' and product == 'current_mix'")
    )
    years = people.set_index("segment")["people"]
    assert years["Medicaid"] == pytest.approx(236_943, rel=0.1)
    assert years["Medicare Part D"] == pytest.approx(521_515, rel=0.15)


def test_a_sample_evaluated_before_gives_the_same_budget_to_the_last_bit(study):
    sample = cm.Sample.of(study, draws=study.draws(16))
    again = study_budget(study, sample=sample)
    for name, impact in study_budget(study, draws=sample.draws).items():
        assert (again[name].cost == impact.cost).all()
        assert (again[name].people_by_product == impact.people_by_product).all()
