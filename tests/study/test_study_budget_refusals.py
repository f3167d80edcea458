"""A budget that cannot be meant is refused when the study is read, with place, rule and remedy."""

import pytest
from old_and_new import STUDY, budgeted, study

import costmodel as cm
from costmodel.study import study_budget
from costmodel.study.write import write_study


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            ('without = "old"', 'without = "odl"'),
            ["budget.changes.switch.without", "must be a strategy", "'old'"],
        ),
        (('with = "new"', 'with = "nwe"'), ["budget.changes.switch.with", "must be a strategy", "'new'"]),
        (('with = "new"', 'with = "old"'), ["from one strategy to another", "name two strategies"]),
        (('with = "new"', 'with = "new"\novre = 2'), ["budget.changes.switch.ovre", "did you mean 'over'?"]),
        (('with = "new"', 'with = "new"\nover = 0'), ["budget.changes.switch.over"]),
        (("years = 2", "year = 2"), ["budget.year", "did you mean 'years'?"]),
        (('payer = "payer"', 'payer = "payr"'), ["budget.payer", "must be a perspective", "'payer'"]),
        (
            ('payer = "payer"', 'payer = "everyone"'),
            ["cannot both bear a cost", "found copays", "no measure"],
        ),
        (('with = "new"', 'with = "new"\npayer = "everyone"'), ["budget.changes.switch.patient", "copays"]),
        (
            ('with = "new"', 'with = "new"\npatient = "pateint"'),
            ["switch.patient", "did you mean 'patient'?"],
        ),
        (("years = 2", "years = 2\ngroups = { A = ['a', 'c'], B = ['b'] }"), ["budget.groups.A", "found c"]),
        (
            ("years = 2", "years = 2\ngroups = { A = ['a'] }"),
            ["budget.groups:", "its people are lost", "found b"],
        ),
        (("years = 2", "years = 2\ngroups = { A = ['a', 'b'], B = ['b'] }"), ["'b' may be counted once"]),
        (
            ("years = 2", "years = 2\ngroups = { A = ['a', 'b'], B = [] }"),
            ["budget.groups.B", "needs segments"],
        ),
        (("incident = 0.3", 'incident = "share_onn"'), ["budget.incident", "share_onn"]),
        (("incident = 0.3", 'incident = "0.3 *"'), ["budget.incident"]),
        (("incident = 0.3", 'incident = "steady"'), ["needs to know who is treated", "treated ="]),
        (("incident = 0.3", 'incident = 0.3\ntreated = "drug"'), ["budget.treated", "not a cost"]),
        (("incident = 0.3", 'incident = 0.3\ntoday = "odl"'), ["budget.today", "did you mean 'old'?"]),
        (
            ("incident = 0.3", "incident = 0.3\ntrend = { years_on = 0.1 }"),
            ["trend.years_on", "a cost measure"],
        ),
        (("share_on = 0.8", "share_of = 0.8"), ["budget.starters.share_of", "sets nothing", "'share_on'"]),
        (("share_on = 0.8", 'share_on = "p_stpo"'), ["budget.starters.share_on", "p_stpo"]),
        (("names =", "inflow = { on = 0.1 }\nnames ="), ["budget.incident", "join twice", "keep one"]),
        (("years = 2", "years = 0"), ["budget.years", "greater than or equal to 1"]),
        (("years = 2", 'years = 2\nbasis = "nett"'), ["budget.basis", "'gross' or 'net'"]),
    ],
)
def test_refusals_teach(tmp_path, edit, words):
    with pytest.raises(cm.DataError) as caught:
        study(tmp_path / "s", edit)
    message = str(caught.value)
    assert not [word for word in words if word not in message], message
    assert len(caught.value.faults) == 1, message
    assert caught.value.faults["row"].notna().all(), message


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("incident = 0.3", 'incident = "copay - 15"'), r"budget.incident must lie in \[0, inf\]; found -5"),
        (
            ("incident = 0.3", 'incident = "0.1 * years"'),
            "changes over cycles: '0.1 . years'; give one number",
        ),
        (("incident = 0.3", "incident = 0.3\ngrowth = -1.5"), r"budget.growth must lie in \[-1, 1\]"),
        (
            ("incident = 0.3", "incident = 0.3\ntrend = { drug = -2 }"),
            r"budget.trend.drug must lie in \[-1, inf\]",
        ),
        (
            ('within_cycle = "start"', "within_cycle = [1, 0]"),
            "explicit within-cycle weights cover another number",
        ),
        (("horizon_years = 1", "cycle_months = 9, horizon_years = 1.5"), "whole number of cycles"),
        (
            (
                "incident = 0.3\nstarters = { share_on = 0.8 }",
                'incident = "steady"\ntreated = "years_on"\nstarters = { share_on = 0 }',
            ),
            "no time on treatment in their first",
        ),
    ],
)
def test_what_shows_only_in_numbers_is_refused_before_an_impact_is_given(tmp_path, edit, words):
    with pytest.raises(cm.CostModelError, match=words):
        study_budget(study(tmp_path / "s", edit))


