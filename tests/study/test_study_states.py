"""States, transitions and payoffs in states that cannot be meant: refused when the study is read."""

import doctest
from pathlib import Path

import pytest

import costmodel as cm

DOCUMENT = Path(__file__).parents[2] / "docs" / "models.md"
VALID = """
title = "Three states"
currency = "USD"
price_year = 2026

[time]
horizon_years = 5

[strategies.only]

[formulas]
p_sick = 0.1

[states]
names = ["well", "sick", "dead"]
start = { well = 1 }
tunnels = { sick = 3 }

[[transitions]]
from = "well"
to = "sick"
probability = "p_sick"

[[transitions]]
from = "well"
to = "dead"
probability = 0.05

[[transitions]]
from = "sick"
to = "dead"
probability = "0.2 + 0.1 * years_in_state"

[[payoffs]]
measure = "care"
kind = "cost"
states = ["well", "sick"]
value = 100

[[payoffs]]
measure = "falls"
kind = "event"
transition = ["well", "sick"]
value = 1

[[payoffs]]
measure = "deaths"
kind = "event"
enter = "dead"
value = 1
"""


def study(tmp_path, text):
    (tmp_path / "study.toml").write_text(text)
    return cm.read_study(tmp_path)


def test_the_study_that_the_broken_ones_come_from_is_valid(tmp_path):
    outcomes = study(tmp_path, VALID).run()
    assert outcomes.years("falls")[0, 0, :2] == pytest.approx([0.1, 0.085])
    assert outcomes.years("deaths")[0, 0, :2] == pytest.approx([0.05, 0.85 * 0.05 + 0.1 * 0.2])


