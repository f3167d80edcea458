"""Reports: what a notebook's cells hand over, and the HTML and PDF made from an executed notebook."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from costmodel.report.names import HOMES

if TYPE_CHECKING:
    from costmodel.report.assumption_tables import assumption_note, assumption_section, assumption_table
    from costmodel.report.axes import figure_of
    from costmodel.report.budget_figures import (
        budget_by_segment,
        budget_by_segment_alt,
        budget_impact_alt,
        budget_impact_by_year,
    )
    from costmodel.report.budget_tables import (
        BUDGET_ALIGN,
        Budgets,
        budget_components,
        budget_note,
        budget_section,
        budget_summary,
        budget_table,
    )
    from costmodel.report.build import Built, build_report
    from costmodel.report.change_figures import (
        competition_alt,
        competition_figure,
        waterfall_alt,
        waterfall_figure,
    )
    from costmodel.report.change_section import change_parts, change_table
    from costmodel.report.claim_tables import (
        Argument,
        claim_section,
        claim_table,
        quantity_table,
        validation_table,
    )
    from costmodel.report.cross_validation_tables import cross_validation_section, cross_validation_table
    from costmodel.report.decomposition_figures import (
        decomposition_alt,
        decomposition_figure,
        decomposition_rows,
    )
    from costmodel.report.document import Rendered, render
    from costmodel.report.execution import execute
    from costmodel.report.findings import Findings, cautions, ddd_of, perspective_label, price_pairs
    from costmodel.report.influence_figure import influence_alt, influence_diagram, influence_target
    from costmodel.report.interval_figure import interval_alt, interval_marks, interval_panels
    from costmodel.report.inventory_tables import inventory_note, inventory_section, inventory_table
    from costmodel.report.key_results import headlines
    from costmodel.report.metadata import ReportMetadata
    from costmodel.report.narrative import (
        PRICE_FORMATS,
        cost_note,
        cost_section,
        input_section,
        money_columns,
        price_note,
        price_section,
        price_table,
        scenario_section,
        separate_perspectives,
    )
    from costmodel.report.occupancy_figure import trace_alt, trace_figure
    from costmodel.report.payment_figures import (
        money_flow_alt,
        money_flow_figure,
        plan_year_alt,
        plan_year_figure,
    )
    from costmodel.report.people_figures import (
        funnel_alt,
        funnel_figure,
        parade_alt,
        parade_figure,
        people_text,
        threshold_alt,
        threshold_figure,
        wages_alt,
        wages_figure,
    )
    from costmodel.report.price_figures import (
        ladder_alt,
        price_ladder,
        price_path_alt,
        price_path_figure,
        ratio_alt,
        ratio_figure,
    )
    from costmodel.report.price_tables import (
        concat,
        country_rows,
        curve_rows,
        ladder_rows,
        path_rows,
        product_label,
        ratio_rows,
        regimen_table,
        savings_table,
        trend_table,
        waterfall_rows,
    )
    from costmodel.report.records import FigureRecord, TableRecord
    from costmodel.report.risks_figure import risk_alt, risk_figure, risk_rest, risk_table
    from costmodel.report.sensitivity_figures import (
        grid_alt,
        grid_figure,
        information_alt,
        information_figure,
        sampling_alt,
        sampling_figure,
        tornado_alt,
        tornado_figure,
        tornado_rest,
    )
    from costmodel.report.show import show_figure, show_headlines, show_table, show_text
    from costmodel.report.state_figure import state_alt, state_diagram
    from costmodel.report.states import influence_caption, model_section
    from costmodel.report.study_figures import (
        payer_alt,
        payer_figure,
        price_alt,
        price_figure,
        scenario_alt,
        scenario_figure,
    )
    from costmodel.report.study_tables import (
        bound_table,
        component_table,
        convention_table,
        cost_table,
        formula_table,
        increment_table,
        input_table,
        payoff_note,
        payoff_table,
        scenario_table,
        segment_table,
    )
    from costmodel.report.style import bar_style, money, number, percent, significant, use_style
    from costmodel.report.taper_figure import taper_alt, taper_staircase
    from costmodel.report.text import escape_markdown
    from costmodel.report.uncertainty_figures import (
        acceptability_alt,
        acceptability_figure,
        convergence_alt,
        convergence_figure,
        loss_alt,
        loss_figure,
        plane_alt,
        plane_figure,
    )
    from costmodel.report.uncertainty_tables import (
        against,
        decides,
        event_rows,
        event_table,
        knowledge_section,
        knowledge_table,
        purchase_rows,
        purchase_table,
    )
    from costmodel.report.variance_figure import indices_alt, indices_figure, indices_rest
    from costmodel.report.verification_tables import (
        verification_list,
        verification_note,
        verification_section,
        verification_table,
    )

_HOMES = {name: module for module, names in HOMES.items() for name in names}

__all__ = [
    "BUDGET_ALIGN",
    "PRICE_FORMATS",
    "Argument",
    "Budgets",
    "Built",
    "FigureRecord",
    "Findings",
    "Rendered",
    "ReportMetadata",
    "TableRecord",
    "acceptability_alt",
    "acceptability_figure",
    "against",
    "assumption_note",
    "assumption_section",
    "assumption_table",
    "bar_style",
    "bound_table",
    "budget_by_segment",
    "budget_by_segment_alt",
    "budget_components",
    "budget_impact_alt",
    "budget_impact_by_year",
    "budget_note",
    "budget_section",
    "budget_summary",
    "budget_table",
    "build_report",
    "cautions",
    "change_parts",
    "change_table",
    "claim_section",
    "claim_table",
    "competition_alt",
    "competition_figure",
    "component_table",
    "concat",
    "convention_table",
    "convergence_alt",
    "convergence_figure",
    "cost_note",
    "cost_section",
    "cost_table",
    "country_rows",
    "cross_validation_section",
    "cross_validation_table",
    "curve_rows",
    "ddd_of",
    "decides",
    "decomposition_alt",
    "decomposition_figure",
    "decomposition_rows",
    "escape_markdown",
    "event_rows",
    "event_table",
    "execute",
    "figure_of",
    "formula_table",
    "funnel_alt",
    "funnel_figure",
    "grid_alt",
    "grid_figure",
    "headlines",
    "increment_table",
    "indices_alt",
    "indices_figure",
    "indices_rest",
    "influence_alt",
    "influence_caption",
    "influence_diagram",
    "influence_target",
    "information_alt",
    "information_figure",
    "input_section",
    "input_table",
    "interval_alt",
    "interval_marks",
    "interval_panels",
    "inventory_note",
    "inventory_section",
    "inventory_table",
    "knowledge_section",
    "knowledge_table",
    "ladder_alt",
    "ladder_rows",
    "loss_alt",
    "loss_figure",
    "model_section",
    "money",
    "money_columns",
    "money_flow_alt",
    "money_flow_figure",
    "number",
    "parade_alt",
    "parade_figure",
    "path_rows",
    "payer_alt",
    "payer_figure",
    "payoff_note",
    "payoff_table",
    "people_text",
    "percent",
    "perspective_label",
    "plan_year_alt",
    "plan_year_figure",
    "plane_alt",
    "plane_figure",
    "price_alt",
    "price_figure",
    "price_ladder",
    "price_note",
    "price_pairs",
    "price_path_alt",
    "price_path_figure",
    "price_section",
    "price_table",
    "product_label",
    "purchase_rows",
    "purchase_table",
    "quantity_table",
    "ratio_alt",
    "ratio_figure",
    "ratio_rows",
    "regimen_table",
    "render",
    "risk_alt",
    "risk_figure",
    "risk_rest",
    "risk_table",
    "sampling_alt",
    "sampling_figure",
    "savings_table",
    "scenario_alt",
    "scenario_figure",
    "scenario_section",
    "scenario_table",
    "segment_table",
    "separate_perspectives",
    "show_figure",
    "show_headlines",
    "show_table",
    "show_text",
    "significant",
    "state_alt",
    "state_diagram",
    "taper_alt",
    "taper_staircase",
    "threshold_alt",
    "threshold_figure",
    "tornado_alt",
    "tornado_figure",
    "tornado_rest",
    "trace_alt",
    "trace_figure",
    "trend_table",
    "use_style",
    "validation_table",
    "verification_list",
    "verification_note",
    "verification_section",
    "verification_table",
    "wages_alt",
    "wages_figure",
    "waterfall_alt",
    "waterfall_figure",
    "waterfall_rows",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing this package stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
