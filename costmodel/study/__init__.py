"""A study is a folder of tables; everything else is derived from it."""

from typing import TYPE_CHECKING

from costmodel.study.read import Study, find_study, read_study
from costmodel.study.result import result, to_json
from costmodel.study.trace import Trace, trace
from costmodel.study.write import write_study

if TYPE_CHECKING:
    from costmodel.study.verification import verify

__all__ = [
    "Study",
    "Trace",
    "find_study",
    "read_study",
    "result",
    "to_json",
    "trace",
    "verify",
    "write_study",
]


def __getattr__(name: str) -> object:
    """Import the tests of verification when they are asked for: running a study does without them."""
    if name != "verify":
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from costmodel.study.verification import verify

    return verify
