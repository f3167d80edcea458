"""Other values for a study's parameters: used, said to be set, and refused with a reason."""

import pytest

import costmodel as cm


@pytest.fixture(scope="module")
def study():
    return cm.read_study("clonazepam-one-person")


def test_a_value_is_used_and_says_that_it_was_set(study):
    older = study.with_values(age_start=80)
    assert older.parameters["age_start"].value == 80
    assert older.parameters["age_start"].note == "Set to 80 in place of 74"
    assert study.parameters["age_start"].value == 74
    ratio = older.run().total("hip_fractures", segment="part_d") / study.run().total(
        "hip_fractures", segment="part_d"
    )
    # growth of 10.684 % a year, over six years, in every strategy: exp(0.64104) = 1.8985
    assert ratio == pytest.approx(1.8985, abs=5e-5)


def test_an_uncertain_value_is_fixed_and_loses_its_source(study):
    row = study.with_values(rr_fall=3).parameters["rr_fall"]
    assert (row.value, row.low, row.high, row.uncertain) == (3, None, None, False)
    assert (row.status, row.source, row.note) == ("assumed", "", "Set to 3 in place of 1.42")
    drawn = study.with_values(rr_fall=1).run(n=16)
    rows = [drawn.strategies.index(name) for name in ("generic", "without")]
    taken, without = drawn.total("treated_falls", segment="part_d")[rows]
    assert taken == pytest.approx(without, rel=1e-14)


def test_every_fault_is_named_with_a_remedy(study):
    with pytest.raises(cm.DataError) as caught:
        study.with_values(age_stat=74, price_brand_2mg=3, years_on=-1, is_woman=0.5, rr_fall=float("inf"))
    text = str(caught.value)
    assert "these values cannot be set (5 faults)" in text
    assert "age_stat: there is no such parameter; found 74 -> did you mean 'age_start'?" in text
    assert "price_brand_2mg: a parameter that is read from a table cannot be set" in text
    assert "years_on: out of range; found -1 -> give from 0 to 60, years" in text
    assert "is_woman: must be 0 or 1; found 0.5" in text
    assert "rr_fall: out of range; found inf -> give any finite number, odds ratio" in text


def test_a_probability_above_1_is_refused(study):
    with pytest.raises(cm.DataError, match=r"p_response: a probability \(p_\) must lie in \[0, 1\]"):
        study.with_values(p_response=1.2)


def test_what_the_model_cannot_use_is_refused_at_once(study):
    with pytest.raises(cm.CostModelError, match=r"dose_mg from 0\.5 to 20.*found dose_mg = 1\.3"):
        study.with_values(dose_mg=1.3)


def test_members_of_a_group_are_refused(tmp_path):
    (tmp_path / "study.toml").write_text(
        'title = "Shares"\ncurrency = "USD"\nprice_year = 2026\nstrategies = { only = {} }\n'
        'payoffs = [{ measure = "n", kind = "effect", value = "p_a - p_b" }]\n'
    )
    (tmp_path / "parameters.csv").write_text(
        "name,value,low,high,distribution,basis,unit,price_year,currency,source,locator,status,note\n"
        "p_a,,,,dirichlet:g,counts=3,proportion,,,,,assumed,\n"
        "p_b,,,,dirichlet:g,counts=1,proportion,,,,,assumed,\n"
    )
    with pytest.raises(cm.DataError, match="p_a: a parameter that is drawn together with others"):
        cm.read_study(tmp_path).with_values(p_a=0.5)
