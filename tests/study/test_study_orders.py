"""Values of which one may not be above the other: refused, lowered or drawn again, and always counted."""

import re
from dataclasses import replace

import numpy as np
import pytest

import costmodel as cm
from costmodel.inputs import Draws
from costmodel.model import evaluate, simulate
from costmodel.model.definition import Order
from costmodel.model.resample import invalid_draws

N = 512
ROWS = """name,value,low,high,distribution,basis,unit,source,status
p_pfs,0.5,,,beta,se=0.1,probability,,assumed
p_os,0.6,,,beta,se=0.1,probability,,assumed
"""
# who is free of progression has 1, who lives with it 0.5: the second is negative where the curves cross
STUDY = """title = "Two survival probabilities"
currency = "USD"
price_year = 2026

[strategies.only]

[formulas]
progressed = "p_os - p_pfs"

[[orders]]
lower = "p_pfs"
upper = "p_os"
on_crossed = "RULE"

[[payoffs]]
measure = "qaly"
kind = "qaly"
per = "once"
value = "p_pfs + 0.5 * progressed"

[[payoffs]]
measure = "care"
kind = "cost"
per = "once"
value = "1000 * progressed"
"""
FIVE = {"p_pfs": [0.5, 0.7, 0.6, 0.2, 0.9], "p_os": [0.6, 0.6, 0.6, 0.9, 0.8]}


def study(folder, rule="error", text=STUDY, rows=ROWS):
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text.replace("RULE", rule))
    (folder / "parameters.csv").write_text(rows)
    return cm.read_study(folder)


def five():
    return Draws({name: np.array(values) for name, values in FIVE.items()}, 5, None, "given")


def test_clipping_lowers_the_lower_wherever_it_is_used_and_counts(tmp_path):
    # draws 1 (0.7 above 0.6) and 4 (0.9 above 0.8) cross; draw 2 (both 0.6) does not
    model = study(tmp_path / "s", "clip").model()
    outcomes = evaluate(model, five())
    assert outcomes.clipped == {"only, p_pfs > p_os": 2}
    assert outcomes.total("care")[0] == pytest.approx([100, 0, 0, 700, 0], abs=1e-9)
    assert outcomes.total("qaly")[0] == pytest.approx([0.55, 0.6, 0.6, 0.55, 0.8], rel=1e-12)
    assert evaluate(model, five(), block=2).clipped == outcomes.clipped


def test_refusal_says_which_where_and_how_often(tmp_path):
    model = study(tmp_path / "s").model()
    words = (
        "strategy 'only': 'p_pfs' must not be above 'p_os'; found 0.7 above 0.6 at draw 1; "
        "it happens in 2 of 5 draws"
    )
    for block in (None, 2, 3):
        with pytest.raises(cm.CostModelError, match=f"^{re.escape(words)}$"):
            evaluate(model, five(), block=block)


def test_drawn_again_are_the_next_that_do_not_cross(tmp_path):
    found = study(tmp_path / "s", "resample")
    assert invalid_draws(found.model(), five()).tolist() == [False, True, False, False, True]
    outcomes = found.run(n=N)
    drawn = found.draws(2 * N)
    valid = np.flatnonzero(drawn["p_pfs"] <= drawn["p_os"])[:N]
    assert outcomes.resampled == valid[-1] + 1 - N > 0
    assert not outcomes.clipped
    expected = 1000 * (drawn["p_os"] - drawn["p_pfs"])[valid]
    np.testing.assert_allclose(outcomes.total("care")[0], expected, rtol=1e-9, atol=1e-9)
    assert outcomes.total("care").min() >= 0


def test_counts_of_a_run_are_those_of_its_draws(tmp_path):
    found = study(tmp_path / "s", "clip")
    drawn = found.draws(N)
    crossed = int((drawn["p_pfs"] > drawn["p_os"]).sum())
    assert found.run(n=N).clipped == {"only, p_pfs > p_os": crossed}
    assert 0 < crossed < N
    with pytest.raises(cm.CostModelError, match=f"in {crossed} of {N} draws"):
        study(tmp_path / "error").run(n=N)


def test_without_an_order_and_without_crossing_nothing_changes(tmp_path):
    found = study(tmp_path / "s", "clip")
    bare = replace(found.model(), orders=())
    apart = five().replace(p_os=[0.95] * 5)
    assert (evaluate(found.model(), apart).discounted == evaluate(bare, apart).discounted).all()
    assert evaluate(found.model(), apart).clipped == {}


