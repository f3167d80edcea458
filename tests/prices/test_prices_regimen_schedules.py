"""Schedules of tapers: their steps by hand, their numbers against the evidence, and the guideline's bound."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.prices import TaperStep, guideline_taper, label_taper, protocol_taper, user_taper
from costmodel.prices.regimen.pace import pace_warnings

starts = st.integers(1, 80).map(lambda number: number / 8)


def evidence(name):
    frame = read_dataset("evidence/parameters").set_index("id")
    return frame.loc[name]


def doses(schedule):
    return [step.dose_mg for step in schedule.steps]


def test_label_from_two_milligrams():
    """Eight reductions of 0.25 mg a day, three days each: 24 days, as the evidence table has it."""
    found = label_taper(2)
    assert doses(found) == [2, 1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25]
    assert {step.days for step in found.steps} == {3}
    assert found.steps[1].intakes == (Fraction(7, 8), Fraction(7, 8))
    assert found.days == 24
    assert label_taper(2, hold_start=False).days == 21
    assert "24 days from 2 mg/day" in str(evidence("taper_label_rate")["notes"])


def test_label_ends_with_what_is_left():
    assert doses(label_taper(0.6)) == pytest.approx([0.6, 0.35, 0.1])


def test_label_without_its_start_needs_a_second_step():
    with pytest.raises(CostModelError, match="taper 'US label' has no steps"):
        label_taper(0.25, hold_start=False)


def test_protocol_by_hand():
    """From 2.7: 2.2, 1.7, 1.2 for two weeks each, then 1, 0.75, 0.5, 0.25 for a week each: 56 + 28 days."""
    found = protocol_taper(2.7)
    assert doses(found) == [2.7, 2.2, 1.7, 1.2, 1, 0.75, 0.5, 0.25]
    assert [step.days for step in found.steps] == [14] * 4 + [7] * 4
    assert found.days == 84
    assert protocol_taper(1, times_a_day=2).steps[0].intakes == (Fraction(1, 2), Fraction(1, 2))


def test_guideline_by_hand():
    """2 x 0.9^19 = 0.27017 is not below 0.25; the next, 0.24315, is: 20 doses of 14 days."""
    found = guideline_taper(2, percent=10, every_weeks=2, stop_at_mg=0.25)
    assert len(found.steps) == 20
    assert doses(found)[-1] == 0.27
    assert found.days == 280
    assert doses(found)[3] == 1.458
    assert found.warnings == ("",) * 20


def test_guideline_in_several_intakes_is_kept_to_the_microgram():
    found = guideline_taper(1, percent=10, every_weeks=4, stop_at_mg=0.7, times_a_day=3)
    assert [float(step.intakes[0]) for step in found.steps] == [0.333, 0.3, 0.27, 0.243]


def test_a_dose_equal_to_the_stop_is_taken():
    assert doses(guideline_taper(1, percent=10, every_weeks=2, stop_at_mg=0.9)) == [1, 0.9]


def test_numbers_of_the_schedules_stand_in_the_evidence():
    """Each rule's numbers are those of the rows it names, and its status is theirs."""
    assert evidence("taper_label_rate")["value"] == "0.25"
    assert doses(label_taper(2))[0] - doses(label_taper(2))[1] == 0.25
    assert evidence("taper_asam_step")[["low_95", "high_95"]].astype(float).tolist() == [0.05, 0.1]
    assert evidence("taper_asam_interval")[["low_95", "high_95"]].astype(float).tolist() == [2, 4]
    assert evidence("taper_asam_ceiling")["value"] == "0.25"
    assert evidence("taper_nardi_rate_high")["value"] == "0.5"
    assert "0.25 mg per week" in str(evidence("taper_nardi_rate_high")["notes"])
    for schedule in (
        label_taper(1),
        guideline_taper(1, percent=5, every_weeks=2, stop_at_mg=1),
        protocol_taper(1),
    ):
        for name in schedule.evidence:
            row = evidence(name)
            assert row["status"] == schedule.status == "read"
            assert str(row["source_citation"])[:40] == schedule.source[:40]


def test_user_steps():
    found = user_taper([(14, 1), (7, (0.25, 0.5)), TaperStep(7, (0.5,))], name="Mine", source="a protocol")
    assert doses(found) == [1, 0.75, 0.5]
    assert (found.status, found.source, found.name) == ("user", "a protocol", "Mine")


def test_pace_by_hand():
    """Day 6: 1.5 of the 2 mg of day 0 is 25%, the bound itself; day 9: 1.25 is 37.5%; day 15: 0.75 of the
    1.75 mg of day 3 (the dose on day 1 is still 2): 62.5%."""
    found = label_taper(2).warnings
    assert found[0] == found[2] == ""
    assert found[1] == "first reduction of 12.5%: above the guideline's initial 5 to 10%"
    assert found[3] == "37.5% less than two weeks before: above 25%"
    assert found[5] == "62.5% less than two weeks before: above 25%"
    assert found[6] == "71.4% less than two weeks before: above 25%"


