"""What a generic and a brand-name medicine cost, for whom, and with what consequences.

A study is a folder of tables; everything else is derived from it::

    import costmodel as cm

    study = cm.read_study("clonazepam-us")
    outcomes = study.run()
    cm.incremental(outcomes)

The public names are listed in ``__all__``; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costmodel.analysis import Increment, incremental, judge
    from costmodel.datasets import check_datasets, describe, list_datasets, read_dataset
    from costmodel.errors import CostModelError, DataError
    from costmodel.formulas import Expression, FormulaError, parse
    from costmodel.inputs import (
        Draws,
        Parameter,
        Parameters,
        read_bibliography,
        read_parameters,
        write_parameters,
    )
    from costmodel.model import (
        Discounting,
        Model,
        Outcomes,
        Payoff,
        Strategy,
        Time,
        evaluate,
        occupancy,
        outcomes_from_function,
        outcomes_from_table,
        read_outcomes,
        simulate,
        simulate_times,
        write_outcomes,
    )
    from costmodel.populations import Segment, read_segments
    from costmodel.prices import PriceTable, annual_cost, compare_prices, prices, read_nadac, read_prices
    from costmodel.report import build_report, show_figure, show_table, show_text
    from costmodel.study import Study, Trace, read_study, result, trace, verify, write_study
    from costmodel.units import Money

_HOME = {
    "costmodel.analysis": ("Increment", "incremental", "judge"),
    "costmodel.datasets": ("check_datasets", "describe", "list_datasets", "read_dataset"),
    "costmodel.errors": ("CostModelError", "DataError"),
    "costmodel.formulas": ("Expression", "FormulaError", "parse"),
    "costmodel.inputs": (
        "Draws",
        "Parameter",
        "Parameters",
        "read_bibliography",
        "read_parameters",
        "write_parameters",
    ),
    "costmodel.model": (
        "Discounting",
        "Model",
        "Outcomes",
        "Payoff",
        "Strategy",
        "Time",
        "evaluate",
        "occupancy",
        "outcomes_from_function",
        "outcomes_from_table",
        "read_outcomes",
        "simulate",
        "simulate_times",
        "write_outcomes",
    ),
    "costmodel.populations": ("Segment", "read_segments"),
    "costmodel.prices": (
        "PriceTable",
        "annual_cost",
        "compare_prices",
        "prices",
        "read_nadac",
        "read_prices",
    ),
    "costmodel.report": ("build_report", "show_figure", "show_table", "show_text"),
    "costmodel.study": ("Study", "Trace", "read_study", "result", "trace", "verify", "write_study"),
    "costmodel.units": ("Money",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "CostModelError",
    "DataError",
    "Discounting",
    "Draws",
    "Expression",
    "FormulaError",
    "Increment",
    "Model",
    "Money",
    "Outcomes",
    "Parameter",
    "Parameters",
    "Payoff",
    "PriceTable",
    "Segment",
    "Strategy",
    "Study",
    "Time",
    "Trace",
    "__version__",
    "annual_cost",
    "build_report",
    "check_datasets",
    "compare_prices",
    "describe",
    "evaluate",
    "incremental",
    "judge",
    "list_datasets",
    "occupancy",
    "outcomes_from_function",
    "outcomes_from_table",
    "parse",
    "prices",
    "read_bibliography",
    "read_dataset",
    "read_nadac",
    "read_outcomes",
    "read_parameters",
    "read_prices",
    "read_segments",
    "read_study",
    "result",
    "show_figure",
    "show_table",
    "show_text",
    "simulate",
    "simulate_times",
    "trace",
    "verify",
    "write_outcomes",
    "write_parameters",
    "write_study",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'costmodel' has no attribute '{name}'")
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
