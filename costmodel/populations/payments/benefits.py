"""A benefit: who pays which part of a fill, phase by phase; its rules are rows of a table, none is code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.checks import did_you_mean
from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, Faults
from costmodel.populations.payments.refusals import note_faults
from costmodel.populations.payments.rules import CLASSES, TIERS, Rule, rules_of
from costmodel.tables import read_csv

if TYPE_CHECKING:
    import pandas as pd

_TABLE = "populations/benefits"


@dataclass(frozen=True)
class Benefit:
    """How the cost of fills is shared in one plan year.

    Parameters
    ----------
    name : str
    year : int
        The plan year its values hold for.
    currency : str
        ISO 4217 code of every amount of money.
    rules : tuple of Rule
    origin : str
        The file the rules were read from; errors name it.

    Raises
    ------
    DataError
        Every fault, with its row: a cap below the deductible, a negative copay, coinsurance above 1, a phase
        without an end, a fill that nobody pays in full.

    Examples
    --------
    >>> from costmodel.populations.payments import benefit
    >>> part_d = benefit("part_d", 2026)
    >>> part_d.phases, part_d.payer
    (('deductible', 'initial coverage', 'catastrophic'), 'plan')
    >>> part_d.value("until_out_of_pocket", phase=2)
    2100.0
    """

    name: str
    year: int
    currency: str
    rules: tuple[Rule, ...]
    origin: str = "benefit"

    def __post_init__(self) -> None:
        faults = Faults(self.origin)
        note_faults(self.rules, faults)
        faults.raise_if_any(f"benefit '{self.name}' of {self.year} cannot be used")

    def __str__(self) -> str:
        return f"{self.name} {self.year}"

    @property
    def phases(self) -> tuple[str, ...]:
        """Names of the phases, in the order in which a year runs through them."""
        names = {rule.phase: rule.phase_name for rule in self.rules if rule.phase}
        return tuple(names[phase] or f"phase {phase}" for phase in sorted(names))

    @property
    def products(self) -> tuple[str, ...]:
        """The tiers that a fill must name, else the classes."""
        tiers = tuple(tier for tier in TIERS if any(rule.product == tier for rule in self.rules))
        return tiers or CLASSES

    @property
    def payer(self) -> str:
        """Who pays what nobody else does: ``plan``, ``government``, or nobody (``""``)."""
        return next((rule.party for rule in self.rules if rule.kind == "rest"), "")

    @property
    def uncertain(self) -> tuple[Rule, ...]:
        """Rules whose value was recalled or assumed rather than read."""
        return tuple(rule for rule in self.rules if not rule.certain)

    def value(self, kind: str, *, phase: int = 1, product: str = "any", party: str | None = None) -> float:
        """Return the value of one rule as it stands in the table.

        Raises
        ------
        CostModelError
            No such rule, or more than one.
        """
        found = [rule for rule in self.rules if _is(rule, kind, phase, product, party)]
        if len(found) != 1:
            where = f"phase {phase}, product '{product}'"
            raise CostModelError(f"{self}: {len(found)} rules of kind '{kind}' in {where}; must be one")
        return found[0].value

    def with_value(self, kind: str, value: float, *, phase: int = 1, product: str = "any") -> Benefit:
        """Return the benefit with one value changed, for what-if questions; the rule then says assumed."""
        self.value(kind, phase=phase, product=product)
        flag = "changed for a what-if question"
        rules = [
            replace(rule, value=float(value), status="assumed", flag=flag)
            if _is(rule, kind, phase, product, None)
            else rule
            for rule in self.rules
        ]
        return replace(self, rules=tuple(rules))

    def frame(self) -> pd.DataFrame:
        """Return one row per rule with value, source and whether it was read, recalled or assumed."""
        import pandas as pd

        frame = pd.DataFrame([vars(rule) for rule in self.rules]).drop(columns="line")
        frame.insert(0, "currency", self.currency)
        frame.insert(0, "year", self.year)
        frame.insert(0, "benefit", self.name)
        return frame


def _is(rule: Rule, kind: str, phase: int, product: str, party: str | None) -> bool:
    same = rule.kind == kind and rule.phase == phase and rule.product == product
    return same and party in (None, rule.party)


def read_benefits(path: Path | str) -> dict[tuple[str, int], Benefit]:
    """Read a table of benefits in long form: one row per benefit, year, phase, product, party and kind.

    Returns
    -------
    dict of (str, int) to Benefit
        By name and plan year, in the order of the file.

    Raises
    ------
    DataError
        All faults of the whole file at once, each with its row.
    """
    table = read_csv(path)
    faults = Faults(table.file)
    grouped = rules_of(table, faults)
    for rules in grouped.values():
        note_faults(rules, faults)
    _one_currency(grouped, faults)
    faults.raise_if_any(f"{table.file} cannot be used")
    return {
        (name, year): Benefit(name, year, currency, tuple(rules), table.file)
        for (name, year, currency), rules in grouped.items()
    }


def _one_currency(grouped: Mapping[tuple[str, int, str], list[Rule]], faults: Faults) -> None:
    seen: dict[tuple[str, int], str] = {}
    for (name, year, currency), rules in grouped.items():
        if seen.setdefault((name, year), currency) != currency:
            rule = f"a benefit has one currency; '{name}' of {year} began in {seen[name, year]}"
            faults.add(rule, row=rules[0].line, column="currency", found=currency)


def benefit(name: str, year: int, *, path: Path | str | None = None) -> Benefit:
    """Return one of the bundled benefits for a plan year.

    Parameters
    ----------
    name : str
        For example ``part_d``, ``part_d_lis_full``, ``medicaid_ffs``, ``employer_tiers``, ``england_charge``.
    year : int
        Values of another year are never carried over silently.
    path : path, optional
        Another table of benefits.

    Raises
    ------
    CostModelError
        No such benefit, or not in that year; the message names the nearest, or the years there are.

    Examples
    --------
    >>> benefit("part_d", 2031)
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: benefit 'part_d' has no values for 2031; there are 2023, 2024, 2025, 2026
    """
    known = read_benefits(dataset_path(_TABLE) if path is None else path)
    if (name, year) in known:
        return known[name, year]
    years = [str(one) for other, one in known if other == name]
    if years:
        raise CostModelError(f"benefit '{name}' has no values for {year}; there are {', '.join(years)}")
    names = list(dict.fromkeys(other for other, _ in known))
    raise CostModelError(f"benefit '{name}' is unknown; {did_you_mean(name, names)}")


def list_benefits(*, path: Path | str | None = None) -> pd.DataFrame:
    """Return one row per benefit and year: ``benefit, year, currency, phases, payer, rules, uncertain``.

    ``uncertain`` counts values that were recalled or assumed rather than read.
    """
    import pandas as pd

    known = read_benefits(dataset_path(_TABLE) if path is None else path)
    records: list[dict[str, Any]] = [
        {
            "benefit": one.name,
            "year": one.year,
            "currency": one.currency,
            "phases": ", ".join(one.phases),
            "payer": one.payer,
            "rules": len(one.rules),
            "uncertain": len(one.uncertain),
        }
        for one in known.values()
    ]
    return pd.DataFrame(records)
