"""Other values for a study's parameters, such as those of one person: checked, fixed, and said to be set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from costmodel.checks import did_you_mean
from costmodel.errors import DataError, Faults
from costmodel.inputs import Parameter, Parameters

if TYPE_CHECKING:
    from costmodel.study.bind import Bound

FLAG = "0 or 1"
"""The unit of a parameter that says no or yes."""


def set_values(
    parameters: Parameters, values: Mapping[str, float], bound: Mapping[str, Bound] | None = None
) -> Parameters:
    """Return the table with other, fixed values; each row says that it was set, and from what.

    Parameters
    ----------
    parameters : Parameters
    values : mapping of str to float
        By name, each in the parameter's own unit.
    bound : mapping of str to Bound, optional
        The parameters that are read from tables, which cannot be set.

    Raises
    ------
    DataError
        Every name that is unknown, read from a table or drawn together with others; every value that is not
        finite, outside the range that a fixed row states, or neither 0 nor 1 where the unit says so.

    Examples
    --------
    >>> from costmodel.inputs import fixed_parameter
    >>> table = Parameters.of(
    ...     fixed_parameter("age_start", 45, unit="years", status="assumed", low=18, high=100)
    ... )
    >>> older = set_values(table, {"age_start": 74})
    >>> older["age_start"].value, older["age_start"].note
    (74.0, 'Set to 74 in place of 45')
    """
    faults = Faults("values")
    changed = {}
    for name, value in values.items():
        if name not in parameters:
            remedy = did_you_mean(name, list(parameters))
            faults.add("there is no such parameter", column=name, found=f"{value:g}", remedy=remedy)
        elif name in (bound or {}):
            remedy = "change the query in study.toml, or set it in a scenario there"
            faults.add("a parameter that is read from a table cannot be set", column=name, remedy=remedy)
        elif parameters[name].group:
            faults.add(
                "a parameter that is drawn together with others cannot be set alone",
                column=name,
                found=f"group {parameters[name].group}",
                remedy="change the group's rows in parameters.csv",
            )
        else:
            changed[name] = _set(parameters[name], value, faults)
    faults.raise_if_any("these values cannot be set")
    rows = tuple(changed.get(row.name, row) for row in parameters.rows)
    try:
        return Parameters(rows, parameters.covariances, parameters.rank_correlations)
    except DataError as problem:
        raise DataError("these values cannot be set", problem.items) from problem


def _set(row: Parameter, value: float, faults: Faults) -> Parameter:
    """Return the row with a fixed value. The interval of an uncertain row is no bound, and is dropped."""
    low, high = (None, None) if row.uncertain else (row.low, row.high)
    within = f"{'any finite number' if low is None else f'from {low:g} to {high:g}'}, {row.unit}"
    least, most = (-math.inf, math.inf) if low is None or high is None else (low, high)
    if not (math.isfinite(value) and least <= value <= most):
        faults.add("out of range", column=row.name, found=f"{value:g}", remedy=f"give {within}")
    elif row.unit == FLAG and value not in (0, 1):
        faults.add("must be 0 or 1", column=row.name, found=f"{value:g}", remedy="0 for no, 1 for yes")
    return replace(
        row,
        value=float(value),
        low=low,
        high=high,
        distribution="fixed",
        basis="",
        source="",
        locator="",
        status="assumed",
        note=f"Set to {value:g} in place of {row.value:g}",
    )
