"""Sobol indices: closed forms, studies, what moves nothing, groups, and the words of every refusal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from costmodel import CostModelError, read_study
from costmodel.analysis import Question, Saltelli, indices, indices_of, sobol_indices
from costmodel.inputs import Parameter, Parameters, RankCorrelations, fixed_parameter
from costmodel.inputs.drawing import factors, placed
from costmodel.model import evaluate
from costmodel.model.examples import two_prices

MONEY = {"unit": "USD/unit", "currency": "USD", "price_year": 2026, "status": "assumed"}
SAVES = Question("generic", "payer")
NAMES = ("x1", "x2", "x3")


def ishigami(u):
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on (-pi, pi)."""
    x = [np.pi * (2 * u[name][:, 0] - 1) for name in NAMES]
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def prices(brand="se=0.8", generic="se=0.6"):
    return Parameters.of(
        Parameter("price_brand", 4.0, distribution="normal", basis=brand, **MONEY),
        Parameter("price_generic", 1.0, distribution="normal", basis=generic, **MONEY),
    )


@pytest.fixture(scope="module")
def clonazepam():
    return read_study("clonazepam-us-prices")


@pytest.fixture(scope="module")
def hips():
    return read_study("tests/published/thr_briggs_dmhee")


@pytest.mark.parametrize("seed", [0, 1])
def test_the_ishigami_function(seed):
    # V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 with a = 7, b = 0.1: 6.125 + 1.9482 + 5.2713 + 0.5 = 13.8446.
    # V1 = (1 + b pi^4/5)^2 / 2 = 4.3459, V2 = a^2/8 = 6.125, V13 = b^2 pi^8 (1/18 - 1/50) = 3.3737.
    found = indices_of(ishigami, Saltelli(dict.fromkeys(NAMES, 1), n=2**14, seed=seed))
    assert found["first_order"].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert found["total"].tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert found["interaction"].tolist() == pytest.approx([0.2437, 0.0, 0.2437], abs=0.02)
    assert found.attrs["variance"] == pytest.approx(13.8446, rel=0.01)
    assert found.attrs["remainder"] == pytest.approx(0.2437, abs=0.02)
    assert found.attrs["evaluations"] == 2**14 * 5


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    truth = {"first": [0.3139, 0.4424, 0.0], "total": [0.5576, 0.4424, 0.2437]}
    runs = [indices_of(ishigami, Saltelli(dict.fromkeys(NAMES, 1), n=256, seed=seed)) for seed in range(40)]
    for kind, values in truth.items():
        inside = [run[f"{kind}_low"].le(values) & run[f"{kind}_high"].ge(values) for run in runs]
        assert np.mean(inside) > 0.88
    width = np.mean([run["first_high"] - run["first_low"] for run in runs], axis=0)
    narrow = indices_of(ishigami, Saltelli(dict.fromkeys(NAMES, 1), n=256), level=0.5)
    assert (narrow["first_high"] - narrow["first_low"] < width * 0.6).all()


def test_an_additive_normal_model_in_closed_form():
    # variances 9, 4, 1: shares 9/14, 4/14, 1/14; nothing is left to interactions.
    sizes = dict(zip(NAMES, (3.0, 2.0, 1.0), strict=True))
    found = indices_of(
        lambda u: sum(a * ndtri(u[name][:, 0]) for name, a in sizes.items()) + 1000,
        Saltelli(dict.fromkeys(NAMES, 1), n=4096),
    )
    for column in ("first_order", "total"):
        assert found[column].tolist() == pytest.approx([9 / 14, 4 / 14, 1 / 14], abs=0.01)
    assert found.attrs["mean"] == pytest.approx(1000, abs=0.05)


def test_a_product_is_all_interaction():
    # x y with means 0: neither alone moves the expectation, both are needed. S = 0, ST = 1.
    found = indices_of(
        lambda u: (u["x"][:, 0] - 0.5) * (u["y"][:, 0] - 0.5), Saltelli({"x": 1, "y": 1}, n=4096)
    )
    assert found["first_order"].tolist() == pytest.approx([0, 0], abs=0.02)
    assert found["total"].tolist() == pytest.approx([1, 1], abs=0.02)
    assert found["first_low"].min() < 0


def test_a_group_is_one_factor_with_the_sum_of_its_parts():
    # variances 1 + 4 in the group, 5 outside: one half each. Three columns, two factors: n (2 + 2) rows.
    design = Saltelli({"both": 2, "other": 1}, n=4096)
    found = indices_of(
        lambda u: ndtri(u["both"]) @ np.array([1.0, 2.0]) + np.sqrt(5) * ndtri(u["other"][:, 0]), design
    )
    assert design.evaluations == 4 * 4096
    assert found["total"].tolist() == pytest.approx([0.5, 0.5], abs=0.01)


