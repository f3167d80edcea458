"""The rows of a benefit: one rule each, with its value, its source and whether that was read or recalled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from costmodel.errors import Faults
from costmodel.tables import Column, RawTable, typed

PARTIES = ("patient", "plan", "government", "manufacturer", "pharmacy", "wholesaler", "other")
"""Who can pay or be paid. ``other`` is a middleman: a benefit manager, or the firm behind a discount card."""

CLASSES = ("brand", "generic")
TIERS = ("tier_1", "tier_2", "tier_3", "tier_4")
PRODUCTS = ("any", *CLASSES, *TIERS)
"""Whom a rule is for. The narrowest rule wins: a tier over a class, a class over ``any``."""

STATUSES = ("read", "recalled", "assumed", "definition")

KINDS: Mapping[str, tuple[str, ...]] = {
    "until_gross": ("",),
    "until_out_of_pocket": ("",),
    "coinsurance": ("patient",),
    "copay": ("patient",),
    "charge": ("patient",),
    "price": ("patient",),
    "subsidised_coinsurance": ("patient",),
    "subsidised_copay": ("patient",),
    "counts_to_gross": ("patient",),
    "fee_12_months": ("patient",),
    "fee_3_months": ("patient",),
    "share": ("plan", "government", "manufacturer"),
    "rest": ("plan", "government"),
    "counts_to_out_of_pocket": ("manufacturer",),
    "coupon": ("manufacturer",),
    "card_fee": ("other",),
}
"""What a rule says, and which parties it can be said of.

``until_gross`` and ``until_out_of_pocket`` end a phase when what was spent, or what counts as paid out of
pocket, reaches the value. In a phase the patient pays the greater of ``coinsurance`` and ``copay``, never
more than the drug costs; a ``charge`` is paid even where the drug costs less; a ``price`` takes the place
of the gross amount. ``subsidised_…`` is what remains of it for the patient when the government pays the
difference. ``share`` is a share of the gross amount in the phase, ``rest`` names who pays what nobody else
does.
"""

_SHARES = ("coinsurance", "subsidised_coinsurance", "share", "rest", "counts_to_gross")
SHARES = frozenset((*_SHARES, "counts_to_out_of_pocket"))
"""Kinds whose value lies in [0, 1]; all others are money."""

COLUMNS: tuple[Column, ...] = (
    Column("benefit", "name", required=True, optional=False),
    Column("year", "integer", required=True, optional=False, low=1965, high=2100),
    Column("phase", "integer", required=True, optional=False, low=0, high=9),
    Column("phase_name"),
    Column("product", required=True, optional=False, choices=PRODUCTS),
    Column("party", choices=PARTIES),
    Column("kind", required=True, optional=False, choices=tuple(KINDS)),
    Column("value", "number", required=True, optional=False),
    Column("unit", required=True, optional=False),
    Column("currency", required=True, optional=False),
    Column("source_id", required=True, optional=False),
    Column("locator"),
    Column("status", required=True, optional=False, choices=STATUSES),
    Column("note"),
    Column("flag"),
)


@dataclass(frozen=True)
class Rule:
    """One row of a benefit; see :data:`KINDS`. ``line`` is its line in the file, for errors."""

    phase: int
    kind: str
    value: float
    product: str = "any"
    party: str = ""
    phase_name: str = ""
    unit: str = ""
    source_id: str = ""
    locator: str = ""
    status: str = "assumed"
    note: str = ""
    flag: str = ""
    line: int | None = None

    @property
    def certain(self) -> bool:
        """Whether the value was read, or holds by definition."""
        return self.status in ("read", "definition")


def rules_of(table: RawTable, faults: Faults) -> dict[tuple[str, int, str], list[Rule]]:
    """Return the rules of each (benefit, year, currency), noting cells that cannot be read."""
    cells = typed(table, COLUMNS, faults)
    found: dict[tuple[str, int, str], list[Rule]] = {}
    own = [name for name in cells if name not in ("benefit", "year", "currency")]
    for position, line in enumerate(table.lines):
        row = {name: cells[name][position] for name in cells}
        if _whole(row):
            key = (row["benefit"], int(row["year"]), row["currency"])
            found.setdefault(key, []).append(Rule(**{name: _text(row[name]) for name in own}, line=line))
    return found


def _whole(row: Mapping[str, Any]) -> bool:
    return all(row[column.name] is not None for column in COLUMNS if column.required)


def _text(cell: Any) -> Any:
    return "" if cell is None else cell


def narrowest(rules: Iterable[Rule], kind: str, party: str, products: tuple[str, ...]) -> Rule | None:
    """Return the rule of a kind for the first of ``products`` that has one, among rules of one phase."""
    own = {rule.product: rule for rule in rules if rule.kind == kind and rule.party == party}
    return next((own[product] for product in products if product in own), None)
