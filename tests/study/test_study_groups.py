"""Sets of states under one name: the same study, and faults that say what is wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm
from costmodel.report import Findings
from costmodel.report.study_tables import payoff_note, payoff_table

RULES = Path(__file__).parent / "rules"
STATES = """names = ["well", "ill", "dead"]
start = { well = 0.5, ill = 0.5 }
"""
GROUPS = 'groups = { living = ["well", "ill"] }\n'
MOVES = """
[[transitions]]
from = "ill"
to = "dead"
probability = "2 * abs(excess)"
"""


def study(tmp_path, *, groups=GROUPS, states='["living"]'):
    shutil.copytree(RULES, tmp_path / "s")
    text = (tmp_path / "s" / "study.toml").read_text()
    text = text.replace('names = ["alive", "dead"]\nstart = { alive = 1 }\n', STATES + groups)
    text = text.replace('from = "alive"', 'from = "well"').replace('"excess"', '"abs(excess)"')
    text = text.replace('states = ["alive"]', f"states = {states}")
    (tmp_path / "s" / "study.toml").write_text(text + MOVES)
    return tmp_path / "s"


def test_a_group_is_its_states_to_the_last_bit(tmp_path):
    named = cm.read_study(study(tmp_path / "a")).run(n=64)
    listed = cm.read_study(study(tmp_path / "b", groups="", states='["well", "ill"]')).run(n=64)
    assert (named.discounted == listed.discounted).all()
    assert (named.total("life_years") > 0).all()


def test_a_group_may_stand_beside_a_state(tmp_path):
    groups = 'groups = { sick = ["ill"] }\n'
    found = cm.read_study(study(tmp_path / "a", groups=groups, states='["well", "sick"]')).run(n=8)
    listed = cm.read_study(study(tmp_path / "b", groups="", states='["well", "ill"]')).run(n=8)
    np.testing.assert_array_equal(found.discounted, listed.discounted)


def test_it_is_written_and_read_again(tmp_path):
    read = cm.read_study(study(tmp_path))
    again = cm.read_study(cm.write_study(read, tmp_path / "copy"))
    assert again.spec.states.groups == {"living": ["well", "ill"]}
    assert (again.run().discounted == read.run().discounted).all()


def test_the_report_names_the_group_and_says_what_is_in_it(tmp_path):
    found = Findings.of(cm.read_study(study(tmp_path)))
    assert payoff_table(found)["Accrues"].to_list() == ["per year in living"] * 2
    assert payoff_note(found) == "living: well, ill."


@pytest.mark.parametrize(
    ("groups", "states", "rule"),
    [
        ('groups = { living = ["well", "il"] }\n', '["living"]', "did you mean 'ill'"),
        ('groups = { well = ["ill"] }\n', '["well"]', "may not have the name of a state"),
        ("groups = { living = [] }\n", '["living"]', "at least one state"),
        (GROUPS, '["livng"]', "did you mean 'living'"),
        (GROUPS, '["living", "ill"]', "may stand only once"),
    ],
)
def test_faults_say_what_is_wrong(tmp_path, groups, states, rule):
    with pytest.raises(cm.DataError) as caught:
        cm.read_study(study(tmp_path, groups=groups, states=states))
    assert rule in str(caught.value)