def test_every_seed_is_a_seed_and_0_is_one_too():
    runs = [indices_of(ishigami, Saltelli(dict.fromkeys(NAMES, 1), n=64, seed=s)) for s in (0, 0, 1)]
    assert runs[0].equals(runs[1])
    assert not np.isclose(runs[0]["total"], runs[2]["total"], rtol=1e-6).any()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the generator that others use
    indices_of(ishigami, Saltelli(dict.fromkeys(NAMES, 1), n=64, seed=0))
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_the_design_takes_one_factor_at_a_time_from_the_other_sample():
    design = Saltelli({"x": 1, "pair": 2}, n=16)
    rows = np.hstack(list(design.points.values())).reshape(16, 4, 3)
    first, second = rows[:, 0], rows[:, -1]
    assert (rows[:, 1] == np.column_stack([second[:, :1], first[:, 1:]])).all()
    assert (rows[:, 2] == np.column_stack([first[:, :1], second[:, 1:]])).all()
    assert rows.min() > 0
    assert rows.max() < 1
    # balanced: one point of each sample in every sixteenth
    assert (np.sort(np.floor(first * 16), axis=0) == np.arange(16)[:, None]).all()


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(0.01, 1e6), shift=st.floats(-1e6, 1e6))
def test_neither_unit_nor_origin_matters(scale, shift):
    design = Saltelli(dict.fromkeys(NAMES, 1), n=64)
    plain = indices(ishigami(design.points), design)
    if scale * 1e9 < abs(shift):
        return
    moved = indices(scale * ishigami(design.points) + shift, design)
    for column in ("first_order", "total", "total_high"):
        assert moved[column].tolist() == pytest.approx(plain[column].tolist(), abs=1e-5)


def test_more_uncertainty_in_a_price_is_a_larger_share():
    # (1.6^2 against 0.6^2: 2.56 / 2.92 = 0.877; 0.8^2: 0.64)
    shares = [
        sobol_indices(two_prices(), prices(brand=basis), SAVES).set_index("parameter")["total"]
        for basis in ("se=0.3", "se=0.8", "se=1.6")
    ]
    assert [one["price_brand"] for one in shares] == pytest.approx([0.2, 0.64, 0.877], abs=0.02)


def test_the_order_of_the_table_does_not_matter():
    turned = Parameters.of(*reversed(prices().rows))
    assert sobol_indices(two_prices(), prices(), SAVES).equals(sobol_indices(two_prices(), turned, SAVES))


def test_clonazepam_end_to_end(clonazepam):
    found = sobol_indices(clonazepam.model(), clonazepam.parameters, Question("generic", "payer"))
    table = found.set_index("parameter")
    assert set(table.index) == {name for name, row in clonazepam.parameters.items() if row.uncertain}
    assert table.index[:3].tolist() == ["n_uninsured", "fee_plan", "n_employer"]
    assert table.loc["fee_medicaid", "remark"] == "used, but does not move the result"
    assert table.loc["copay_employer_brand_2024", "remark"] == "not used by the model"
    still = table[table["remark"] != ""]
    assert (still.drop(columns=["members", "remark"]) == 0).all(axis=None)
    assert found.attrs["first_sum"] == pytest.approx(1, abs=0.02)
    assert "price_brand" in found.attrs["fixed"]
    psa = Question("generic", "payer").of(evaluate(clonazepam.model(), clonazepam.draws(2**14, seed=5)))
    assert found.attrs["variance"] == pytest.approx(psa.var(), rel=0.05)
    assert found.attrs["mean"] == pytest.approx(psa.mean(), rel=1e-3)


def test_a_first_order_index_is_what_fixing_the_parameter_takes_away(clonazepam):
    # the slow way: the variance of conditional means, 64 values of the parameter x 4096 draws of the rest
    model, parameters = clonazepam.model(), clonazepam.parameters
    question = Question("generic", "payer")
    law = parameters.distribution("n_uninsured")
    draws = clonazepam.draws(4096, seed=9)
    every = question.of(evaluate(model, draws)).var()
    means = [
        question.of(evaluate(model, draws.replace(n_uninsured=value))).mean()
        for value in law.quantile((np.arange(64) + 0.5) / 64)
    ]
    row = sobol_indices(model, parameters, question).set_index("parameter").loc["n_uninsured"]
    assert row["first_low"] < np.var(means) / every < row["first_high"]


def test_what_is_not_varied_keeps_its_base_case(clonazepam):
    found = sobol_indices(
        clonazepam.model(),
        clonazepam.parameters,
        Question("generic", "payer"),
        vary=["fee_plan", "n_uninsured"],
    )
    assert set(found["parameter"]) == {"fee_plan", "n_uninsured"}
    assert "n_employer" in found.attrs["held"]
    assert found.attrs["evaluations"] == 4 * 1024
    whole = sobol_indices(clonazepam.model(), clonazepam.parameters, Question("generic", "payer"))
    assert found.attrs["variance"] < whole.attrs["variance"]