def test_a_key_that_is_a_word_of_python_is_suggested_as_it_is_written(tmp_path):
    with pytest.raises(cm.DataError, match=r"switch\.wiht: is not a key .* did you mean 'with'\?") as caught:
        study(tmp_path / "s", ('with = "new"', 'wiht = "new"'))
    assert caught.value.faults["column"].tolist() == [
        f"budget.changes.switch.{key}" for key in ("with", "wiht")
    ]


def test_a_circle_that_starters_close_is_shown(tmp_path):
    circle = ("[budget]", '[formulas]\nshare_late = "share_on / 2"\n\n[budget]')
    with pytest.raises(cm.DataError, match=r"circular definition.*share_late"):
        study(tmp_path / "s", circle, ("share_on = 0.8", 'share_on = "share_late"'))


def test_a_parameter_that_only_the_budget_uses_is_used(tmp_path):
    late = ("[budget]", '[formulas]\nshare_late = "copay / 25"\n\n[budget]')
    found = study(tmp_path / "s", late, ("share_on = 0.8", 'share_on = "share_late"'))
    # where the copay is 10, 0.4 of the 30 who start are on the drug: 75 x 30 + 12 x 30
    assert study_budget(found)["switch"].amounts("with", segment="a")[0, 1] == pytest.approx(2610)
    rows = tmp_path / "s" / "parameters.csv"
    rows.write_text(rows.read_text() + "r_start,0.1,,,fixed,,per year,,,,assumed\n")
    with pytest.raises(cm.DataError, match="r_start"):
        cm.read_study(tmp_path / "s")
    text = (tmp_path / "s" / "study.toml").read_text().replace("incident = 0.3", 'incident = "r_start"')
    (tmp_path / "s" / "study.toml").write_text(text)
    assert study_budget(cm.read_study(tmp_path / "s"))["switch"].eligible[0, 0].tolist() == [100, 110]


def test_a_budget_is_written_and_read_again(tmp_path):
    found = study(tmp_path / "s")
    again = cm.read_study(write_study(found, tmp_path / "copy"))
    assert again.spec.budget == found.spec.budget
    assert (study_budget(again)["switch"].cost == study_budget(found)["switch"].cost).all()


def test_the_horizon_of_the_study_is_not_that_of_the_budget(tmp_path):
    text = STUDY.replace("horizon_years = 1", "horizon_years = 9")
    short, long = study(tmp_path / "short"), study(tmp_path / "long", text=text)
    assert (study_budget(short)["switch"].cost == study_budget(long)["switch"].cost).all()
    one = study_budget(budgeted(short, years=1))["switch"]
    assert (one.amounts("with") == study_budget(short)["switch"].amounts("with")[:, :1]).all()