CHANGES = {
    "start of an unknown state": (
        "start = { well = 1 }",
        "start = { wel = 1 }",
        "unknown state 'wel'",
        "'well'",
    ),
    "tunnel of an unknown state": (
        "tunnels = { sick = 3 }",
        "tunnels = { sik = 3 }",
        "unknown state 'sik'",
        "'sick'",
    ),
    "tunnel without a cycle": (
        "tunnels = { sick = 3 }",
        "tunnels = { sick = 0 }",
        "at least 1 cycle",
        "found 0",
    ),
    "state twice": ('"sick", "dead"]', '"sick", "sick", "dead"]', "name may stand only once", "found sick"),
    "two complements at the start": (
        "{ well = 1 }",
        '{ well = "complement", sick = "complement" }',
        'only one start may be "complement"',
    ),
    "start below one": (
        "{ well = 1 }",
        "{ well = 0.5, sick = 0.3 }",
        "must sum to 1; found 0.8",
        "complement",
    ),
    "start below zero": (
        "{ well = 1 }",
        '{ well = -0.5, sick = "complement" }',
        "'well' must be at least 0",
        "-0.5",
    ),
    "transition to an unknown state": ('to = "sick"', 'to = "ill"', "unknown state 'ill'", "transitions.0"),
    "transition twice": (
        'to = "dead"\nprobability = 0.05',
        'to = "sick"\nprobability = 0.05',
        "well -> sick may stand only once",
    ),
    "neither probability nor rate": ('probability = "p_sick"', "", "a probability or a rate", "neither"),
    "both probability and rate": (
        'probability = "p_sick"',
        'probability = "p_sick"\nrate = 1',
        "a probability or a rate",
        "both",
    ),
    "rates and probabilities": (
        'probability = "p_sick"',
        'rate = "p_sick"',
        "'well' must be all rates or all probabilities",
        "prob_to_rate",
    ),
    "rate to itself": (
        'to = "dead"\nprobability = "0.2 + 0.1 * years_in_state"',
        'to = "sick"\nrate = 1',
        "leads to another state",
    ),
    "two complements of a state": (
        'probability = "p_sick"',
        'probability = "complement"',
        "only one transition of state 'well'",
        ("probability = 0.05", 'probability = "complement"'),
    ),
    "negative rate": (
        'probability = "0.2 + 0.1 * years_in_state"',
        'rate = "0.2 - 0.15 * years_in_state"',
        "transition sick -> dead (0.2 - 0.15 * years_in_state)",
        "rate must be at least 0",
        "found -0.1 at cycle 2 in",
    ),
    "probability above one": (
        "p_sick = 0.1",
        'p_sick = "0.1 + 0.3 * cycle"',
        "transition well -> sick (p_sick)",
        "must lie in [0, 1]",
        "found 1.3 at cycle 4",
    ),
    "row above one": (
        "p_sick = 0.1",
        "p_sick = 0.98",
        "state 'well'",
        "well -> sick, well -> dead must sum to at most 1",
        "1.03",
    ),
    "row below one that says who stays": (
        'to = "dead"\nprobability = 0.05',
        'to = "well"\nprobability = 0.05',
        "well -> sick, well -> well must sum to 1",
        "found 0.15",
    ),
    "unknown name in a transition": (
        'probability = "p_sick"',
        'probability = "p_sik"',
        "transitions.0.probability: unknown name 'p_sik'",
        "'p_sick'",
    ),
    "time in state without tunnels": (
        "tunnels = { sick = 3 }",
        "",
        "unknown name 'years_in_state'",
        "[states] tunnels",
    ),
    "nobody can be there": (
        '"dead"]',
        '"dead", "cured"]',
        "nobody can be in state 'cured'",
        "add a transition into it",
    ),
    "never left by mistake": (
        '[[transitions]]\nfrom = "sick"\nto = "dead"\nprobability = "0.2 + 0.1 * years_in_state"',
        "",
        "nobody ever leaves state 'sick', not even for 'dead'",
        "probability = 1",
    ),
    "payoff in an unknown state": (
        '["well", "sick"]\nvalue = 100',
        '["well", "sck"]\nvalue = 100',
        "unknown state 'sck'",
    ),
    "payoff in a state twice": (
        '["well", "sick"]\nvalue = 100',
        '["well", "well"]\nvalue = 100',
        "state may stand only once",
        "found well",
    ),
    "payoff nowhere": ('states = ["well", "sick"]\n', "", "must name where it accrues", 'per = "once"'),
    "payoff on no transition": (
        'transition = ["well", "sick"]',
        'transition = ["sick", "well"]',
        "no transition sick ->",
    ),
    "payoff on staying": (
        'transition = ["well", "sick"]',
        'transition = ["well", "well"]',
        "counts moves to another state",
        'states = ["well"]',
    ),
    "payoff on entering from nowhere": (
        'enter = "dead"',
        'enter = "well"',
        "no transition leads to state 'well'",
        "once",
    ),
    "payoff on entering an unknown state": (
        'enter = "dead"',
        'enter = "ded"',
        "unknown state 'ded'",
        "'dead'",
    ),
    "payoff on an event per year": ('enter = "dead"', 'enter = "dead"\nper = "year"', "`per` does not apply"),
    "payoff on an event and in states": (
        'enter = "dead"',
        'enter = "dead"\nstates = ["well"]',
        "entries or one transition",
    ),
    "negative inflow": (
        "tunnels = { sick = 3 }",
        'tunnels = { sick = 3 }\ninflow = { well = "1 - cycle" }',
        "inflow of state 'well' must be at least 0",
        "found -4",
    ),
    "inflow of an unknown state": (
        "tunnels = { sick = 3 }",
        "tunnels = { sick = 3 }\ninflow = { wll = 0.1 }",
        "unknown state 'wll'",
        "'well'",
    ),
    "unknown name in the start age": (
        "horizon_years = 5",
        'horizon_years = 5\nstart_age = "age_strt"',
        "time.start_age: unknown name 'age_strt'",
    ),
    "age that rests on itself": (
        "horizon_years = 5",
        'horizon_years = 5\nstart_age = "age + 1"',
        "time.start_age: circular definition",
        "age -> age",
    ),
    "look-up in a table that is not there": (
        'probability = "p_sick"',
        'probability = "lookup(life, q, cycle)"',
        "must name a table of the study",
        "'life'",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_refused_with_the_place_and_the_remedy(tmp_path, name):
    old, new, *expected = CHANGES[name]
    text = VALID
    for before, after in [(old, new), *(item for item in expected if isinstance(item, tuple))]:
        assert text.count(before) == 1
        text = text.replace(before, after)
    with pytest.raises(cm.DataError) as caught:
        study(tmp_path, text)
    message = str(caught.value)
    missing = [words for words in expected if isinstance(words, str) and words not in message]
    assert not missing, f"{missing} not in:\n{message}"


def test_transitions_and_payoffs_in_states_need_states(tmp_path):
    start, end = VALID.index("[states]"), VALID.index("[[transitions]]")
    with pytest.raises(cm.DataError) as caught:
        study(tmp_path, VALID[:start] + VALID[end:])
    for words in ("transitions need states", "a payoff in states needs states", "add [states]"):
        assert words in str(caught.value)


def test_a_state_that_is_never_left_on_purpose_says_so(tmp_path):
    cured = VALID.replace('"dead"]', '"dead", "cured"]').replace(
        '"sick"]\nvalue = 100', '"cured"]\nvalue = 100'
    )
    text = cured + '\n[[transitions]]\nfrom = "sick"\nto = "cured"\nprobability = 0.1\n'
    with pytest.raises(cm.DataError, match="nobody ever leaves state 'cured'"):
        study(tmp_path, text)
    meant = '\n[[transitions]]\nfrom = "cured"\nto = "cured"\nprobability = 1\n'
    assert study(tmp_path, text + meant).run().cost("total")[0, 0] > 0


def test_tables_are_read_wherever_a_formula_may_stand(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "t.csv").write_text("key,value\n0,0.25\n1,0.5\n")
    text = VALID.replace("{ well = 1 }", '{ well = "lookup(t, 0)", sick = "complement" }')
    text = text.replace("horizon_years = 5", 'horizon_years = 5\nstart_age = "lookup(t, 1)"')
    text = text.replace("value = 100", 'value = "age"\nper = "once"')
    assert study(tmp_path, text).run().cost("total")[0, 0] == pytest.approx(0.5)
    assert study(tmp_path, text.replace('"age"', '"years_in_state + 1"')).run().cost("total")[0, 0] == 1


def test_the_age_at_the_start_may_differ_between_segments_and_strategies(tmp_path):
    text = VALID.replace("horizon_years = 5", 'horizon_years = 5\nwithin_cycle = "start"\nstart_age = "age0"')
    text = text.replace(
        "[strategies.only]", '[strategies.plain]\n[strategies.later]\nset = { age0 = "age0 + 10" }'
    )
    text = text.replace('states = ["well", "sick"]\nvalue = 100', 'per = "once"\nvalue = "age"')
    (tmp_path / "segments.csv").write_text("name,label,size,age0\ny,Young,3,40\no,Old,1,\n")
    (tmp_path / "parameters.csv").write_text("name,value,unit,source,status\nage0,70,years,,assumed\n")
    outcomes = study(tmp_path, text).run()
    assert outcomes.cost("total", segment="y")[:, 0].tolist() == [40, 50]
    assert outcomes.cost("total", segment="o")[:, 0].tolist() == [70, 80]
    assert outcomes.cost("total")[:, 0].tolist() == [47.5, 57.5]


def test_the_example_of_the_document_gives_what_it_says(tmp_path, monkeypatch):
    text = DOCUMENT.read_text()
    example = text.split("```toml\n")[1].split("```")[0]
    assert len(example.splitlines()) == 10
    (tmp_path / "well-or-dead").mkdir()
    (tmp_path / "well-or-dead" / "study.toml").write_text(example)
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(text, {}, "models.md", str(DOCUMENT), 0)
    assert session.examples
    said = []
    doctest.DocTestRunner().run(session, out=said.append)
    assert not said, "".join(said)
