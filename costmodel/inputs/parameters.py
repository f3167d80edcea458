"""A table of parameters: checked as a whole, looked up by name, kept in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from costmodel.errors import Faults
from costmodel.inputs.basis import single_distribution
from costmodel.inputs.checking import check_rows
from costmodel.inputs.copula import RankCorrelations, member_findings
from costmodel.inputs.groups import Covariances, joints_of
from costmodel.inputs.joint import Joint
from costmodel.inputs.parameter import Parameter
from costmodel.inputs.protocol import Distribution
from costmodel.inputs.unknown import unknown

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "name",
    "value",
    "low",
    "high",
    "distribution",
    "basis",
    "unit",
    "price_year",
    "currency",
    "source",
    "locator",
    "status",
    "note",
)


@dataclass(frozen=True)
class Parameters(Mapping[str, Parameter]):
    """Parameters by name, in the order of the table, every rule of the format kept.

    Parameters
    ----------
    rows : tuple of Parameter
    covariances : mapping of str to MultivariateNormal
        By group; the names and means of each are those of the group's members, sorted by name.
    rank_correlations : RankCorrelations, optional
        Between parameters that are in no group.

    Raises
    ------
    DataError
        Every rule that a row or a group breaks.

    Examples
    --------
    >>> table = Parameters.of(
    ...     Parameter(
    ...         "p_relapse",
    ...         0.3,
    ...         distribution="beta",
    ...         basis="counts=30/70",
    ...         unit="proportion",
    ...         source="trial2020",
    ...         status="read",
    ...     ),
    ...     fixed_parameter("n_pills", 60, unit="tablets", status="assumed"),
    ... )
    >>> list(table), table["p_relapse"].value, table.distribution("p_relapse")
    (['p_relapse', 'n_pills'], 0.3, Beta(alpha=30.0, beta=70.0))
    >>> table["p_relaps"]
    Traceback (most recent call last):
        ...
    costmodel.inputs.unknown.UnknownNameError: there is no parameter 'p_relaps'; did you mean 'p_relapse'?
    """

    rows: tuple[Parameter, ...]
    covariances: Covariances = field(default_factory=dict)
    rank_correlations: RankCorrelations | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self.rows))
        faults = Faults("parameters")
        check_rows(self.rows, self.covariances, faults)
        if self.rank_correlations is not None:
            for finding in member_findings(self.rank_correlations.names, self.rows):
                faults.add(finding.rule, column=finding.row, found=finding.found, remedy=finding.remedy)
        faults.raise_if_any("the parameters cannot be used")

    @classmethod
    def of(
        cls,
        *rows: Parameter,
        covariances: Covariances | None = None,
        rank_correlations: RankCorrelations | None = None,
    ) -> Parameters:
        """Return a table of these parameters."""
        return cls(rows, covariances or {}, rank_correlations)

    def including(self, *rows: Parameter) -> Parameters:
        """Return a table with more parameters at its end, such as values bound from data tables."""
        return Parameters((*self.rows, *rows), self.covariances, self.rank_correlations)

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._by_name[name]
        except KeyError:
            raise unknown("parameter", name, list(self._by_name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {row.name: row for row in self.rows}

    @cached_property
    def joints(self) -> Mapping[str, Joint]:
        """The joint distribution of each group."""
        return joints_of(self.rows, self.covariances)

    def distribution(self, name: str) -> Distribution:
        """Return the distribution of one parameter; of a member of a group, its marginal distribution."""
        row = self[name]
        if row.group:
            return self.joints[row.group].marginal(name)
        return single_distribution(
            row.distribution, value=row.value, low=row.low, high=row.high, basis=row.basis
        )

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float] | None:
        """Return the range over which a one-way analysis varies a parameter.

        ``low`` and ``high`` where the table gives them, else the interval of the distribution, else None.

        Examples
        --------
        >>> table = Parameters.of(
        ...     fixed_parameter("rate", 0.03, unit="per year", status="assumed", low=0.0, high=0.05),
        ...     fixed_parameter("n_pills", 60, unit="tablets", status="assumed"),
        ... )
        >>> table.interval("rate"), table.interval("n_pills")
        ((0.0, 0.05), None)
        """
        row = self[name]
        if row.low is not None and row.high is not None:
            return row.low, row.high
        return self.distribution(name).interval(level) if row.uncertain else None

    def frame(self) -> pd.DataFrame:
        """Return a row per parameter, with the columns of the file; what is blank is missing."""
        import pandas as pd

        frame = pd.DataFrame([_cells(row) for row in self.rows], columns=list(COLUMNS))
        types = dict.fromkeys(("value", "low", "high"), "Float64") | {"price_year": "Int64"}
        return frame.astype(types)


def _cells(row: Parameter) -> dict[str, object]:
    cells = {column: getattr(row, column) for column in COLUMNS}
    return cells | {"distribution": distribution_cell(row)}


def distribution_cell(row: Parameter) -> str:
    """Return the distribution as the table writes it.

    Examples
    --------
    >>> distribution_cell(Parameter("p_ab", 0.2, distribution="dirichlet", group="from_a"))
    'dirichlet:from_a'
    """
    return f"{row.distribution}:{row.group}" if row.group else row.distribution


def fixed_parameter(
    name: str,
    value: float,
    *,
    unit: str,
    status: str,
    source: str = "",
    locator: str = "",
    low: float | None = None,
    high: float | None = None,
    price_year: int | None = None,
    currency: str = "",
    note: str = "",
) -> Parameter:
    """Return a checked parameter without a distribution, such as a price bound from a data table.

    Raises
    ------
    DataError
        Every rule that the parameter breaks.

    Examples
    --------
    >>> price = fixed_parameter(
    ...     "price_generic",
    ...     0.031,
    ...     unit="USD/unit",
    ...     currency="USD",
    ...     price_year=2026,
    ...     source="table:us/nadac",
    ...     status="read",
    ... )
    >>> price.money
    Money(currency='USD', price_year=2026)
    """
    row = Parameter(
        name,
        float(value),
        low=low,
        high=high,
        unit=unit,
        price_year=price_year,
        currency=currency,
        source=source,
        locator=locator,
        status=status,
        note=note,
    )
    return Parameters.of(row).rows[0]
