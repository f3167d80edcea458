"""Budget impact: worked by hand, against a slow oracle cohort by cohort, its directions and its refusals."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel.analysis
from costmodel import CostModelError
from costmodel.analysis import (
    Course,
    Population,
    PricePath,
    Uptake,
    budget_draws,
    budget_impact,
    budget_one_way,
    budget_scenarios,
)


def at(items, place):
    """Return an item of a list by year, whose last item holds."""
    return items[min(place, len(items) - 1)]


def slow(problem):
    """Return payer and patient cost by world and year of one draw, cohort by cohort in plain loops."""
    years, found = problem["years"], {}
    for world in ("without", "with"):
        total = [[0.0, 0.0] for _ in range(years)]
        cohorts = []  # [product, year of start, people]
        pool = 0.0
        for year in range(years):
            grown = (1 + problem["growth"]) ** year
            before = pool
            pool = before * (1 - problem["leaving"]) * (1 + problem["growth"]) + problem["incident"] * grown
            newcomers = before * (1 - problem["leaving"]) * max(problem["growth"], 0)
            newcomers += problem["incident"] * grown
            if year == 0:
                pool = newcomers = problem["eligible"] + problem["incident"]
            for cohort in cohorts:
                name, start, _ = cohort
                stay = problem["products"][name]["persistence"]
                now, then = at(stay, year - start), at(stay, year - start - 1)
                cohort[2] *= (now / then if then else 0) * (1 - problem["leaving"])
                cohort[2] *= 1 + min(problem["growth"], 0)
            for name in problem["products"]:
                share = problem[world][name][year]
                if problem["shares_of"] == "starting":
                    cohorts.append([name, year, newcomers * share])
                    continue
                own = [cohort for cohort in cohorts if cohort[0] == name]
                kept, wanted = sum(cohort[2] for cohort in own), pool * share
                if kept > wanted:
                    for cohort in own:
                        cohort[2] *= wanted / kept
                cohorts.append([name, year, max(wanted - kept, 0)])
            for name, start, people in cohorts:
                payer, patient = patient_year(problem["products"][name], year, year - start)
                total[year][0] += people * payer
                total[year][1] += people * patient
        found[world] = total
    return found


def patient_year(terms, year, since):
    price = (1 + terms["change"]) ** year
    if terms["loss"] is not None and year + 1 >= terms["loss"]:
        price *= at(terms["after"], year + 1 - terms["loss"])
    drug = at(terms["drug"], since) * price
    bill = drug * (1 + terms["mark_up"]) + terms["dispensing"]
    patient = min(bill, terms["patient_share"] * bill + terms["copay"])
    left = drug * (1 - patient / bill) if bill else 0
    payer = bill - patient - min(terms["rebate"] * drug, left)
    other = terms["other"]
    return payer + other * (1 - terms["patient_other"]), patient + other * terms["patient_other"]


def course(name, terms):
    return Course(
        product=name,
        drug=tuple(terms["drug"]),
        price=PricePath(
            change=terms["change"], loss_of_exclusivity=terms["loss"], price_after=tuple(terms["after"])
        ),
        mark_up=terms["mark_up"],
        rebate=terms["rebate"],
        dispensing=terms["dispensing"],
        other_care={"visits": terms["other"]},
        copay=terms["copay"],
        patient_share=terms["patient_share"],
        patient_share_other=terms["patient_other"],
        persistence=tuple(terms["persistence"]),
    )


def fast(problem):
    people = {name: problem[name] for name in ("eligible", "incident", "growth", "leaving")}
    return budget_impact(
        Population(segment="all", **people),
        [course(name, terms) for name, terms in problem["products"].items()],
        without=Uptake.table(problem["without"], years=problem["years"]),
        with_change=Uptake.table(problem["with"], years=problem["years"]),
        years=problem["years"],
        shares_of=problem["shares_of"],
    )


part = st.floats(0, 1).map(lambda x: round(x, 3))
cost = st.floats(0, 1000).map(lambda x: round(x, 1))


@st.composite
def problems(draw):
    years = draw(st.integers(1, 5))
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    worlds = {}
    for world in ("without", "with"):
        weights = [[draw(st.integers(0, 9)) for _ in names] for _ in range(years)]
        weights = [row if sum(row) else [1] * len(row) for row in weights]
        worlds[world] = {name: [row[n] / sum(row) for row in weights] for n, name in enumerate(names)}
    products = {
        name: {
            "drug": draw(st.lists(cost, min_size=1, max_size=3)),
            "change": draw(st.sampled_from([-0.1, 0, 0.05])),
            "loss": draw(st.sampled_from([None, 1, 2, 4, 9])),
            "after": draw(st.lists(part, min_size=1, max_size=3)),
            "persistence": [1.0, *sorted(draw(st.lists(part, max_size=3)), reverse=True)],
            **{name: draw(part) for name in ("mark_up", "rebate", "patient_share", "patient_other")},
            **{name: draw(cost) for name in ("dispensing", "copay")},
            "other": draw(st.floats(-100, 100).map(lambda x: round(x, 1))),
        }
        for name in names
    }
    return {
        "years": years,
        "products": products,
        **worlds,
        "eligible": draw(cost),
        "incident": draw(st.sampled_from([0, 12.5])),
        "growth": draw(st.sampled_from([-0.1, 0, 0.02])),
        "leaving": draw(st.sampled_from([0, 0.15, 1])),
        "shares_of": draw(st.sampled_from(["treated", "starting"])),
    }


@settings(deadline=None)
@given(problems())
def test_it_is_the_slow_loops_over_cohorts(problem):
    expected, found = slow(problem), fast(problem)
    for place, payer in enumerate(("payer", "patient")):
        for world in ("without", "with"):
            wanted = [year[place] for year in expected[world]]
            assert found.amounts(world, paid_by=payer)[0] == pytest.approx(wanted, rel=1e-9, abs=1e-6)


@settings(deadline=None)
@given(problems())
def test_savings_never_exceed_the_spend_and_tables_agree(problem):
    for terms in problem["products"].values():
        terms["other"] = abs(terms["other"])
    found = fast(problem)
    assert (found.impact() >= -found.amounts("without").sum(axis=1) - 1e-6).all()
    assert (found.amounts("with") >= -1e-6).all()
    assert (found.amounts("with", gross=True) >= found.amounts("with") - 1e-6).all()
    tidy = found.frame().groupby(["year", "paid_by", "world"])["amount"].sum()
    wide = found.by_year().set_index(["year", "paid_by"])
    for world in ("without", "with", "impact"):
        expected = wide[world].to_numpy()
        assert tidy.xs(world, level="world").loc[wide.index].to_numpy() == pytest.approx(expected, abs=1e-6)
    if problem["shares_of"] == "treated":
        people = found.people_by_product.sum(axis=(2, 4))[0]
        assert people == pytest.approx(np.broadcast_to(found.eligible[0, 0], people.shape), abs=1e-6)


def two_years(**options):
    """Return the two-year example that is worked out below."""
    terms = {"drug": (1000, 600), "price": PricePath(loss_of_exclusivity=2, price_after=0.5)}
    return budget_impact(
        Population(segment="all", eligible=100, incident=20, members=1000),
        [
            Course(product="new", persistence=(1, 0.5), rebate=0.1, copay=50, **terms),
            Course(product="old", drug=200),
        ],
        without=Uptake.constant({"old": 1}, years=2),
        with_change=Uptake.constant({"old": 0.75, "new": 0.25}, years=2),
        years=2,
        **options,
    )


def test_two_years_by_hand_with_shares_of_the_starting():
    # Year 1: 120 start, 30 on new. Each: drug 1000, patient 50, payer 950 less rebate 100 = 850.
    #   payer 30 x 850 = 25,500; the old drug would have cost 30 x 200 = 6,000; impact 19,500.
    # Year 2: 20 start, 5 on new at half price: drug 500, patient 50, payer 450 - 50 = 400: 2,000.
    #   Of the 30, 15 remain, in their second year: drug 600 x 0.5 = 300, patient 50,
    #   payer 250 - 30 = 220: 3,300.
    #   The old drug would have had all 30 + 5 at 200 = 7,000; impact 2,000 + 3,300 - 7,000 = -1,700.
    found = two_years(shares_of="starting")
    assert found.amounts("impact")[0].tolist() == pytest.approx([19_500, -1_700])
    assert found.amounts("impact", paid_by="patient")[0].tolist() == pytest.approx([30 * 50, 20 * 50])
    assert found.amounts("with", product="new", gross=True)[0].tolist() == pytest.approx([28_500, 6_000])
    assert found.amounts("with", component="rebate")[0].tolist() == pytest.approx([-3_000, -250 - 450])
    last = found.cumulative().query("paid_by == 'payer'")["impact"].iloc[-1]
    assert last == pytest.approx(17_800)


def test_two_years_by_hand_with_shares_of_the_treated():
    # Year 2: the pool is 140, so 35 are on new: 15 who stay (220 each to the payer) and 20 who start (400).
    #   15 x 220 + 20 x 400 = 11,300, against 35 x 200 = 7,000: impact 4,300. Year 1 as above.
    found = two_years()
    assert found.amounts("impact")[0].tolist() == pytest.approx([19_500, 4_300])
    people = found.people().query("product == 'new' and world == 'with'")["people"].tolist()
    assert people == pytest.approx([30, 35])
    pmpm = found.pmpm().query("paid_by == 'payer'")["impact"].tolist()
    assert pmpm == pytest.approx([19_500 / 12_000, 4_300 / 12_000])


def test_late_starters_run_their_own_clock_at_the_prices_of_the_calendar():
    # One starts each year, first year 100, later 10; the price halves in year 3.
    # Year 3: 100/2 for the newest, 10/2 each for the two before: 60.
    found = budget_impact(
        Population(segment="all", eligible=0, incident=1),
        [
            Course(product="new", drug=(100, 10), price=PricePath(loss_of_exclusivity=3, price_after=0.5)),
            Course(product="none"),
        ],
        without=Uptake.constant({"none": 1}, years=3),
        with_change=Uptake.constant({"new": 1}, years=3),
        years=3,
        shares_of="starting",
    )
    assert found.amounts("with")[0].tolist() == [100, 110, 60]


def test_a_rebate_is_held_to_what_the_payer_paid():
    # Bill 100, patient 80: the payer paid 20 for the drug; a rebate of half the price, 50, is held to 20.
    found = budget_impact(
        Population(segment="all", eligible=1),
        [Course(product="a", drug=100, rebate=0.5, copay=80)],
        without=Uptake.constant({"a": 1}, years=1),
        with_change=Uptake.constant({"a": 1}, years=1),
        years=1,
    )
    assert found.amounts("with")[0].tolist() == pytest.approx([0])
    assert found.amounts("with", paid_by="patient")[0].tolist() == pytest.approx([80])
    assert found.notes == ("the rebate of 'a' is held to what the payer pays for the drug",)
    assert two_years().notes == ()


def simple(price_new=100.0, growth=0.0, share=0.5, rebate=0.0, copay=0.0):
    return budget_impact(
        [Population(segment="young", eligible=50, growth=growth), Population(segment="old", eligible=10)],
        [Course(product="new", drug=price_new, rebate=rebate, copay=copay), Course(product="old", drug=40)],
        without=Uptake.constant({"new": 0, "old": 1}, years=3),
        with_change={
            "young": Uptake.linear({"new": 0, "old": 1}, {"new": share, "old": 1 - share}, years=3, over=2),
            "old": Uptake.constant({"old": 1}, years=3),
        },
        years=3,
    )


@pytest.mark.parametrize(
    ("name", "low", "high", "sign"),
    [
        ("price_new", 90, 110, 1),
        ("growth", 0, 0.1, 1),
        ("share", 0.2, 0.9, 1),
        ("rebate", 0, 0.3, -1),
        ("copay", 0, 20, -1),
    ],
)
def test_directions(name, low, high, sign):
    assert np.sign(simple(**{name: high}).impact()[0] - simple(**{name: low}).impact()[0]) == sign


def test_a_segment_without_change_has_no_impact():
    found = simple()
    assert found.amounts("impact", segment="old")[0].tolist() == [0, 0, 0]
    # young: 50 people, a quarter then half of them on new at 60 more: 750, 1,500, 1,500
    assert found.amounts("impact", segment="young")[0].tolist() == pytest.approx([750, 1500, 1500])


def test_nothing_paid_without_gives_no_ratio():
    found = simple().by_year().query("paid_by == 'patient'")
    assert found["relative"].isna().all()
    assert (found["without"] == 0).all()


def test_uptake_curves():
    start, end = {"a": 1, "b": 0}, {"a": 0.5, "b": 0.5}

    def b(uptake):
        return uptake.shares[0, :, 1].tolist()

    assert b(Uptake.constant(end, years=2)) == [0.5, 0.5]
    assert b(Uptake.linear(start, end, years=3, over=2)) == [0.25, 0.5, 0.5]
    assert b(Uptake.step(start, end, years=3, at=2)) == [0, 0.5, 0.5]
    expected = [0.5 / (1 + np.exp(-2 * (t - 1.5))) for t in (1, 2)]
    assert b(Uptake.logistic(start, end, years=2, midpoint=1.5, steepness=2)) == pytest.approx(expected)
    assert b(Uptake.table({"a": [0.9, 0.8], "b": [0.1, 0.2]}, years=2)) == [0.1, 0.2]


def test_draws_give_intervals_of_the_draws():
    prices = np.array([80.0, 100.0, 120.0])
    found = budget_draws(simple, {"price_new": prices})
    expected = np.array([simple(price_new=price).impact()[0] for price in prices])
    assert found.impact() == pytest.approx(expected)
    row = found.by_year(level=0.5).query("paid_by == 'payer' and year == 3").iloc[0]
    # year 3: 25 people x (price - 40): 1,000, 1,500, 2,000; quartiles 1,250 and 1,750
    assert row[["impact", "impact_low", "impact_high"]].tolist() == pytest.approx([1500, 1250, 1750])


def test_an_evaluation_that_loses_its_draws_is_refused():
    def broken(price_new):
        return simple(price_new=price_new[:2])

    with pytest.raises(CostModelError, match="given 3 draws and returned 2"):
        budget_draws(broken, {"price_new": [1, 2, 3]})


def test_one_way_ranks_by_swing_and_names_the_inert():
    base = {"price_new": 100.0, "rebate": 0.0, "copay": 0.0}
    ranges = {"copay": (0, 1), "price_new": (50, 150), "rebate": (0, 0.1)}
    table = budget_one_way(simple, base, ranges, year=3)
    assert table["parameter"].tolist() == ["price_new", "rebate", "copay"]
    assert table["swing"].tolist() == pytest.approx([2500, 250, 25])
    patient = budget_one_way(simple, base, ranges, year=3, paid_by="patient").set_index("parameter")
    assert patient.loc["rebate", "remark"].startswith("inert")
    assert patient.loc["copay", "remark"] == ""


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: Uptake.table({"a": [1, 1], "b": [0, 0]}, years=3),
            "'a' needs one value for each of 3 years; found 2",
        ),
        (lambda: Uptake.table({"a": [1, 1, 1]}, years=2), "2 years; found 3"),
        (
            lambda: Uptake.constant({"a": 0.5, "b": 0.4}, years=2),
            "must sum to 1 in every year; found 0.9 in year 1",
        ),
        (lambda: Uptake.table({"a": [1, 0.5], "b": [0, 0.6]}, years=2), "found 1.1 in year 2"),
        (
            lambda: Uptake.constant({"a": 1.5, "b": -0.5}, years=1),
            r"'a' before must lie in \[0, 1\]; found 1.5",
        ),
        (lambda: Uptake.linear({"a": 1}, {"b": 1}, years=1, over=1), "same products"),
        (lambda: Uptake.constant({"a": 1}, years=1.5), "whole number"),
        (lambda: Population.from_funnel(10, {"treated": 1.2}), r"funnel step 'treated' must lie in \[0, 1\]"),
        (lambda: Population(segment="s", eligible=5, members=4), "no fewer than those eligible"),
        (lambda: Population(segment="s", eligible=[1, 2], growth=[0, 0, 0]), "2 and 3 draws"),
        (lambda: Course(product="a", persistence=(1, 0.5, 0.6)), "start at 1 and never rise"),
        (lambda: Course(product="a", persistence=(0.9,)), "start at 1"),
        (lambda: Course(product="a", rebate=1.1), "rebate of 'a'"),
        (lambda: Course(product="a", drug=(5, -1)), "drug of 'a', year 2"),
        (lambda: Course(product="a", other_care={"rebate": 3}), "cannot be named 'rebate'"),
        (lambda: PricePath(loss_of_exclusivity=0).factors(2), "year of loss of exclusivity"),
        (lambda: simple().amounts("impct"), "did you mean 'impact'"),
        (lambda: simple().pmpm(), "members of every Population"),
        (lambda: simple().impact(year=4), r"year must lie in \[1, 3\]"),
        (lambda: two_years(rounded=True, shares_of="starting"), "shares of the treated only"),
        (lambda: budget_one_way(simple, {"price_new": 1}, {"price_now": (1, 2)}), "did you mean 'price_new'"),
        (lambda: budget_one_way(simple, {"price_new": 1}, {"price_new": (2, 1)}), "must rise"),
        (lambda: budget_one_way(simple, {"price_new": 1}, {}), "at least one range"),
        (lambda: budget_scenarios(simple, {"share": 1}, {"Base case": {}}), "name the scenario otherwise"),
    ],
)
def test_refusals_teach(call, words):
    with pytest.raises(CostModelError, match=words):
        call()


def impact_of(**changes):
    options = {
        "populations": Population(segment="all", eligible=1),
        "courses": [Course(product="a"), Course(product="b")],
        "without": Uptake.constant({"a": 1, "b": 0}, years=2),
        "with_change": Uptake.constant({"a": 0, "b": 1}, years=2),
        "years": 2,
    }
    return budget_impact(**{**options, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"years": 3}, "covers 2 years; the analysis covers 3"),
        ({"courses": [Course(product="a")]}, "product 'b' has no course"),
        ({"courses": [Course(product=x) for x in "abc"]}, "course 'c' has no uptake"),
        ({"without": {"al": Uptake.constant({"a": 1}, years=2)}}, "did you mean 'all'"),
        ({"without": {}}, "segment 'all' has no uptake"),
        ({"populations": [Population(segment="all", eligible=1)] * 2}, "named once"),
        ({"shares_of": "all"}, "shares_of"),
        (
            {"populations": Population(segment="all", eligible=[1, 2]),
             "courses": [Course(product="a", drug=np.ones(3)), Course(product="b")]},
            "2 and 3 draws",
        ),
    ],
)  # fmt: skip
def test_refusals_of_the_whole(changes, words):
    with pytest.raises(CostModelError, match=words):
        impact_of(**changes)


def test_it_needs_no_model():
    for path in Path(costmodel.analysis.__file__).parent.glob("*.py"):
        if path.stem.startswith("budget_") or path.stem in {"uptake", "overdraws"}:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    assert not node.module.startswith("costmodel.model"), path.name
