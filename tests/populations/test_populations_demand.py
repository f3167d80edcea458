"""Demand: hand-computed responses, nothing at zero elasticity, bounds, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import CostModelError
from costmodel.datasets import read_dataset
from costmodel.populations.access import Response, access, split
from costmodel.populations.demand import Abandonment, quantity_ratio, respond

price = st.floats(0.01, 1000)
elasticity = st.floats(-0.9, 0)
share = st.floats(0.001, 0.999)


def test_constant_and_arc_elasticity_by_hand():
    assert quantity_ratio(20, 10, -0.2) == pytest.approx(0.5**-0.2)
    # Arc: price falls by 10 on a mean of 15, use rises by 0.17 x 10/15 of its mean: (1 + e s)/(1 - e s).
    s = (10 - 20) / (10 + 20)
    assert quantity_ratio(20, 10, -0.17, form="arc") == pytest.approx((1 + 0.17 / 3) / (1 - 0.17 / 3))
    up = quantity_ratio(20, 10, -0.17, form="arc")
    assert ((up - 1) / (up + 1)) / s == pytest.approx(-0.17)
    assert quantity_ratio(10, 0, -0.17, form="arc") == pytest.approx(1.17 / 0.83)


def test_the_rand_value_of_the_evidence_is_used_as_it_stands():
    table = read_dataset("evidence/parameters").set_index("id")
    rand = float(table.loc["el_hie", "value"])
    assert rand == -0.17
    assert quantity_ratio(1, 0, rand, form="arc") > 1


@given(price, price, st.sampled_from(["constant", "arc"]), share)
def test_zero_elasticity_changes_nothing_to_the_last_bit(before, after, form, p):
    assert quantity_ratio(before, after, 0.0, form=form).item() == 1.0
    assert respond(p, before, after, 0.0, form=form).item() == p


@given(price, price, elasticity, share, st.sampled_from(["constant", "arc"]))
def test_a_dearer_medicine_is_used_less_and_shares_stay_shares(before, after, e, p, form):
    ratio, there = quantity_ratio(before, after, e, form=form), respond(p, before, after, e, form=form)
    assert (ratio <= 1) if after >= before else (ratio >= 1)
    assert 0 <= there <= 1
    assert (there <= p) if after >= before else (there >= p)
    back = quantity_ratio(after, before, e, form=form)
    assert ratio * back == pytest.approx(1)


@given(price, elasticity, share)
def test_the_elasticity_holds_for_small_changes_of_a_share(before, e, p):
    step = 1e-7
    there = respond(p, before, before * (1 + step), e).item()
    assert (there / p - 1) / step == pytest.approx(e, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quantity_ratio(0, 10, -0.2), "use form='arc'"),
        (lambda: quantity_ratio(10, 5, 0.2), "at most 0; found 0.2"),
        (lambda: quantity_ratio(-1, 5, -0.2), "price before must be a finite number of at least 0"),
        (lambda: quantity_ratio(1, 5, -1.5, form="arc"), "must lie above -1; found -1.5"),
        (lambda: quantity_ratio(1, 5, -0.5, form="log"), "'log' is unknown"),
        (lambda: respond(1.2, 1, 2, -0.2), "a share must lie in"),
        (lambda: Abandonment((0, 10), (0.2, 0.1), "x"), "never fall"),
        (lambda: Abandonment((5, 10), (0.1, 0.2), "x"), "start at 0"),
        (lambda: Abandonment((0, 10), (0.1,), "x"), "a share per price; found 1 and 2"),
        (lambda: Abandonment((0,), (0.1,), " "), "name the source"),
        (lambda: Abandonment((0,), (0.1,), "x").share(-1), "at least 0; found -1"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call()


def use(paid, response, paid_now=20.0):
    return access(
        1000,
        start=0.4,
        stop_rate=0.3,
        adherence=0.6,
        horizon_years=5,
        paid_now=paid_now,
        paid=paid,
        response=response,
    )


def test_access_by_hand():
    found = use(10, Response(start=-0.2, stay=-0.1, adhere=-0.05))
    odds = 0.4 / 0.6 * (0.5**-0.2) ** (1 / 0.6)
    treated = 1000 * odds / (1 + odds)
    rate = 0.3 / 0.5**-0.1
    years = treated * (1 - np.exp(-rate * 5)) / rate
    covered = 0.6 / 0.4 * (0.5**-0.05) ** (1 / 0.4)
    assert found.treated == pytest.approx(treated)
    assert found.person_years == pytest.approx(years)
    assert found.covered_years == pytest.approx(years * covered / (1 + covered))


def test_nothing_changes_without_a_response():
    now, then = use(20, Response()), use(1, Response())
    assert (now.treated, now.person_years, now.covered_years) == (
        then.treated,
        then.person_years,
        then.covered_years,
    )


def test_nobody_stops_at_a_rate_of_zero():
    stays = access(
        10, start=1, stop_rate=0, adherence=1, horizon_years=5, paid_now=1, paid=1, response=Response()
    )
    assert stays.person_years == 50


def test_starting_and_staying_answer_apart():
    base = use(20, Response())
    starts, stays = use(10, Response(start=-0.3)), use(10, Response(stay=-0.3))
    assert starts.treated > base.treated
    assert starts.person_years / starts.treated == pytest.approx(base.person_years / base.treated)
    assert stays.treated == base.treated
    assert stays.person_years > base.person_years


def test_draws_and_segments_broadcast():
    found = access(
        np.array([100.0, 200.0]), start=0.5, stop_rate=0.2, adherence=0.6, horizon_years=1,
        paid_now=20, paid=10, response=Response(start=np.linspace(-0.4, 0, 5)[:, None]),
    )  # fmt: skip
    assert found.treated.shape == (5, 2)
    assert found.treated[-1].tolist() == [50, 100]
    with pytest.raises(CostModelError, match="at least 0"):
        access(
            -1,
            start=0.5,
            stop_rate=0.2,
            adherence=1,
            horizon_years=1,
            paid_now=1,
            paid=1,
            response=Response(),
        )


amount = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(amount, amount, amount, amount)
def test_the_parts_add_up(p0, p1, v0, v1):
    parts = split(p0, p1, v0, v1)
    scale = max(abs(p0), abs(p1), 1) * max(abs(v0), abs(v1), 1)
    assert abs(parts.total - (p1 * v1 - p0 * v0)) <= 8 * np.finfo(float).eps * scale


def test_harms_belong_to_the_molecule():
    parts = split(0.02, 0.02, 1000, 1000)
    assert (parts.price, parts.volume, parts.interaction) == (0, 0, 0)
    more = split(0.02, 0.02, 1000, 1100)
    assert (more.price, more.interaction) == (0, 0)
    assert more.volume == pytest.approx(2)
