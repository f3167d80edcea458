"""Reports: what a notebook's cells hand over, and the HTML and PDF made from an executed notebook."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costmodel.report.axes import figure_of
    from costmodel.report.build import Built, build_report
    from costmodel.report.change_figures import (
        competition_alt,
        competition_figure,
        waterfall_alt,
        waterfall_figure,
    )
    from costmodel.report.document import Rendered, render
    from costmodel.report.execution import execute
    from costmodel.report.findings import (
        Findings,
        cautions,
        ddd_of,
        headlines,
        key_results,
        perspective_label,
        price_pairs,
    )
    from costmodel.report.influence_figure import influence_alt, influence_diagram, influence_target
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
    from costmodel.report.records import FigureRecord, TableRecord
    from costmodel.report.show import show_figure, show_table, show_text
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
        scenario_table,
        segment_table,
    )
    from costmodel.report.style import bar_style, money, number, percent, significant, use_style
    from costmodel.report.taper_figure import taper_alt, taper_staircase
    from costmodel.report.text import escape_markdown

_HOMES = {
    "Built": "build",
    "FigureRecord": "records",
    "Findings": "findings",
    "PRICE_FORMATS": "narrative",
    "Rendered": "document",
    "ReportMetadata": "metadata",
    "TableRecord": "records",
    "bar_style": "style",
    "bound_table": "study_tables",
    "build_report": "build",
    "cautions": "findings",
    "competition_alt": "change_figures",
    "competition_figure": "change_figures",
    "component_table": "study_tables",
    "convention_table": "study_tables",
    "cost_note": "narrative",
    "cost_section": "narrative",
    "cost_table": "study_tables",
    "ddd_of": "findings",
    "escape_markdown": "text",
    "execute": "execution",
    "figure_of": "axes",
    "formula_table": "study_tables",
    "funnel_alt": "people_figures",
    "funnel_figure": "people_figures",
    "headlines": "findings",
    "increment_table": "study_tables",
    "influence_alt": "influence_figure",
    "influence_caption": "states",
    "influence_diagram": "influence_figure",
    "influence_target": "influence_figure",
    "input_section": "narrative",
    "input_table": "study_tables",
    "key_results": "findings",
    "ladder_alt": "price_figures",
    "model_section": "states",
    "money": "style",
    "money_columns": "narrative",
    "number": "style",
    "parade_alt": "people_figures",
    "parade_figure": "people_figures",
    "payer_alt": "study_figures",
    "payer_figure": "study_figures",
    "people_text": "people_figures",
    "percent": "style",
    "perspective_label": "findings",
    "price_alt": "study_figures",
    "price_figure": "study_figures",
    "price_ladder": "price_figures",
    "price_note": "narrative",
    "price_pairs": "findings",
    "price_path_alt": "price_figures",
    "price_path_figure": "price_figures",
    "price_section": "narrative",
    "price_table": "narrative",
    "ratio_alt": "price_figures",
    "ratio_figure": "price_figures",
    "render": "document",
    "scenario_alt": "study_figures",
    "scenario_figure": "study_figures",
    "scenario_section": "narrative",
    "scenario_table": "study_tables",
    "segment_table": "study_tables",
    "separate_perspectives": "narrative",
    "show_figure": "show",
    "show_table": "show",
    "show_text": "show",
    "significant": "style",
    "state_alt": "state_figure",
    "state_diagram": "state_figure",
    "taper_alt": "taper_figure",
    "taper_staircase": "taper_figure",
    "threshold_alt": "people_figures",
    "threshold_figure": "people_figures",
    "trace_alt": "occupancy_figure",
    "trace_figure": "occupancy_figure",
    "use_style": "style",
    "wages_alt": "people_figures",
    "wages_figure": "people_figures",
    "waterfall_alt": "change_figures",
    "waterfall_figure": "change_figures",
}

__all__ = [
    "PRICE_FORMATS",
    "Built",
    "FigureRecord",
    "Findings",
    "Rendered",
    "ReportMetadata",
    "TableRecord",
    "bar_style",
    "bound_table",
    "build_report",
    "cautions",
    "competition_alt",
    "competition_figure",
    "component_table",
    "convention_table",
    "cost_note",
    "cost_section",
    "cost_table",
    "ddd_of",
    "escape_markdown",
    "execute",
    "figure_of",
    "formula_table",
    "funnel_alt",
    "funnel_figure",
    "headlines",
    "increment_table",
    "influence_alt",
    "influence_caption",
    "influence_diagram",
    "influence_target",
    "input_section",
    "input_table",
    "key_results",
    "ladder_alt",
    "model_section",
    "money",
    "money_columns",
    "number",
    "parade_alt",
    "parade_figure",
    "payer_alt",
    "payer_figure",
    "people_text",
    "percent",
    "perspective_label",
    "price_alt",
    "price_figure",
    "price_ladder",
    "price_note",
    "price_pairs",
    "price_path_alt",
    "price_path_figure",
    "price_section",
    "price_table",
    "ratio_alt",
    "ratio_figure",
    "render",
    "scenario_alt",
    "scenario_figure",
    "scenario_section",
    "scenario_table",
    "segment_table",
    "separate_perspectives",
    "show_figure",
    "show_table",
    "show_text",
    "significant",
    "state_alt",
    "state_diagram",
    "taper_alt",
    "taper_staircase",
    "threshold_alt",
    "threshold_figure",
    "trace_alt",
    "trace_figure",
    "use_style",
    "wages_alt",
    "wages_figure",
    "waterfall_alt",
    "waterfall_figure",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing this package stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