def test_one_value_may_be_below_two(tmp_path):
    text = STUDY.replace(
        "[[payoffs]]", '[[orders]]\nlower = "p_pfs"\nupper = "most"\non_crossed = "clip"\n\n[[payoffs]]', 1
    ).replace("[formulas]", "[formulas]\nmost = 0.55")
    outcomes = evaluate(study(tmp_path / "s", "clip", text).model(), five())
    # after the first order p_pfs is 0.5, 0.6, 0.6, 0.2, 0.8: three of them above 0.55
    assert outcomes.clipped == {"only, p_pfs > p_os": 2, "only, p_pfs > most": 3}
    # p_os - p_pfs = 0.1, 0.05, 0.05, 0.7, 0.25
    assert outcomes.total("care")[0] == pytest.approx([100, 50, 50, 700, 250], rel=1e-9)


def test_curves_are_compared_in_every_cycle(tmp_path):
    text = """title = "Two curves"
currency = "USD"
price_year = 2026
time = { horizon_years = 3 }

[strategies.only]

[formulas]
pfs = "exp(-r_pfs * years)"
os = "exp(-r_os * years ** 2)"

[states]
names = ["alive"]
start = { alive = 1 }

[[orders]]
lower = "pfs"
upper = "os"
on_crossed = "RULE"

[[payoffs]]
measure = "care"
kind = "cost"
states = ["alive"]
value = "100 * (os - pfs)"
"""
    rows = ROWS.replace("p_pfs,0.5", "r_pfs,0.5").replace("p_os,0.6", "r_os,0.1")
    rows = rows.replace("beta,se=0.1", "gamma,se=0.05").replace("probability", "per year")
    drawn = Draws({"r_pfs": np.array([0.5, 0.35, 0.2]), "r_os": np.array([0.1] * 3)}, 3, None, "given")
    # exp(-a t) above exp(-0.1 t^2) where t > 10 a: 5, 3.5 and 2 years; the horizon is 3
    found = study(tmp_path / "s", "clip", text, rows)
    outcomes = evaluate(found.model(), drawn)
    assert outcomes.clipped == {"only, pfs > os": 1}
    assert outcomes.total("care")[0, 2] == pytest.approx(100 * (np.exp(-0.1) - np.exp(-0.2)), rel=1e-12)
    assert simulate(found.model(), drawn, n_people=10, seed=1).clipped == outcomes.clipped
    words = r"found 0.548812 above 0.40657 at draw 2, cycle 3; it happens in 1 of 3 draws"
    with pytest.raises(cm.CostModelError, match=words):
        evaluate(study(tmp_path / "error", "error", text, rows).model(), drawn)


def test_a_base_case_that_crosses_is_refused_where_draws_would_be_made_again(tmp_path):
    found = study(tmp_path / "s", "resample")
    base = found.draws().replace(p_pfs=[0.7])
    words = r"'p_pfs' must not be above 'p_os'; found 0.7 above 0.6$"
    with pytest.raises(cm.CostModelError, match=words):
        evaluate(found.model(), base)


def test_a_model_of_which_most_draws_cross_is_refused(tmp_path):
    rows = ROWS.replace("p_os,0.6,,,beta,se=0.1", "p_os,0.5,,,beta,se=0.001").replace(
        "p_pfs,0.5", "p_pfs,0.55"
    )
    text = STUDY.replace('"p_pfs"\nupper = "p_os"', '"p_pfs"\nupper = "p_os"')
    changed = rows.replace("p_pfs,0.55", "p_pfs,0.5")
    found = study(tmp_path / "s", "resample", text, changed)
    high = replace(found, parameters=study(tmp_path / "t", "clip", text, rows).parameters)
    with pytest.raises(cm.CostModelError, match="or values that cross"):
        high.run(n=N)


def test_what_is_printed_says_the_rule_and_the_count(tmp_path, capsys):
    from costmodel.study.show import show_outcomes

    for rule, words in (
        ("clip", "only, p_pfs > p_os: crossed, and was lowered in"),
        ("resample", "draws gave no probabilities, or crossed, and were drawn again"),
    ):
        show_outcomes(study(tmp_path / rule, rule).run(n=N))
        assert words in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('lower = "p_pfs"', 'lower = "p_pf"'), ["orders.0.lower", "unknown name 'p_pf'", "'p_pfs'?"]),
        (('upper = "p_os"', 'upper = "p_pfs"'), ["orders.0.upper", "ordered with itself"]),
        (("RULE", "swap"), ["orders.0.on_crossed", "'resample'"]),
        (('upper = "p_os"', 'upper = "progressed"'), ["circular definition"]),
    ],
)
def test_an_impossible_order_is_a_fault_of_the_study(tmp_path, change, words):
    with pytest.raises(cm.DataError) as problem:
        study(tmp_path / "s", "clip", STUDY.replace(*change))
    for word in words:
        assert word in str(problem.value)


def test_an_order_is_written_and_read_again(tmp_path):
    first = study(tmp_path / "s", "clip")
    again = cm.read_study(cm.write_study(first, tmp_path / "copy"))
    assert again.model().orders == first.model().orders == (Order("p_pfs", "p_os", "clip"),)
