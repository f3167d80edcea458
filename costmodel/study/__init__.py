"""A study is a folder of tables; everything else is derived from it."""

from costmodel.study.read import Study, find_study, read_study
from costmodel.study.result import result, to_json
from costmodel.study.trace import Trace, trace
from costmodel.study.verify import verify
from costmodel.study.write import write_study

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
