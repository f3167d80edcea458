"""Amounts of money and counts as arrays, refused where they are no amounts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import CostModelError


def amounts(value: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return an array of at least one axis, every element finite and at least 0.

    Raises
    ------
    CostModelError
        Names what was asked for and shows the first element that is no amount.

    Examples
    --------
    >>> amounts(2, "fee")
    array([2.])
    """
    array = np.atleast_1d(np.asarray(value, dtype=np.float64))
    good = np.isfinite(array) & (array >= 0)
    if not good.all():
        raise CostModelError(f"{what} must be a finite number of at least 0; found {array[~good][0]:g}")
    return array
