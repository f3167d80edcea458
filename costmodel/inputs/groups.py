"""Groups of parameters that are drawn together, built from the rows of a table.

Members are kept in the order of their names, so that a draw does not depend on the order of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from costmodel.inputs.basis import JOINT, cell_count
from costmodel.inputs.joint import Dirichlet, Joint, MultivariateNormal
from costmodel.inputs.parameter import Parameter
from costmodel.inputs.protocol import DistributionError

Covariances = Mapping[str, MultivariateNormal]


def members_of(rows: Iterable[Parameter]) -> dict[str, list[Parameter]]:
    """Return the members of each group, sorted by name."""
    found: dict[str, list[Parameter]] = {}
    for row in rows:
        if row.distribution in JOINT and row.group:
            found.setdefault(row.group, []).append(row)
    return {group: sorted(rows, key=lambda row: row.name) for group, rows in found.items()}


def dirichlet_of(members: Sequence[Parameter]) -> Dirichlet:
    """Return the Dirichlet distribution of a group's counts.

    Raises
    ------
    DistributionError
        A count is missing, not above 0, or the only one.
    """
    names = tuple(member.name for member in members)
    return Dirichlet(names, tuple(cell_count(member.basis) for member in members))


def joints_of(rows: Iterable[Parameter], covariances: Covariances) -> dict[str, Joint]:
    """Return the joint distribution of each group of a checked table."""
    return {
        group: dirichlet_of(members) if members[0].distribution == "dirichlet" else covariances[group]
        for group, members in members_of(rows).items()
    }


def fill_shares(rows: Sequence[Parameter]) -> list[Parameter]:
    """Return the rows with each blank (NaN) value of a Dirichlet cell replaced by its share of the counts.

    A group whose counts cannot be used is left as it is, for the checks to report.
    """
    shares: dict[str, float] = {}
    for members in members_of(rows).values():
        if all(member.distribution == "dirichlet" for member in members):
            try:
                joint = dirichlet_of(members)
            except DistributionError:
                continue
            shares.update(zip(joint.names, joint.means, strict=True))
    return [
        replace(row, value=shares.get(row.name, row.value))
        if row.distribution == "dirichlet" and math.isnan(row.value)
        else row
        for row in rows
    ]