def test_a_published_model_with_a_group_and_an_effect(hips):
    found = sobol_indices(
        hips.model(), hips.parameters, lambda out: out.total("qaly")[1] - out.total("qaly")[0], n=256
    )
    table = found.set_index("parameter")
    assert table.loc["revision", "members"] == "b_age, b_cons, b_lngamma, b_male, b_np1"
    assert table.loc["c_revision", "total"] == 0  # a cost does not move an effect
    assert found.attrs["evaluations"] == 256 * (len(table) + 2)


def test_points_go_through_each_distributions_own_inverse(hips):
    labels = factors(hips.parameters)
    assert labels["revision"] == ("b_age", "b_cons", "b_lngamma", "b_male", "b_np1")
    u = np.array([0.1, 0.5, 0.9])
    draws = placed(hips.parameters, {"c_revision": u[:, None]}, seed=0, method="sobol")
    law = hips.parameters.distribution("c_revision")
    assert draws["c_revision"].tolist() == law.quantile(u).tolist()
    assert set(draws["u_revision"]) == {hips.parameters["u_revision"].value}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"n": 1000}, "n must be a power of two, 16 or more.*found 1000: take 512 or 1024"),
        ({"n": 8}, "found 8: take 16, or 1024"),
        ({"n": 0}, "n must be a whole number, 1 or more; found 0"),
        ({"seed": -1}, "seed must be a whole number, 0 or more; found -1"),
        ({"level": 1.0}, "level must lie in"),
        ({"vary": "fee_plan"}, "vary must be a list of different parameters"),
        ({"vary": ["fee_plan", "fee_plan"]}, "vary must be a list of different parameters"),
        ({"vary": ["fee_plan", "price_brand"]}, "'price_brand' is fixed: without a distribution"),
        ({"vary": ["fee_plan", "n_employed"]}, "did you mean 'n_employer'"),
        ({"vary": ["fee_plan"]}, "two factors or more; found fee_plan"),
        ({"vary": ["fee_plan", "fee_medicaid"], "perspective": "all_payers"}, "whatever the parameters"),
    ],
)
def test_words_of_refusal(clonazepam, changed, words):
    question = Question("generic", changed.pop("perspective", "payer"))
    with pytest.raises(CostModelError, match=words):
        sobol_indices(clonazepam.model(), clonazepam.parameters, question, **changed)


def test_a_parameter_correlated_by_rank_is_not_called_fixed():
    joined = Parameters.of(
        *prices().rows, rank_correlations=RankCorrelations.of({("price_brand", "price_generic"): 0.5})
    )
    words = r"'price_brand' is correlated by rank with others.*name 'price_brand\+price_generic'"
    with pytest.raises(CostModelError, match=words):
        sobol_indices(two_prices(), joined, SAVES, vary=["price_brand"])


def test_a_member_of_a_group_has_no_index_of_its_own(hips):
    with pytest.raises(CostModelError, match=r"'b_age' is drawn together with .*name the group 'revision'"):
        sobol_indices(hips.model(), hips.parameters, Question("new", "total"), vary=["b_age", "u_revision"])


def test_fixed_tables_ratios_and_whole_tables_of_results_are_refused(clonazepam):
    none = Parameters.of(fixed_parameter("price_brand", 4.0, **MONEY))
    with pytest.raises(CostModelError, match="two factors or more; found none"):
        sobol_indices(two_prices(), none, SAVES)
    args = clonazepam.model(), clonazepam.parameters
    with pytest.raises(CostModelError, match=r"one number per draw is needed.*take one strategy"):
        sobol_indices(*args, lambda out: out.cost("payer"))
    with np.errstate(divide="ignore"), pytest.raises(CostModelError, match="never a ratio"):
        sobol_indices(*args, lambda out: out.cost("payer")[0] / (0 * out.cost("payer")[1]))


def test_results_that_are_not_those_of_the_design_are_refused():
    design = Saltelli(dict.fromkeys(NAMES, 1), n=64)
    rng = np.random.default_rng(3)
    right = ishigami(design.points)
    with pytest.raises(CostModelError, match=r"needs n \(k \+ 2\) = 320 results.*found shape \(319,\)"):
        indices(right[:-1], design)
    with pytest.raises(CostModelError, match=r"= 320 results.*found shape \(512,\)"):
        indices(np.resize(right, 64 * 8), design)
    for wrong in (lambda u: np.sort(ishigami(u)), lambda u: ishigami(u) + rng.normal(size=len(u["x1"]))):
        with pytest.raises(CostModelError, match="not those of the design, row by row"):
            indices_of(wrong, design)
    with pytest.raises(CostModelError, match="the result is 7 whatever the parameters"):
        indices(np.full(320, 7.0), design)
    with pytest.raises(CostModelError, match="resamples must be 16 or more; found 2"):
        indices(right, design, resamples=2)
