"""Models from elsewhere enter at outcomes, and outcomes survive a file: signs, labels, money, every bit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.analysis.incremental import increments
from costmodel.errors import CostModelError, DataError
from costmodel.model import (
    Outcomes,
    evaluate,
    outcomes_from_function,
    outcomes_from_table,
    read_outcomes,
    write_outcomes,
)
from costmodel.model.examples import two_prices, two_prices_draws, well_or_dead, well_or_dead_draws
from costmodel.units import Money

MONEY = {"currency": "USD", "price_year": 2026}
ARRAYS = ("discounted", "undiscounted", "by_year", "sizes")


def table(**columns):
    """Two draws of a brand and a generic that is cheaper and better."""
    given = {
        "draw": [1, 2, 1, 2],
        "strategy": ["brand", "brand", "generic", "generic"],
        "cost": [1500.0, 1600.0, 20.0, 18.0],
        "qaly": [0.7, 0.8, 0.75, 0.85],
    }
    return pd.DataFrame(given | columns)


def read(frame, **options):
    return outcomes_from_table(frame, **(MONEY | {"comparator": "brand"} | options))


def faults(frame, **options):
    with pytest.raises(DataError) as caught:
        read(frame, **options)
    return caught.value.items


# A table


def test_every_number_stands_where_its_labels_say():
    outcomes = read(table().iloc[[3, 0, 2, 1]])
    assert outcomes.strategies == ("generic", "brand")
    assert outcomes.cost("total").tolist() == [[20.0, 18.0], [1500.0, 1600.0]]
    assert outcomes.total("qaly").tolist() == [[0.75, 0.85], [0.7, 0.8]]
    assert outcomes.measures == {"cost": "cost", "qaly": "qaly"}
    assert outcomes.money == Money("USD", 2026)


def test_the_decision_rests_on_the_named_comparator_and_not_on_the_order_of_rows():
    """A known fault elsewhere: a wrapper takes the first strategy for the new one, and the decision turns."""
    for order in ([0, 1, 2, 3], [2, 3, 0, 1], [3, 0, 1, 2]):
        (found,) = increments(read(table().iloc[order]))
        assert (found.strategy, found.comparator, found.label) == ("generic", "brand", "dominant")
        assert found.cost == pytest.approx((20 + 18 - 1500 - 1600) / 2)
    (turned,) = increments(read(table(), comparator="generic"))
    assert (turned.strategy, turned.label) == ("brand", "dominated")
    assert turned.cost == pytest.approx(1531)
    assert turned.effect_difference == pytest.approx(-0.05)


def test_segments_weigh_by_their_sizes():
    frame = pd.concat(
        [table(segment="young", size=300.0), table(segment="old", size=100.0, cost=[0.0, 0.0, 40.0, 40.0])]
    )
    outcomes = read(frame)
    assert outcomes.segments == ("young", "old")
    assert outcomes.cost("total")[1].tolist() == [(3 * 20 + 40) / 4, (3 * 18 + 40) / 4]


def test_columns_of_other_names_are_measures_when_their_kind_is_given():
    frame = table().rename(columns={"cost": "Drug cost"}).assign(visits=[10.0, 11.0, 12.0, 13.0])
    outcomes = read(
        frame,
        kinds={"Drug cost": "cost", "visits": "cost"},
        perspectives={"payer": ["Drug cost"], "all": ["Drug cost", "visits"]},
    )
    assert outcomes.cost("payer")[0].tolist() == [1500.0, 1600.0]
    assert outcomes.cost("all")[0].tolist() == [1510.0, 1611.0]


def test_undiscounted_totals_stand_beside_discounted_ones():
    outcomes = read(table(cost_undiscounted=[1700.0, 1800.0, 22.0, 20.0]))
    assert outcomes.total("cost", discounted=False)[0].tolist() == [1700.0, 1800.0]
    assert outcomes.total("cost")[0].tolist() == [1500.0, 1600.0]
    assert outcomes.years("cost")[:, :, 0].tolist() == [[1700.0, 1800.0], [22.0, 20.0]]
    assert outcomes.total("qaly", discounted=False)[0].tolist() == [0.7, 0.8]


def test_one_draw_needs_no_number():
    outcomes = read(table().query("draw == 1").drop(columns="draw"))
    assert outcomes.cost("total").tolist() == [[1500.0], [20.0]]


def test_a_file_from_a_spreadsheet_is_read(tmp_path):
    path = tmp_path / "psa.csv"
    path.write_bytes(
        b"\xef\xbb\xbfdraw;strategy;Cost;QALY\r\n1;brand;1500,5;0,7\r\n1;generic;-20,25;0,75\r\n;;;\r\n"
    )
    outcomes = read(path)
    assert outcomes.cost("total").tolist() == [[1500.5], [-20.25]]
    assert outcomes.total("QALY").tolist() == [[0.7], [0.75]]


def test_all_faults_of_a_file_are_collected_with_their_lines(tmp_path):
    path = tmp_path / "psa.csv"
    path.write_text(
        "draw,strategy,cost,qaly,currency\n1,brand,,0.7,USD\n1.5,brand,10,0.8,USD\n1,generic,inf,0.7,GBP\n"
    )
    found = {(item.row, item.column) for item in faults(path)}
    assert found == {(2, "cost"), (3, "draw"), (4, "cost"), (4, "currency")}


CELLS = [
    ({"cost": [1500.0, np.nan, 20.0, 18.0]}, (3, "cost", "must have a value", "empty")),
    ({"cost": [1500.0, 1.0, np.inf, 18.0]}, (4, "cost", "must be a finite number", "inf")),
    ({"cost": ["1500", "1", "2", "3"]}, (2, "cost", "must be a finite number", "1500")),
    ({"qaly": [True, False, True, True]}, (2, "qaly", "must be a finite number", "True")),
    ({"draw": [1.0, 2.5, 1.0, 2.0]}, (3, "draw", "must be a whole number", "2.5")),
    ({"strategy": ["brand", "", "generic", "generic"]}, (3, "strategy", "must have a value", "empty")),
    ({"strategy": [1, 1, 2, 2]}, (2, "strategy", "must be text", "1")),
    ({"currency": ["USD", "USD", "GBP", "GBP"]}, (4, "currency", "money of two kinds", "GBP")),
    ({"price_year": [2026, 2025, 2026, 2026]}, (3, "price_year", "must be 2026 throughout", "2025")),
    (
        {"draw": [1, 1, 1, 2]},
        (3, "draw", "each draw may stand only once", "'brand', segment 'all' repeats draw 1"),
    ),
    ({"draw": [1, 2, 1, 3]}, (None, "draw", "same draws", "'brand', segment 'all' lacks draw 3")),
    ({"size": [1.0, 1.0, 2.0, 1.0]}, (4, "size", "the same for every strategy", "2 instead of 1")),
    (
        {"segment": ["a", "a", "b", "b"]},
        (None, "draw", "same draws", "'brand', segment 'b' lacks draws 1, 2"),
    ),
    ({"segment": ["a", "b", "a", "b"], "draw": 1}, (1, "size", "segments need sizes", "2 segments")),
    ({"notes": [1.0, 2.0, 3.0, 4.0]}, (1, "notes", "not known what this column measures", "notes")),
]


@pytest.mark.parametrize(("columns", "wanted"), CELLS, ids=lambda value: str(list(value))[:30])
def test_a_fault_is_placed_and_explained(columns, wanted):
    row, column, rule, shown = wanted
    assert any(
        item.row == row and item.column == column and rule in item.rule and shown in item.found
        for item in faults(table(**columns))
    )


ARGUMENTS = [
    ({"comparator": "brnd"}, "the comparator is no strategy", "did you mean 'brand'?"),
    ({"currency": "dollars"}, "is no price level", ""),
    ({"kinds": {"cots": "cost"}}, "names a column that is not there", "did you mean 'cost'?"),
    ({"kinds": {"cost": "costs"}}, "is no kind of measure", "did you mean 'cost'?"),
    ({"kinds": {"cost": "effect"}}, "must have a column of costs", "`kinds`"),
    ({"perspectives": {"payer": ["qaly"]}}, "names a column that is no cost", "one of: cost"),
]


@pytest.mark.parametrize(("options", "rule", "remedy"), ARGUMENTS)
def test_an_option_at_fault_is_explained(options, rule, remedy):
    assert any(rule in item.rule and remedy in item.remedy for item in faults(table(), **options))


def test_a_table_without_strategies_or_rows_is_refused():
    assert any(item.column == "strategy" for item in faults(table().drop(columns="strategy")))
    assert [item.rule for item in faults(table().iloc[:0])] == ["must have rows"]


# A function


def test_a_function_of_the_draws_is_checked_and_taken():
    outcomes = outcomes_from_function(lambda draws: evaluate(two_prices(), draws), two_prices_draws())
    assert outcomes.cost("payer").tolist() == [[400.0], [100.0]]


def many(values):
    base = well_or_dead_draws()
    return base.take(np.zeros(len(values), dtype=int)).replace(p_death=np.array(values))


def test_a_function_that_adds_randomness_of_its_own_is_refused():
    generator = np.random.default_rng(1)

    def model(draws):
        return evaluate(well_or_dead(), draws.replace(p_death=generator.uniform(size=draws.n)))

    with pytest.raises(CostModelError, match=r"draw 0 of 3 .* strategy 'care', measure 'life_years'"):
        outcomes_from_function(model, many([0.1, 0.2, 0.3]))


def test_a_function_that_mixes_draws_up_is_refused():
    def model(draws):
        return evaluate(well_or_dead(), draws.take(np.argsort(-draws["p_death"])))

    with pytest.raises(CostModelError, match="each draw its own result"):
        outcomes_from_function(model, many([0.1, 0.3, 0.2]))


def test_a_function_that_returns_something_else_is_refused():
    with pytest.raises(CostModelError, match="must return Outcomes; found DataFrame"):
        outcomes_from_function(lambda _: pd.DataFrame(), two_prices_draws())
    with pytest.raises(CostModelError, match="one result per draw, 2 in all; found 1"):
        outcomes_from_function(lambda draws: evaluate(well_or_dead(), draws.take([0])), many([0.1, 0.2]))


# A file

NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u00a0"), min_size=1, max_size=6
).filter(lambda text: text == text.strip())
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def names(most):
    return st.lists(NAMES, min_size=1, max_size=most, unique=True)


@st.composite
def random_outcomes(draw):
    strategies, segments, measures = draw(names(3)), draw(names(2)), draw(names(3))
    kinds = {
        name: draw(st.sampled_from(["cost", "qaly", "life_years", "event", "effect"])) for name in measures
    }
    costs = [name for name, kind in kinds.items() if kind == "cost"]
    n_draws, n_years = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    shape = (len(strategies), len(measures), n_draws, len(segments))

    def array(*size, elements=NUMBERS):
        count = int(np.prod(size))
        return np.array(draw(st.lists(elements, min_size=count, max_size=count))).reshape(size)

    return Outcomes(
        study=draw(NAMES),
        money=Money(draw(st.sampled_from(["USD", "GBP", "JPY"])), draw(st.integers(1970, 2040))),
        strategies=tuple(strategies),
        comparator=draw(st.sampled_from(strategies)),
        measures=kinds,
        segments=tuple(segments),
        perspectives={name: tuple(draw(st.permutations(costs))) for name in draw(names(2))},
        discounted=array(*shape),
        undiscounted=array(*shape),
        by_year=array(*shape, n_years),
        sizes=array(n_draws, len(segments), elements=st.floats(1e-3, 1e9)),
        clipped=draw(st.dictionaries(NAMES, st.integers(0, 9), max_size=2)),
        resampled=draw(st.integers(0, 9)),
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@given(outcomes=random_outcomes())
@settings(max_examples=60, deadline=None)
def test_a_round_trip_changes_nothing(outcomes, ending, tmp_path_factory):
    path = write_outcomes(outcomes, tmp_path_factory.mktemp("trip") / f"run.{ending}")
    again = read_outcomes(path)
    for name in (
        "study",
        "money",
        "strategies",
        "comparator",
        "measures",
        "segments",
        "perspectives",
        "clipped",
        "resampled",
    ):
        assert getattr(again, name) == getattr(outcomes, name), name
    assert list(again.measures) == list(outcomes.measures)
    assert list(again.perspectives) == list(outcomes.perspectives)
    for name in ARRAYS:
        ours, theirs = getattr(outcomes, name), getattr(again, name)
        assert ours.shape == theirs.shape
        assert ours.tobytes() == theirs.tobytes(), name


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_decision_survives_the_file(ending, tmp_path):
    outcomes = read(table())
    again = read_outcomes(write_outcomes(outcomes, tmp_path / f"run.{ending}"))
    assert increments(again) == increments(outcomes)
    assert increments(again)[0].label == "dominant"


def written(tmp_path, change):
    path = write_outcomes(read(table()), tmp_path / "run.csv")
    change(pd.read_csv(path)).to_csv(path, index=False)
    return path


def test_rows_may_be_sorted_otherwise(tmp_path):
    again = read_outcomes(written(tmp_path, lambda frame: frame.sort_values(["draw", "strategy"])))
    assert again.cost("total").tolist() == [[1500.0, 1600.0], [20.0, 18.0]]


DAMAGE = [
    (lambda frame: frame.iloc[1:], "must have the same draws", "strategy 'brand', measure 'cost'"),
    (lambda frame: pd.concat([frame, frame.iloc[:1]]), "each draw may stand only once", "repeats draw 0"),
    (lambda frame: frame.assign(currency=["GBP"] + ["USD"] * 7), "the same in every row", "USD after GBP"),
    (lambda frame: frame.assign(kind=["cost", "qaly"] * 4), "must be of one kind", "cost: qaly after cost"),
    (lambda frame: frame.assign(size=[2.0] + [1.0] * 7), "must be the same for every", "1 instead of 2"),
    (lambda frame: frame.assign(comparator="none"), "the comparator 'none' is no strategy", ""),
    (lambda frame: frame.assign(perspectives="{}]"), "perspectives must be sets of measures", ""),
    (lambda frame: frame.assign(perspectives='{"payer": ["qaly"]}'), "which is no cost measure", ""),
    (lambda frame: frame.assign(clipped='{"a": 1.5}'), "clipped must be counts", ""),
    (lambda frame: frame.drop(columns="segment"), "column is missing", "study"),
    (lambda frame: frame.assign(note="x"), "is not a column of outcomes", "note"),
    (lambda frame: frame.rename(columns={"year_1": "year_2"}), "is not a column of outcomes", "year_2"),
    (lambda frame: frame.assign(discounted=np.inf), "must be a number", "inf"),
    (lambda frame: frame.iloc[:0], "must have rows", ""),
]


@pytest.mark.parametrize(("change", "rule", "shown"), DAMAGE, ids=[case[1] for case in DAMAGE])
def test_a_damaged_file_is_refused_with_the_fault(tmp_path, change, rule, shown):
    with pytest.raises(DataError) as caught:
        read_outcomes(written(tmp_path, change))
    assert any(rule in item.rule and shown in item.found for item in caught.value.items), caught.value


def test_paths_and_labels_that_cannot_be_kept_are_refused(tmp_path):
    outcomes = read(table())
    with pytest.raises(CostModelError, match=r"'\.xlsx' is unknown"):
        write_outcomes(outcomes, tmp_path / "run.xlsx")
    with pytest.raises(CostModelError, match="without blanks at its ends; found ' '"):
        write_outcomes(read(table(), study=" "), tmp_path / "run.csv")
    with pytest.raises(CostModelError, match="does not exist"):
        read_outcomes(tmp_path / "none.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"no")
    with pytest.raises(CostModelError, match="is no Parquet file"):
        read_outcomes(tmp_path / "broken.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.parquet"]
