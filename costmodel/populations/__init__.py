"""Who is treated: population groups with their size and the parameters in which they differ."""

from costmodel.populations.segments import Segment, read_segments, write_segments

__all__ = ["Segment", "read_segments", "write_segments"]