def test_pace_of_steps_two_weeks_apart_sees_one_reduction():
    steps = [(14, Fraction(4)), (14, Fraction(3)), (14, Fraction(9, 4))]
    assert pace_warnings(steps) == [
        "",
        "first reduction of 25.0%: above the guideline's initial 5 to 10%",
        "",
    ]
    faster = [(13, dose) for _, dose in steps]
    assert pace_warnings(faster)[2] == "43.8% less than two weeks before: above 25%"


def test_more_than_a_rounded_microgram_beyond_the_bound_is_named():
    """Three quarters of 0.1 mg is 0.075: 0.074 may be rounding, 0.0739 is not."""
    assert pace_warnings([(14, Fraction("0.1")), (14, Fraction("0.074"))])[1].startswith("first")
    assert pace_warnings([(14, Fraction("0.1")), (14, Fraction("0.0739"))])[1].startswith("26.1% less")


def test_a_rise_is_named():
    steps = [(14, Fraction(1)), (14, Fraction(2)), (14, Fraction(19, 10))]
    assert pace_warnings(steps) == ["", "the dose rises", ""]


def test_frame_states_reduction_source_and_advice():
    table = protocol_taper(2).frame()
    assert table["reduction"].round(4).tolist() == [0, 0.25, 0.3333, 0.25, 0.3333, 0.5]
    assert table["start_day"].tolist() == [0, 14, 28, 35, 42, 49]
    assert set(table["note"]) == {"An economic calculation, not prescribing advice."}
    assert set(table["status"]) == {"read"}
    assert table["source"].str.startswith("Nardi AE").all()


@few
@given(starts)
def test_schedules_fall_by_their_rule(start):
    for before, after in pairwise(label_taper(start).steps):
        assert before.exact_mg - after.exact_mg == Fraction(1, 4)
    assert label_taper(start).steps[-1].exact_mg <= Fraction(1, 4)
    for before, after in pairwise(protocol_taper(start).steps):
        assert after.exact_mg == (
            max(before.exact_mg - Fraction(1, 2), 1)
            if before.exact_mg > 1
            else before.exact_mg - Fraction(1, 4)
        )


@few
@given(st.integers(1, 10), st.integers(5, 25), st.integers(2, 4))
def test_the_guideline_taper_keeps_its_own_bound(start, percent, weeks):
    found = guideline_taper(start, percent=percent, every_weeks=weeks, stop_at_mg=0.1)
    for before, after in pairwise(found.steps):
        assert float(1 - after.exact_mg / before.exact_mg) == pytest.approx(percent / 100, abs=0.02)
        assert after.exact_mg < before.exact_mg
    assert not any("two weeks" in text for text in found.warnings)
    assert any("first reduction" in text for text in found.warnings) == (percent > 10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"percent": 30}, r"percent must lie in \(0, 25\]; found 30"),
        ({"percent": 0}, r"percent must lie in \(0, 25\]"),
        ({"every_weeks": 1}, r"every_weeks must lie in \[2, 4\]; found 1"),
        ({"every_weeks": 2.5}, r"every_weeks must be a whole number of weeks; found 2\.5"),
        ({"stop_at_mg": 3}, r"stop_at_mg must lie in \(0, 2\]; found 3"),
        ({"stop_at_mg": 0}, r"stop_at_mg must lie in \(0, 2\]"),
        ({"percent": 0.1, "stop_at_mg": 0.1}, "a taper of more than 1000 steps; raise percent or stop_at_mg"),
    ],
)
def test_guideline_numbers_outside_their_range(change, words):
    with pytest.raises(CostModelError, match=words):
        guideline_taper(2, **({"percent": 10, "every_weeks": 2, "stop_at_mg": 0.5} | change))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: user_taper([]), "taper 'User's taper' has no steps"),
        (lambda: user_taper([(0, 1)]), "a step lasts a whole number of days, at least 1; found 0"),
        (lambda: user_taper([(1.5, 1)]), "a step lasts a whole number of days"),
        (lambda: user_taper([(7, 0)]), r"dose in mg must lie in \(0, inf\); found 0"),
        (lambda: label_taper(-1), "dose in mg must lie in"),
        (lambda: protocol_taper(1, times_a_day=0), "times_a_day must be a whole number"),
        (
            lambda: guideline_taper(1, percent=5, every_weeks=2, stop_at_mg=1, times_a_day=0),
            "times_a_day must be a whole number",
        ),
    ],
)
def test_steps_that_are_none(make, words):
    with pytest.raises(CostModelError, match=words):
        make()
