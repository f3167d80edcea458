"""Cohorts by year of start, stacked; and tables of a budget impact by segment and component."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import CostModelError
from costmodel.analysis import Course, Population, Uptake, budget_impact
from costmodel.analysis.budget_cohorts import stacked, starters, steady_starters

ONE = np.ones((1, 1))


def test_each_cohort_runs_its_own_clock_by_hand():
    # 100, 20 and 10 people start; of the first each costs 5, 3, 1, of the later ones 8, 2, 1.
    # year 1: 500; year 2: 300 + 160; year 3: 100 + 20 x 2 + 10 x 8 = 220
    starting, first, later = np.array([100.0, 20, 10]), np.array([5.0, 3, 1]), np.array([8.0, 2, 1])
    assert stacked(starting, first, later, np.ones((3, 3))).tolist() == [500, 460, 220]
    # half of those who start in year 2 count, in year 3 only: 100 + 0.5 x 40 + 80
    weight = np.array([[1.0, 1, 1], [0, 0, 0.5], [0, 0, 1]])
    assert stacked(starting, first, later, weight).tolist() == [500, 300, 200]


def test_starters_grow_from_the_second_year():
    # 0.2 of 50 start in year 2, then 10 % more each year
    assert starters(50 * ONE, 0.2 * ONE, 0.1 * ONE, 4)[0, 0].tolist() == pytest.approx([50, 10, 11, 12.1])


@given(
    st.lists(st.floats(0.1, 1), min_size=2, max_size=6),
    st.floats(0.2, 1),
    st.sampled_from([0.0, 0.05, 0.2]),
)
def test_with_steady_starters_as_many_are_treated_as_were_and_grow(stay, begin, growth):
    # those of year 1 stay on treatment by factors up to 1, so that never more stay than were treated
    first = np.cumprod([1.0, *stay[1:]])[None, None]
    later = begin * first
    found = steady_starters(100 * ONE, first, later, growth * ONE)
    treated = stacked(found, first, later, np.ones((len(stay), len(stay))))
    assert (found >= 0).all()
    assert treated[0, 0] == pytest.approx(100 * (1 + growth) ** np.arange(len(stay)), rel=1e-9)


def test_nobody_starts_where_more_stay_than_were_treated():
    first = np.array([[[0.5, 0.8]]])
    assert steady_starters(100 * ONE, first, first, 0 * ONE)[0, 0].tolist() == [100, 0]


def test_starters_of_whom_nobody_is_treated_are_refused():
    first, later = np.array([[[0.5, 0.4]]]), np.zeros((1, 1, 2))
    with pytest.raises(CostModelError, match="no time on treatment in their first"):
        steady_starters(100 * ONE, first, later, 0 * ONE)


def two_segments():
    return budget_impact(
        [Population(segment="young", eligible=50), Population(segment="old", eligible=10)],
        [Course(product="a", drug=100, rebate=0.2, other_care={"visits": 7}), Course(product="b", drug=40)],
        without=Uptake.constant({"a": 1, "b": 0}, years=2),
        with_change=Uptake.constant({"a": 0, "b": 1}, years=2),
        years=2,
    )


def test_rows_of_every_segment_add_up_to_those_of_all():
    found = two_segments()
    for table in (found.by_year, found.cumulative):
        rows = table(each_segment=True)
        assert rows.columns[:4].tolist() == ["year", "segment", "paid_by", "basis"]
        sums = rows.groupby(["year", "paid_by"])["impact"].sum()
        assert sums.to_dict() == pytest.approx(table().set_index(["year", "paid_by"])["impact"].to_dict())
    # young: 50 x (40 - (100 - 20 + 7)) = -2,350 in each of two years
    rows = found.cumulative(each_segment=True).query("segment == 'young' and paid_by == 'payer'")
    assert rows["impact"].tolist() == pytest.approx([-2350, -4700])


def test_one_component_by_itself():
    visits = two_segments().only("visits")
    assert visits.components == ("visits",)
    assert visits.amounts("impact")[0].tolist() == pytest.approx([-420, -420])
    with pytest.raises(CostModelError, match="did you mean 'visits'"):
        two_segments().only("visit")
