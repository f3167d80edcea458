"""The budget impact that a study declares: worked by hand, and against plain loops over cohorts."""

import numpy as np
import pytest
from changed import changed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from old_and_new import budgeted, study

import costmodel as cm
from costmodel.inputs import Draws
from costmodel.study import study_budget


def test_two_cohorts_by_hand(tmp_path):
    # Of those of year 1 everybody is on the drug, of later ones 80 %; half (old) or a quarter (new) stop.
    # a: 100 in year 1, 30 in year 2; a payer bears 90 of the old drug and 30 of the new, a patient 10.
    #   old: 100 x 90 = 9,000; then 50 x 90 + 24 x 90 = 6,660
    #   new: 100 x 30 = 3,000; then 75 x 30 + 24 x 30 = 2,970
    #   patients: old 1,000 and 740, new 1,000 and 75 x 10 + 24 x 10 = 990
    # b: 50 and 15; a payer bears 80 and 20, a patient 20.
    #   old: 4,000; 25 x 80 + 12 x 80 = 2,960; new: 1,000; 37.5 x 20 + 12 x 20 = 990
    found = study_budget(study(tmp_path / "s"))["switch"]
    assert found.amounts("without", segment="a")[0].tolist() == pytest.approx([9000, 6660])
    assert found.amounts("with", segment="a")[0].tolist() == pytest.approx([3000, 2970])
    assert found.amounts("impact", segment="b")[0].tolist() == pytest.approx([-3000, -1970])
    assert found.amounts("impact")[0].tolist() == pytest.approx([-9000, -5660])
    assert found.amounts("impact", paid_by="patient", segment="a")[0].tolist() == pytest.approx([0, 250])
    assert found.eligible[0].tolist() == [[100, 130], [50, 65]]
    last = found.cumulative().query("year == 2 and paid_by == 'payer'")["impact"]
    assert last.tolist() == pytest.approx([-14_660])
    assert set(found.by_year()["basis"]) == {"gross"}


def test_steady_use_takes_as_many_as_replace_who_stopped(tmp_path):
    # Under the old drug half of 100 stay; those who start are treated at 80 %: 50 / 0.8 = 62.5 replace them.
    # 10 % more: (110 - 50) / 0.8 = 75. Under the new drug 75 stay: 25 / 0.8 = 31.25.
    steady = ("incident = 0.3", 'incident = "steady"\ntreated = "years_on"')
    found = study(tmp_path / "s", steady)
    for values, starting in (({}, 62.5), ({"growth": 0.1}, 75), ({"today": "new"}, 31.25)):
        impact = study_budget(budgeted(found, **values))["switch"]
        assert impact.eligible[0, 0].tolist() == pytest.approx([100, 100 + starting])
    people = study_budget(found)["switch"].people().query("world == 'without' and product == 'old'")
    assert people["people"].tolist() == pytest.approx([100, 50, 100, 50])
    assert people["segment"].tolist() == ["a", "b", "a", "b"]


def test_where_more_stay_than_were_treated_nobody_starts_and_it_is_said(tmp_path):
    back = '[[transitions]]\nfrom = "off"\nto = "on"\nprobability = 1\n\n[[payoffs]]\nmeasure = "drug"'
    found = study(
        tmp_path / "s",
        ("incident = 0.3", 'incident = "steady"\ntreated = "years_on"'),
        ('[[payoffs]]\nmeasure = "drug"', back),
        ("p_stop = 0.5", "p_stop = 0"),
    )
    # of those of year 1, 60 % are on the drug; then the rest come back: 100 % in year 2
    impact = study_budget(changed(found, share_on=0.6))["switch"]
    assert impact.eligible[0, 0].tolist() == [100, 100]
    assert any("in 100.0% of draws" in note for note in impact.notes)


def test_a_change_over_two_years_of_everybody_or_of_those_who_start(tmp_path):
    # a, year 1: half of 9,000 and half of 3,000. Year 2, everybody has changed: 2,970; or only half of
    # those of year 1 and all who start: (4,500 + 2,250) / 2 + 720 = 4,095.
    for shares_of, second in (("treated", 2970), ("starting", 4095)):
        rule = f'with = "new"\nover = 2\nshares_of = "{shares_of}"'
        found = study_budget(study(tmp_path / shares_of, ('with = "new"', rule)))["switch"]
        assert found.amounts("with", segment="a")[0].tolist() == pytest.approx([6000, second])


def test_a_trend_follows_the_calendar_for_every_cohort(tmp_path):
    plain = study(tmp_path / "s")
    found = study_budget(budgeted(plain, trend={"drug": "-copay / 100"}))["switch"]
    # a tenth cheaper in year 2 where the copay is 10, a fifth where it is 20
    assert found.amounts("with", segment="a")[0].tolist() == pytest.approx([3000, 2970 * 0.9])
    assert found.amounts("with", segment="b")[0].tolist() == pytest.approx([1000, 990 * 0.8])
    same = study_budget(plain)["switch"]
    assert (found.amounts("with", paid_by="patient") == same.amounts("with", paid_by="patient")).all()


