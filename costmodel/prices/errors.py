"""The error of a price that cannot be found, matched or compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd


class PriceError(CostModelError):
    """A question put to a price table has no answer, or more than one.

    Parameters
    ----------
    message : str
        What was asked, what was found, and what to do.
    candidates : pandas.DataFrame, optional
        What the message lists, whole.

    Examples
    --------
    >>> error = PriceError("two currencies: EUR, USD; select one")
    >>> error.candidates is None
    True
    """

    def __init__(self, message: str, candidates: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.candidates = candidates
