"""The error for a name that is not there: it gives the nearest one."""

from __future__ import annotations

from collections.abc import Collection

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError


class UnknownNameError(CostModelError, KeyError):
    """A mapping has no such name; a ``KeyError`` too, so that ``get`` and ``in`` work as usual."""

    def __str__(self) -> str:
        return str(self.args[0])


def unknown(what: str, name: object, choices: Collection[str]) -> UnknownNameError:
    """Return the error that says what was asked for, and what comes near.

    Examples
    --------
    >>> print(unknown("parameter", "c_fil", ["c_fill", "c_visit"]))
    there is no parameter 'c_fil'; did you mean 'c_fill'?
    """
    return UnknownNameError(f"there is no {what} '{name}'; {did_you_mean(str(name), choices)}")