def test_groups_add_up_and_names_are_the_payers(tmp_path):
    found = study(tmp_path / "s")
    impact = study_budget(budgeted(found, groups={"Both of them": ["b", "a"]}))["switch"]
    assert impact.segments == ("Both of them",)
    assert impact.amounts("impact")[0].tolist() == pytest.approx([-9000, -5660])


def test_other_accounts_can_be_asked_for(tmp_path):
    found = study(tmp_path / "s", ('patient = "patient"\nincident', "incident"))
    whole = study_budget(found, payer="everyone")["switch"]
    assert whole.amounts("without", segment="a")[0].tolist() == pytest.approx([10_000, 7400])
    assert (whole.amounts("without", paid_by="patient") == 0).all()
    with pytest.raises(cm.CostModelError, match="'everyone' and 'patient' both bear copays"):
        study_budget(found, payer="everyone", patient="patient")
    with pytest.raises(cm.CostModelError, match="did you mean 'payer'"):
        study_budget(found, payer="payers")


def slow(terms):
    """Return payer and patient cost by world and year, cohort by cohort in plain loops."""
    years, found = terms["years"], {}
    prices, stops = {"old": 100, "new": 40}, {"old": 0.5, "new": 0.25}

    def on(strategy, start, since):
        return (0.8 if start else 1) * (1 - stops[strategy]) ** since

    for size, copay in ((100, 10), (50, 20)):
        starts = [size]
        for year in range(1, years):
            grown = (1 + terms["growth"]) ** (year - 1)
            kept = sum(n * on("old", e, year - e) for e, n in enumerate(starts))
            replaced = max(size * (1 + terms["growth"]) ** year - kept, 0) / 0.8
            number = replaced if terms["incident"] == "steady" else size * terms["incident"] * grown
            starts.append(number)
        for world in ("without", "with"):
            for year in range(years):
                for e, number in enumerate(starts[: year + 1]):
                    at = year if terms["shares_of"] == "treated" else e
                    new = min((at + 1) / terms["over"], 1) if world == "with" else 0
                    for strategy, share in (("old", 1 - new), ("new", new)):
                        people = number * share * on(strategy, e, year - e)
                        price = (prices[strategy] - copay) * (1 + terms["trend"]) ** year
                        for who, each in (("payer", price), ("patient", copay)):
                            key = (world, who)
                            found.setdefault(key, [0.0] * years)[year] += people * each
    return found


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {
            "years": st.integers(1, 6),
            "over": st.integers(1, 7),
            "shares_of": st.sampled_from(["treated", "starting"]),
            "incident": st.sampled_from([0.0, 0.15, 1.2, "steady"]),
            "growth": st.sampled_from([0.0, 0.1, -0.6]),
            "trend": st.sampled_from([0.0, -0.2, 0.05]),
        }
    )
)
def test_it_is_the_slow_loops_over_cohorts(tmp_path, terms):
    found = study(tmp_path / "s", ("incident = 0.3", 'treated = "years_on"'))
    change = found.spec.budget.changes["switch"].model_copy(
        update={name: terms[name] for name in ("over", "shares_of")}
    )
    values = {name: terms[name] for name in ("years", "incident", "growth")}
    impact = study_budget(
        budgeted(found, **values, trend={"drug": terms["trend"]}, changes={"switch": change})
    )["switch"]
    for (world, who), amounts in slow(terms).items():
        assert impact.amounts(world, paid_by=who)[0] == pytest.approx(amounts, rel=1e-9, abs=1e-9)


def test_every_draw_is_its_own_budget_and_intervals_are_those_of_the_draws(tmp_path):
    found = study(tmp_path / "s")
    prices = np.array([60.0, 90, 100, 110, 140])
    fixed = {name: np.full(5, found.parameters[name].value) for name in ("price_new", "share_on", "copay")}
    drawn = Draws({"price_old": prices, **fixed}, 5, None, "given")
    impact = study_budget(found, draws=drawn)["switch"]
    # a in year 1: 100 x (30 - (price - 10)): the dearer the old drug, the more is saved
    assert impact.amounts("impact", segment="a")[:, 0].tolist() == pytest.approx(
        (4000 - 100 * prices).tolist()
    )
    row = impact.by_year(level=0.5, each_segment=True).query("segment == 'a' and year == 1").iloc[0]
    assert row[["impact", "impact_low", "impact_high"]].tolist() == pytest.approx([-6000, -7000, -5000])


def test_a_study_without_states_costs_the_same_in_every_year():
    found = cm.read_study("clonazepam-us-prices")
    with pytest.raises(cm.CostModelError, match=r"declares no budget: add \[budget\]"):
        study_budget(found)
