"""Which names rest on which: found in one pass, as by looking below every name."""

from hypothesis import given
from hypothesis import strategies as st

from costmodel.formulas import parse
from costmodel.model.layers import closure, resting_on, shared

NAMES = [f"v{place}" for place in range(8)]


@st.composite
def rules(draw):
    """Return formulas of which each uses some names before it."""
    found = {NAMES[0]: parse("outside")}
    for place, name in enumerate(NAMES[1:], 1):
        used = draw(st.lists(st.sampled_from([*NAMES[:place], "outside"]), max_size=3))
        found[name] = parse(" + ".join([str(draw(st.integers(1, 2))), *used]))
    return found


def looked_up(own, basis):
    """Return the names whose own closure uses one of the basis: slow and plain."""
    return {name for name in own if any(own[below].names & set(basis) for below in closure(own, [name]))}


@given(rules(), st.sets(st.sampled_from([*NAMES, "outside"])))
def test_what_rests_on_a_basis_is_what_looking_below_each_name_finds(own, basis):
    assert resting_on(own, basis) == looked_up(own, basis)


@given(rules(), rules())
def test_what_strategies_share_has_nothing_different_below_it(first, second):
    different = {name for name in NAMES if first[name] != second[name]}
    expected = {name for name in NAMES if not closure(first, [name]) & different}
    assert shared({"a": first, "b": second}) == expected
