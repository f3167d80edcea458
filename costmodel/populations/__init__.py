"""People: who is treated, who pays, who can afford it, and how use answers to price."""

from costmodel.populations.access import Access, Response, Split, access, split
from costmodel.populations.demand import Abandonment, quantity_ratio, respond
from costmodel.populations.funnel import Funnel, Step, funnel, reconcile
from costmodel.populations.raking import Raked, rake
from costmodel.populations.segments import Segment, read_segments, write_segments

__all__ = [
    "Abandonment",
    "Access",
    "Funnel",
    "Raked",
    "Response",
    "Segment",
    "Split",
    "Step",
    "access",
    "funnel",
    "quantity_ratio",
    "rake",
    "read_segments",
    "reconcile",
    "respond",
    "split",
    "write_segments",
]
