"""The claims and the decomposition of clonazepam-us: other prices and parameters change the verdicts."""

import pytest
from changed import changed

from costmodel.analysis import Change, decompose
from costmodel.report.claim_tables import Argument, claim_section, quantity_table
from costmodel.study import claims, validation

N = 128


def verdicts(study):
    frame = claims(study, draws=study.draws(N)).frame()
    return dict(zip(frame["id"], frame["verdict"], strict=True))


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def judged(study):
    return verdicts(study)


def test_every_claim_is_judged_and_none_that_rests_on_elicited_values_holds_without_reserve(judged):
    assert list(judged) == [f"A{number}" for number in range(1, 13)]
    assert {name for name, verdict in judged.items() if verdict == "holds"} == {"A3", "A4"}
    assert judged["A6"] == "not shown"


def test_a_brand_as_cheap_as_the_generic_contradicts_the_saving(study):
    after = verdicts(changed(study, price_brand=study.parameters["price_generic"].value))
    assert after["A3"] == "contradicted"
    assert after["A4"] != "holds"


def test_a_narrow_interval_around_one_shows_equivalence_and_a_bad_ratio_contradicts_it(study):
    assert verdicts(changed(study, or_quality=1.0))["A6"] == "holds"
    assert verdicts(changed(study, or_quality=1.5))["A6"] == "contradicted"


def test_a_drug_that_does_not_help_contradicts_that_it_works(study):
    same = study.parameters["u_panic_active"].value
    after = verdicts(changed(study, u_panic_active=same, u_panic_remission=same - 0.01))
    assert after["A2"] == "contradicted"


def test_disagreement_with_what_was_observed_is_shown_and_explained(study):
    rows = validation(study, draws=study.draws(N)).set_index("id")
    # A quarter of one per cent of units, about a twentieth of the 4.9 % of the average multisource drug.
    assert rows.loc["unit_share", "verdict"] == "outside the interval"
    assert (rows["explanation"] != "").all()


def test_price_volume_and_interaction_make_up_the_change_from_brand_to_generic(study):
    change = Change("brand", study.model("generic_price").scenario, study.model("generic_use").scenario)
    model, draws = study.model(), study.draws()
    parts = decompose(model, draws, change).set_index("measure")
    outcomes = study.run()
    for measure in ("qaly", "hip_fractures", "use_disorder_years"):
        total = outcomes.total(measure)[:, 0]
        brand, generic = (total[list(outcomes.strategies).index(name)] for name in ("brand", "generic"))
        assert parts.loc[measure, "price_effect"] == 0
        assert parts.loc[measure, "interaction"] == 0
        assert parts.loc[measure, "total"] == pytest.approx(generic - brand, abs=1e-12)
    assert parts.loc["drug", "price_effect"] < 0 < parts.loc["drug", "volume_effect"]


def test_observations_are_set_beside_claims_that_were_judged_already(study):
    draws = study.draws(N)
    judged = claims(study, draws=draws)
    again, once = validation(study, draws=draws), validation(study, quantities=judged.quantities)
    assert once.to_dict("records") == again.to_dict("records")


def test_the_report_tells_nearly_all_from_all_and_names_what_is_recalled(study):
    argument = Argument(claims(study, draws=study.draws(2048)), None, 2048)
    rows = quantity_table(argument).set_index("Number")
    # QALYs of wider use are above 0 in nearly every draw; prices in every one.
    assert rows.loc["Brand's price over the generic's, 2 mg tablet", "Above 0"] == "100 %"
    assert rows.loc["Utility of remission above active panic disorder", "Above 0"] == "more than 99 %"
    gain = rows.loc["Utility of remission above active panic disorder", "Not read"]
    assert gain == "recalled: u_panic_active; 1 elicited"  # u_panic_remission
    assert rows.loc["Brand's price over the generic's, 2 mg tablet", "Not read"] == ""
    assert rows.loc["Brand's price over the generic's, 2 mg tablet", "Claim"].split(", ")[0] == "A3"
    first = [int(claims_of.split(",")[0][1:]) for claims_of in rows["Claim"]]
    assert first == sorted(first)
    assert "2 holds" in claim_section(argument)
    # What is only set beside observations stands in a table of its own.
    assert len(rows) == len({item.name for one in argument.claims.verdicts for item in one.quantities})
    assert "Users of clonazepam in the four groups of payers" not in rows.index
