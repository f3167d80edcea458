"""One parameter: a number with its uncertainty, unit and source."""

from __future__ import annotations

from dataclasses import dataclass, field

from costmodel.units import Money

STATUSES = ("read", "computed", "recalled", "elicited", "assumed")
UNSOURCED = ("elicited", "assumed")


@dataclass(frozen=True)
class Parameter:
    """One row of a parameter table.

    A parameter on its own is not checked; it is when it becomes part of
    :class:`~costmodel.inputs.Parameters`.

    Parameters
    ----------
    name : str
    value : float
        The base-case value, in ``unit``.
    low, high : float or None
        What ``basis`` says they are: a 95 % interval, or the bounds of a range.
    distribution : str
        ``fixed``, ``normal``, ``lognormal``, ``beta``, ``gamma``, ``uniform``, ``triangular``,
        ``dirichlet`` or ``mvnormal``.
    group : str
        The parameters drawn together with this one; dirichlet and mvnormal only.
    basis : str
        What fixes the distribution: see :mod:`costmodel.inputs.basis`.
    unit : str
        Money as ``USD`` or ``USD/fill``, with ``currency`` and ``price_year``.
    source : str
        A key of references.bib, or ``table:us/nadac``; several are separated by semicolons.
    locator : str
        Where in the source: a page, table or query.
    status : {"read", "computed", "recalled", "elicited", "assumed"}
        Whether the number was read in the source, computed here from numbers that were, recalled from
        memory and not checked, elicited from experts, or assumed.
    line : int or None
        Line of the file that it was read from; not part of its identity.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    distribution: str = "fixed"
    group: str = ""
    basis: str = ""
    unit: str = ""
    price_year: int | None = None
    currency: str = ""
    source: str = ""
    locator: str = ""
    status: str = ""
    note: str = ""
    line: int | None = field(default=None, compare=False)

    @property
    def money(self) -> Money | None:
        """The money that the value is measured in, if it is an amount of money.

        Examples
        --------
        >>> Parameter("c_fill", 12.5, unit="USD/fill", currency="USD", price_year=2026).money
        Money(currency='USD', price_year=2026)
        """
        if not self.currency or self.price_year is None:
            return None
        return Money(self.currency, self.price_year)

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys that ``source`` names.

        Examples
        --------
        >>> Parameter("c_fill", 12.5, source="meps2022; table:us/nadac").sources
        ('meps2022', 'table:us/nadac')
        """
        return tuple(key for key in (part.strip() for part in self.source.split(";")) if key)

    @property
    def uncertain(self) -> bool:
        """Whether its value differs between draws."""
        return self.distribution != "fixed"
