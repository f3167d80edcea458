"""The errors of fetching a file."""

from __future__ import annotations

from costmodel.errors import CostModelError


class FetchError(CostModelError):
    """A file could not be fetched; nothing but a part that can be resumed was written."""


class InterruptedTransferError(FetchError):
    """A transfer stopped early for a reason that may pass; another attempt may resume it.

    Parameters
    ----------
    message : str
    wait : float
        Seconds after which the server asks to be called again; 0 where it does not say.
    """

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class UnchangedError(Exception):
    """The server says that the file at hand is the one it has; no fault of anybody's."""
