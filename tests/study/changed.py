"""A study with other values."""

from dataclasses import replace


def changed(study, **values):
    """Return the study with other, fixed values of its parameters."""
    rows = tuple(
        replace(row, value=values[row.name], low=None, high=None, distribution="fixed", basis="")
        if row.name in values
        else row
        for row in study.parameters.rows
    )
    return replace(study, parameters=replace(study.parameters, rows=rows))
