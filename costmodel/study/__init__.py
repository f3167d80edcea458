"""A study is a folder of tables; everything else is derived from it."""

from importlib import import_module
from typing import TYPE_CHECKING

from costmodel.study.claims import Claims, Verdict, claims, read_claims
from costmodel.study.quantities import Quantity
from costmodel.study.read import Study, find_study, read_study
from costmodel.study.result import result, to_json
from costmodel.study.sample import Sample
from costmodel.study.savings import savings
from costmodel.study.trace import Trace, trace
from costmodel.study.validation import Observation, read_validation, validation
from costmodel.study.write import write_study

if TYPE_CHECKING:
    from costmodel.study.against_individuals import cross_validation
    from costmodel.study.budget import study_budget
    from costmodel.study.verification import verify

__all__ = [
    "Claims",
    "Observation",
    "Quantity",
    "Sample",
    "Study",
    "Trace",
    "Verdict",
    "claims",
    "cross_validation",
    "find_study",
    "read_claims",
    "read_study",
    "read_validation",
    "result",
    "savings",
    "study_budget",
    "to_json",
    "trace",
    "validation",
    "verify",
    "write_study",
]


_LATER = {
    "cross_validation": "against_individuals",
    "study_budget": "budget",
    "verify": "verification",
}


def __getattr__(name: str) -> object:
    """Import analyses and the tests of verification when asked for: running a study does without them."""
    if name not in _LATER:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
