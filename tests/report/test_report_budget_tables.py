"""Tables and words of a study's budget impact, and its figure by payer."""

from dataclasses import replace

import numpy as np
import pytest

import costmodel as cm
from costmodel.analysis.budget_result import BudgetImpact
from costmodel.report import Findings
from costmodel.report.budget_figures import budget_by_segment, budget_by_segment_alt
from costmodel.report.budget_tables import (
    Budgets,
    budget_components,
    budget_note,
    budget_section,
    budget_summary,
    budget_table,
)
from costmodel.study import study_budget
from costmodel.study.budget_schema import BudgetSection
from costmodel.study.sample import Sample

SECTION = BudgetSection.model_validate(
    {
        "years": 2,
        "first_year": 2026,
        "payer": "payer",
        "changes": {"switch": {"without": "old", "with": "new", "label": "The switch"}},
    }
)


def impact(draws=1):
    """Return an impact of two payers: 3 million a year less 1 (A), and 2,000 more for patients (B)."""
    cost = np.zeros((draws, 2, 2, 2, 2, 2, 2))
    spread = np.linspace(0.5, 1.5, draws)[:, None] if draws > 1 else np.ones((1, 1))
    cost[:, 0, 0, :, 0, 0, 0] = 3e6 * spread
    cost[:, 1, 0, :, 1, 0, 0] = 2e6 * spread
    cost[:, 1, 1, :, 1, 1, 1] = 2000 * spread
    cost[:, 1, 1, :, 1, 0, 0] = 1e-9
    return BudgetImpact(
        segments=("A", "B"),
        products=("old", "new"),
        components=("drug", "copays"),
        currency="USD",
        cost=cost,
        people_by_product=np.zeros(cost.shape[:5]),
        eligible=np.ones((draws, 2, 2)),
        members=None,
        notes=("Prices are list prices",),
        basis="gross",
    )


def test_a_row_for_every_year_and_payer_and_for_all_of_them():
    table = budget_table(impact(), first_year=2026)
    assert table.to_numpy().tolist() == [
        ["2026", "A", "Payer", "3", "2", "−1"],
        ["2026", "B", "Patients", "0", "0.002", "0.002"],
        ["2026", "All", "Payer", "3", "2", "−1"],
        ["2026", "All", "Patients", "0", "0.002", "0.002"],
        ["2027", "A", "Payer", "3", "2", "−1"],
        ["2027", "B", "Patients", "0", "0.002", "0.002"],
        ["2027", "All", "Payer", "3", "2", "−1"],
        ["2027", "All", "Patients", "0", "0.002", "0.002"],
    ]
    assert budget_note(impact()) == "Million USD, undiscounted, gross of rebates. Prices are list prices."
    assert budget_note(impact(), notes=False) == "Million USD, undiscounted, gross of rebates."


def test_draws_put_an_interval_in_brackets():
    found = impact(101)
    # the impact is -1 million times 0.5 to 1.5, of which 95 % lie within 0.525 to 1.475
    assert budget_table(found)["Impact"].iloc[0] == "−1 (−1.48 to −0.525)"
    assert "In brackets the 95 % interval of 101 draws." in budget_note(found)


def test_the_summary_adds_up_the_years():
    table = budget_summary(Budgets(SECTION, {"switch": impact()}, "USD 2026"))
    assert table.to_numpy().tolist() == [
        ["The switch", "A", "Payer", "6", "4", "−2"],
        ["The switch", "B", "Patients", "0", "0.004", "0.004"],
        ["The switch", "All", "Payer", "6", "4", "−2"],
        ["The switch", "All", "Patients", "0", "0.004", "0.004"],
    ]


def test_the_components_are_those_of_the_sum():
    table = budget_components(impact(), {"drug": "The drug", "copays": "Copays"}.get)
    assert table[["Component", "Borne by", "Impact"]].to_numpy().tolist() == [
        ["The drug", "Payer", "−2"],
        ["Copays", "Patients", "0.004"],
        ["All", "Payer", "−2"],
        ["All", "Patients", "0.004"],
    ]


def test_the_words_give_sum_and_basis():
    words = budget_section(Budgets(SECTION, {"switch": impact()}, "USD 2026"))
    assert "2026 to 2027, in USD 2026, at constant prices, undiscounted and gross of rebates" in words
    assert "The switch, over all years, million USD: payer −2; patients 0.004." in words


def test_every_payer_has_a_panel_on_one_scale_and_the_text_says_its_numbers():
    figure = budget_by_segment(impact(101), first_year=2026)
    first, second = figure.axes
    assert [ax.get_title(loc="left") for ax in (first, second)] == ["A", "B"]
    assert first.get_ylim() == second.get_ylim()
    assert [bar.get_height() for bar in first.patches] == pytest.approx([-1, -1, 0, 0])
    assert first.collections[0].get_segments()[0][:, 1].tolist() == pytest.approx([-1.475, -0.525])
    assert figure.get_supylabel() == "Impact on the budget, million USD"
    words = budget_by_segment_alt(impact(101), first_year=2026)
    assert "A: Payer, gross of rebates: 2026 −1 (−1.48 to −0.525), 2027 −1 (−1.48 to −0.525)" in words


def test_axes_that_are_given_are_drawn_on():
    panels = budget_by_segment(impact()).axes
    assert budget_by_segment(impact(), axes=panels) is panels[0].figure


def test_the_draws_are_those_of_the_sample_or_the_studys_own(american):
    found, draws = Findings.of(american), american.draws(16)
    sampled = Budgets.of(found, Sample.of(american, draws=draws))
    expected = study_budget(american, draws=draws)["careful"].cost
    assert (sampled.impacts["careful"].cost == expected).all()
    assert sampled.label("so_far") == "Today's mix in place of all brand"
    few = american.spec.model_copy(
        update={"analysis": american.spec.analysis.model_copy(update={"draws": 8})}
    )
    assert Budgets.of(replace(found, study=replace(american, spec=few))).impacts["careful"].n_draws == 8


def test_a_study_without_a_budget_has_none():
    assert Budgets.of(Findings.of(cm.read_study("clonazepam-us-prices"))) is None
