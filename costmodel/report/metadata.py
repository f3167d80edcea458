"""What stands on a report's title page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from costmodel.errors import CostModelError
from costmodel.report.text import clean

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?\Z")


@dataclass(frozen=True, kw_only=True)
class ReportMetadata:
    """What stands on a report's title page, and what libraries and screen readers read of it.

    Attributes
    ----------
    title, subtitle : str
    authors : tuple of str
    date : str
        ISO date such as ``"2026-04-29"``, shown as given; midnight UTC of it is the PDF's time.
    description : str
        One sentence for catalogues and search engines; not shown.
    language : str
        Language of the text, such as ``"en-GB"``.
    keywords : tuple of str
    summary : tuple of str
        The headline results as short sentences, in plain text: a panel on the title page.

    Examples
    --------
    >>> metadata = ReportMetadata(title="Generic and brand", date="2026-04-29")
    >>> metadata.timestamp
    1777420800
    """

    title: str
    date: str
    subtitle: str = ""
    authors: Sequence[str] = ()
    description: str = ""
    language: str = "en-GB"
    keywords: Sequence[str] = ()
    summary: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not clean(self.title):
            raise CostModelError("a report needs a title")
        for field in ("authors", "keywords", "summary"):
            if isinstance(getattr(self, field), str):
                raise CostModelError(f"{field}: give a list of texts, not one text")
            object.__setattr__(self, field, tuple(getattr(self, field)))
        if not _LANGUAGE.match(self.language):
            raise CostModelError(f"language: '{self.language}' is not a language such as 'en-GB' or 'pl'")
        _ = self.timestamp

    @property
    def timestamp(self) -> int:
        """Midnight UTC of the date, in seconds since 1970."""
        try:
            day = dt.date.fromisoformat(self.date)
        except ValueError as error:
            raise CostModelError(f"date: '{self.date}' is not a date such as '2026-04-29'") from error
        return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
