"""Published models, each a study folder without a line of Python, reproduced to the printed digits."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm
from costmodel.inputs import base_draws, draws
from costmodel.model import evaluate
from costmodel.model.accrual import cycle_matrix
from costmodel.model.evaluate import wanted_names
from costmodel.model.run import run_strategy
from costmodel.model.values import environments

HERE = Path(__file__).parent


@cache
def study(name):
    return cm.read_study(HERE / name)


@cache
def base(name, scenario=None):
    return study(name).run(scenario)


def total(outcomes, measure, **options):
    """Return a measure per person by strategy."""
    return outcomes.total(measure, **options)[:, 0]


def occupancy(name, strategy, *, segment=0):
    """Return the share in each state at each boundary, shape (boundary, state)."""
    model, drawn = study(name).model(), study(name).draws()
    found = environments(model, drawn, wanted_names(model))[strategy]
    trace = run_strategy(model, found, drawn.n, strategy=strategy).trace
    return np.column_stack([trace.collapsed(state)[:, 0, segment] for state in model.states.names])


def increment(outcomes, strategy, *, effect, segment=None):
    table = cm.incremental(outcomes, segment=segment).set_index(["strategy", "perspective", "effect"])
    return table.loc[(strategy, "total", effect)]


def test_hiv_of_chancellor_and_briggs():
    outcomes = base("hiv_briggs_dmhee")
    assert outcomes.cost("total")[:, 0] == pytest.approx([44663.45356369666, 50601.65133120371], abs=1e-6)
    assert total(outcomes, "life_years") == pytest.approx([7.991206645840881, 8.937388891643469], abs=1e-7)
    found = increment(outcomes, "combination", effect="life_years")
    assert found["cost"] == pytest.approx(5938.198, abs=5e-4)
    assert found["effect_difference"] == pytest.approx(0.9461822, abs=5e-8)
    assert found["ratio"] == pytest.approx(6275.9556035318, abs=1e-4)


def test_hiv_of_chancellor_and_briggs_undiscounted_components():
    outcomes = base("hiv_briggs_dmhee")
    care = total(outcomes, "health_care", discounted=False)
    drugs = total(outcomes, "drugs", discounted=False)
    assert care == pytest.approx([45541.24, 48082.83], abs=0.005)
    assert drugs == pytest.approx([18203.97, 24492.28], abs=0.005)
    assert outcomes.years("drugs").sum(axis=2)[:, 0] == pytest.approx(drugs, rel=1e-12)


def test_hiv_of_heemod_homogeneous():
    outcomes = base("hiv_heemod_homogeneous")
    cohort = outcomes.sizes.sum()
    assert cohort == 1000
    care, drugs = cohort * total(outcomes, "health_care"), cohort * total(outcomes, "drugs")
    assert care == pytest.approx([33891136.01730885, 48739756.897249706], abs=1e-6)
    assert drugs == pytest.approx([14870957.029052831, 44245090.91033841], abs=1e-6)
    assert cohort * outcomes.cost("total")[:, 0] == pytest.approx([48762093, 92984848], abs=0.5)
    years = cohort * total(outcomes, "life_years")
    assert years == pytest.approx([8585.84314564078, 17256.937167024767], abs=1e-9)
    found = increment(outcomes, "combination", effect="life_years")
    assert found["cost"] == pytest.approx(44222.75, abs=0.005)
    assert found["effect_difference"] == pytest.approx(8.671094, abs=6e-7)
    assert found["ratio"] == pytest.approx(5100.02021107921, abs=1e-6)


@pytest.mark.parametrize(
    ("threshold", "behind"),
    [(1000, (0, 35551.66)), (5000, (0, 867.2847)), (6000, (7803.809, 0)), (10000, (42488.19, 0))],
)
def test_hiv_of_heemod_homogeneous_net_benefit_behind_the_best(threshold, behind):
    outcomes = base("hiv_heemod_homogeneous")
    benefit = threshold * total(outcomes, "life_years") - outcomes.cost("total")[:, 0]
    assert benefit.max() - benefit == pytest.approx(behind, abs=0.005)


DSA = {
    (): (48417031.147403456, 85148060.1895648, 8463.387268713474, 14198.650587881668, 6404.418942614228),
    ("c_lamivudine", 1500): (48417031, 79593035, 8463.387, 14198.651, 5435.845),
    ("c_lamivudine", 3000): (48417031, 93812382, 8463.387, 14198.651, 7915.129),
    ("c_zidovudine", 1500): (43363208, 77772959, 8463.387, 14198.651, 5999.681),
    ("c_zidovudine", 3000): (53107083, 91992306, 8463.387, 14198.651, 6780.024),
    ("r_discount", 0.04): (53238469, 97480846, 8463.387, 14198.651, 7714.097),
    ("r_discount", 0.08): (44351921, 75259528, 8463.387, 14198.651, 5389.047),
    ("rr_combination", 0.4): (48417031, 89573275, 8463.387, 15852.19, 5570.083),
    ("rr_combination", 0.6): (48417031, 80800674, 8463.387, 12881.97, 7328.966),
}


@pytest.mark.parametrize("changed", DSA, ids=str)
def test_hiv_of_heemod_base_case_and_one_way(changed):
    found = study("hiv_heemod_dsa")
    values = dict([changed]) if changed else {}
    outcomes = evaluate(found.model(), base_draws(found.parameters).replace(**values))
    *expected, ratio = DSA[changed]
    cohort = outcomes.sizes.sum()
    assert cohort * outcomes.cost("total")[:, 0] == pytest.approx(expected[:2], abs=0.6)
    assert cohort * total(outcomes, "life_years") == pytest.approx(expected[2:], abs=0.0006)
    assert increment(outcomes, "combination", effect="life_years")["ratio"] == pytest.approx(ratio, abs=6e-4)


def test_every_range_of_the_one_way_analysis_stands_in_the_table():
    parameters = study("hiv_heemod_dsa").parameters
    ranges = {(name, row.low) for name, row in parameters.items() if row.low is not None}
    ranges |= {(name, row.high) for name, row in parameters.items() if row.high is not None}
    assert ranges == set(DSA) - {()}


def test_hip_replacement_of_briggs():
    outcomes = base("thr_briggs_dmhee")
    assert outcomes.cost("total", segment="women_60")[:, 0] == pytest.approx(
        [512.4346583436432, 610.311817757583], abs=1e-9
    )
    assert total(outcomes, "qaly", segment="women_60") == pytest.approx(
        [14.653189614825317, 14.69770985730615], abs=1e-11
    )
    found = increment(outcomes, "new", effect="qaly", segment="women_60")
    assert found["cost"] == pytest.approx(610.311818 - 512.434658, abs=2e-6)
    assert found["effect_difference"] == pytest.approx(14.69770986 - 14.6531896, abs=1e-7)
    assert found["ratio"] == pytest.approx(2198.486664938538, abs=1e-5)


def test_hip_replacement_counted_at_the_beginning_of_cycles():
    outcomes = base("thr_briggs_dmhee", "beginning")
    cost = outcomes.cost("total", segment="women_60")[:, 0]
    qaly = total(outcomes, "qaly", segment="women_60")
    assert cost == pytest.approx([512.4326665243477, 610.3112455143222], abs=1e-6)
    assert qaly == pytest.approx([14.652830106478271, 14.697341060681115], abs=1e-7)
    found = increment(outcomes, "new", effect="qaly", segment="women_60")
    assert found["cost"] == pytest.approx(97.87858, abs=5e-6)
    assert found["effect_difference"] == pytest.approx(0.04451095, abs=5e-9)
    assert found["ratio"] == pytest.approx(2198.9773246362192, abs=1e-5)


HIP_TRACE = {
    "standard": [
        [0.98, 0, 0, 0.02],
        [0.9726572, 0.0007768, 0, 0.026566],
        [0.96516548, 0.00097491, 0.00075606, 0.03310354],
        [0.95757109, 0.00115802, 0.00166964, 0.03960125],
        [0.93783561, 0.00132115, 0.00268314, 0.0581601],
    ],
    "new": [
        [0.98, 0, 0, 0.02],
        [0.97323145, 0.00020255, 0, 0.026566],
        [0.96645641, 0.00025438, 0.00019715, 0.03309206],
        [0.95968665, 0.00030239, 0.00043553, 0.03957543],
        [0.94083683, 0.00034529, 0.00070021, 0.05811767],
    ],
}


@pytest.mark.parametrize("strategy", HIP_TRACE)
def test_hip_replacement_trace(strategy):
    shares = occupancy("thr_briggs_dmhee", strategy, segment=1)
    assert shares[0].tolist() == [1, 0, 0, 0, 0]
    assert shares[1:6, 1:] == pytest.approx(np.array(HIP_TRACE[strategy]), abs=1e-8)
    assert (shares[1:, 0] == 0).all()


def hip_by_hand(*, age, male, new):
    """Return cost and QALY of one subgroup: a loop over cycles with the book's own spreadsheet columns."""
    mortality = {
        0: [0.00099, 0.0026, 0.0067, 0.0193, 0.0535, 0.1548],
        1: [0.00151, 0.00393, 0.0109, 0.0316, 0.0801, 0.1879],
    }
    gamma = np.exp(0.3740968)
    scale = np.exp(-5.490935 - 0.0367022 * age + 0.768536 * male - (1.344474 if new else 0))
    primary, success, revision, again, dead = 1.0, 0.0, 0.0, 0.0, 0.0
    cost, qaly = 579.0 if new else 394.0, 0.0
    for t in range(1, 61):
        death = mortality[male][min(5, (age + t - 35) // 10)]
        revise = 1 - np.exp(scale * ((t - 1) ** gamma - t**gamma))
        primary, success, revision, again, dead = (
            0.0,
            primary * 0.98 + success * (1 - revise - death),
            success * revise + again * 0.04,
            revision * (1 - 0.02 - death) + again * (1 - 0.04 - death),
            dead + primary * 0.02 + (success + again) * death + revision * (0.02 + death),
        )
        cost += revision * 5294 / 1.06**t
        qaly += (success * 0.85 + revision * 0.3 + again * 0.75) / 1.015**t
    assert primary + success + revision + again + dead == pytest.approx(1)
    return cost, qaly


@pytest.mark.parametrize("male", [0, 1])
@pytest.mark.parametrize("age", [40, 60, 80])
def test_hip_replacement_in_every_subgroup(age, male):
    outcomes = base("thr_briggs_dmhee")
    segment = f"{'men' if male else 'women'}_{age}"
    for position, new in enumerate([False, True]):
        cost, qaly = hip_by_hand(age=age, male=male, new=new)
        assert outcomes.cost("total", segment=segment)[position, 0] == pytest.approx(cost, rel=1e-12)
        assert total(outcomes, "qaly", segment=segment)[position] == pytest.approx(qaly, rel=1e-12)


def test_hip_replacement_coefficients_are_drawn_together():
    parameters = study("thr_briggs_dmhee").parameters
    drawn = draws(parameters, n=4096, seed=3)
    names = ["b_lngamma", "b_cons", "b_age", "b_male", "b_np1"]
    found = np.cov(np.array([drawn[name] for name in names]))
    spread = np.sqrt(np.diag(found))
    assert spread == pytest.approx([0.0474501, 0.207892, 0.0052112, 0.109066, 0.3825815], rel=0.03)
    correlation = found / np.outer(spread, spread)
    assert correlation[0, 1] == pytest.approx(-0.005691 / (0.0474501 * 0.207892), abs=0.03)
    assert correlation[1, 2] == pytest.approx(-0.000783 / (0.207892 * 0.0052112), abs=0.03)
    outcomes = evaluate(study("thr_briggs_dmhee").model(), drawn)
    assert outcomes.cost("total", segment="women_60").mean(axis=1) == pytest.approx([512, 610], rel=0.1)


ARMS = ("standard_of_care", "a", "b", "ab")
DARTH = {
    None: (
        [151579.86595738993, 284804.5133705725, 259100.4106170045, 378875.19839449215],
        [20.711331464322175, 21.498662808437544, 22.1844651408455, 23.13684413500261],
        (72987.63606665272, 125763.78575368777),
    ),
    "composite_simpson": (
        [152091.96733756294, 285543.5208311666, 259882.98052140055, 379888.59736992844],
        [21.020746590311376, 21.814537980205817, 22.49032470177104, 23.448764819881113],
        (73348.27073381878, 125209.30059268013),
    ),
    "half_cycle": (
        [152262.29071826537, 285676.9230196188, 259991.51526985, 379955.4473468784],
        [21.038150923113005, 21.828836409713688, 22.51119814276284, 23.466845589527875],
        (73133.58534235814, 125531.57807632795),
    ),
    "every_boundary": (
        [153541.41293063213, 287185.6407758665, 261490.97437179234, 381676.09574088274],
        [21.554486610501698, 22.345544455889716, 23.032607807126553, 23.988968925785922],
        (73031.60369234436, 125669.18397682908),
    ),
}


@pytest.mark.parametrize("scenario", DARTH, ids=str)
def test_sick_sicker_of_darth(scenario):
    outcomes = base("darth_sick_sicker_time_independent", scenario)
    cost, qaly = outcomes.cost("total")[:, 0], total(outcomes, "qaly")
    costs, qalys, (b_against_care, ab_against_b) = DARTH[scenario]
    assert outcomes.strategies == ARMS
    assert cost == pytest.approx(costs, rel=1e-12)
    assert qaly == pytest.approx(qalys, rel=1e-12)
    found = increment(outcomes, "b", effect="qaly")
    assert found["ratio"] == pytest.approx(b_against_care, rel=1e-10)
    assert (cost[3] - cost[2]) / (qaly[3] - qaly[2]) == pytest.approx(ab_against_b, rel=1e-10)
    assert cost[1] > cost[2]
    assert qaly[1] < qaly[2], "strategy A is dominated by B"


def test_sick_sicker_of_darth_as_printed():
    outcomes = base("darth_sick_sicker_time_independent")
    cost, qaly = outcomes.cost("total")[:, 0], total(outcomes, "qaly")
    assert cost == pytest.approx([151580, 284805, 259100, 378875], abs=0.6)
    assert qaly == pytest.approx([20.711, 21.499, 22.184, 23.137], abs=0.0006)
    steps = np.diff(cost[[0, 2, 3]]), np.diff(qaly[[0, 2, 3]])
    assert steps[0] == pytest.approx([107521, 119775], abs=0.6)
    assert steps[1] == pytest.approx([1.473, 0.952], abs=0.0006)
    assert steps[0] / steps[1] == pytest.approx([72988, 125764], abs=0.6)


def test_sick_sicker_by_the_rule_that_is_exact_for_a_constant():
    """Named Simpson counts 75 cycles; the printed weights and the 1/3 weights count 74.67."""
    model = study("darth_sick_sicker_time_independent").model
    for scenario, cycles in [
        ("simpson", 75),
        ("half_cycle", 75),
        (None, 224 / 3),
        ("composite_simpson", 224 / 3),
    ]:
        rule = model(scenario).time.within_cycle
        weights = cycle_matrix(rule, 75).sum(axis=0)
        assert weights.sum() == pytest.approx(cycles, rel=1e-13), scenario
    exact = base("darth_sick_sicker_time_independent", "simpson")
    halved = base("darth_sick_sicker_time_independent", "half_cycle")
    assert total(exact, "qaly") == pytest.approx(total(halved, "qaly"), rel=2e-3)
    assert exact.cost("total")[:, 0] == pytest.approx(halved.cost("total")[:, 0], rel=2e-3)
    composite = base("darth_sick_sicker_time_independent", "composite_simpson")
    assert total(exact, "qaly") == pytest.approx(total(composite, "qaly"), rel=2e-3)


VALVE = {
    1: (6000, 2000, 2000, 0.74, 0.74),
    2: (3600, 2400, 4000, 0.528, 1.268),
    3: (2160, 2160, 5680, 0.3672, 1.6352),
    5: (777.6, 1296.0, 7926.4, 0.1685, 2.0542),
    10: (60.47, 201.55, 9737.98, 0.0202, 2.3395),
    20: (0.37, 2.44, 9997.2, 0.0002, 2.3747),
    25: (0.03, 0.24, 9999.73, 0.0, 2.375),
}


@pytest.mark.parametrize("cycle", VALVE)
def test_heart_valve_of_sonnenberg_and_beck(cycle):
    outcomes = base("phv_sonnenberg_beck")
    people = outcomes.sizes.sum() * occupancy("phv_sonnenberg_beck", "valve")[cycle]
    assert people == pytest.approx(VALVE[cycle][:3], abs=0.006)
    by_year = outcomes.years("qaly")[0, 0]
    assert by_year[cycle - 1] == pytest.approx(VALVE[cycle][3], abs=6e-5)
    assert by_year[:cycle].sum() == pytest.approx(VALVE[cycle][4], abs=6e-5)


def test_heart_valve_totals_by_closed_form():
    """The fundamental matrix gives the sum to infinity; 25 cycles fall short by the last ones."""
    assert total(base("phv_sonnenberg_beck"), "qaly") == pytest.approx([2.374968371304566], abs=1e-12)
    assert total(base("phv_sonnenberg_beck", "half_cycle"), "qaly") == pytest.approx(
        [2.874933307282663], abs=1e-12
    )
    matrix = np.array([[0.6, 0.2], [0.0, 0.6]])
    forever = (np.linalg.inv(np.eye(2) - matrix) - np.eye(2))[0] @ [1, 0.7]
    assert total(base("phv_sonnenberg_beck"), "qaly") == pytest.approx([forever], abs=1e-4)


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in HERE.glob("*/study.toml")), ids=lambda path: path.name
)
def test_written_and_read_again_they_are_the_same(folder, tmp_path):
    first = cm.read_study(folder)
    again = cm.read_study(cm.write_study(first, tmp_path / "again"))
    assert again.parameters == first.parameters
    assert (again.run(n=8).discounted == first.run(n=8).discounted).all()
