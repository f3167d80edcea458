"""A file on its way: the bytes that have arrived, and what is needed to ask for the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from costmodel.files import write_atomic


@dataclass(frozen=True)
class Partial:
    """The part of a file that has arrived, with a note of the release it belongs to."""

    path: Path

    @property
    def note(self) -> Path:
        """Where the address and the release of the part are noted."""
        return self.path.with_name(self.path.name + ".json")

    @property
    def size(self) -> int:
        """The bytes that have arrived."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def release(self, url: str) -> str:
        """Return what names the release of the part: a strong ETag or a date; blank when unknown."""
        try:
            noted = json.loads(self.note.read_text("utf-8"))
        except (OSError, ValueError):
            return ""
        same = isinstance(noted, dict) and noted.get("url") == url
        return str(noted.get("release", "")) if same and self.size else ""

    def begin(self, url: str, release: str) -> None:
        """Forget what has arrived and note what comes next."""
        self.discard()
        write_atomic(self.note, json.dumps({"url": url, "release": release}) + "\n")

    def discard(self) -> None:
        """Delete the part and its note."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)
