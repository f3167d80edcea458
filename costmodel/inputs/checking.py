"""The rules that a parameter table must keep; all that are broken are reported together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from costmodel.checks import did_you_mean, is_name
from costmodel.errors import Faults
from costmodel.formulas import BUILT_IN, RESERVED
from costmodel.inputs.basis import JOINT, cell_count, single_distribution, split_distribution
from costmodel.inputs.groups import Covariances, dirichlet_of, members_of
from costmodel.inputs.parameter import STATUSES, UNSOURCED, Parameter
from costmodel.inputs.protocol import DistributionError
from costmodel.units import currency_of

RESERVED_NAMES = RESERVED | frozenset(BUILT_IN)
SHARE_TOLERANCE = 1e-6
PREFIX_BOUNDS = {"p_": (0.0, 1.0), "u_": (-math.inf, 1.0)}

_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_KEY = re.compile(r"[^\s,{}\"#%~\\]+\Z")
_LOOSE_MONEY = re.compile(r"([A-Z]{3})[ (]")
_SIGN_OF_MONEY = re.compile(r"[$£€¥]")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_TEXTS = ("basis", "unit", "currency", "source", "locator", "status", "note")
_COLUMN_OF = {"mean": "value", "median": "value", "value": "value", "low": "low", "high": "high"}


class Finding(NamedTuple):
    """A broken rule: the column, the rule, what was found, what to do."""

    column: str
    rule: str
    found: object = ""
    remedy: str = ""


Skip = Callable[[Parameter, Collection[str]], bool]


def nothing_skipped(row: Parameter, columns: Collection[str]) -> bool:  # noqa: ARG001  the reader's has them
    """Return False: check every rule of every row."""
    return False


def check_rows(
    rows: Sequence[Parameter], covariances: Covariances, faults: Faults, *, skip: Skip = nothing_skipped
) -> None:
    """Note every rule that a table breaks.

    Parameters
    ----------
    rows : sequence of Parameter
    covariances : mapping of str to MultivariateNormal
        By group.
    faults : Faults
        Receives what is found.
    skip : callable
        Tells whether some columns of a row already have a fault, so that rules on them are not checked.
    """
    for row in rows:
        for columns, rule in _RULES:
            if not skip(row, columns):
                _note(faults, row, rule(row))
        if not skip(row, ("value", "low", "high", "distribution", "basis")) and not any(_value(row)):
            _note(faults, row, _distribution(row))
    for row, finding in _repeated(rows):
        _note(faults, row, [finding])
    for row, finding in _groups(rows, covariances):
        if not skip(row, ("distribution", "group")):
            _note(faults, row, [finding])
    for group in sorted(set(covariances) - {row.group for row in rows}):
        faults.add(f"group {group} has a covariance but no parameters", remedy="leave the covariance out")


def _note(faults: Faults, row: Parameter, findings: Iterable[Finding]) -> None:
    for column, rule, found, remedy in findings:
        where = column if row.line is not None else f"{row.name}.{column}"
        named = f"{row.name}: {rule}" if row.line is not None and column != "name" else rule
        faults.add(named, row=row.line, column=where, found=found, remedy=remedy)


def _name(row: Parameter) -> Iterator[Finding]:
    if not row.name:
        yield Finding("name", "must have a value", "an empty cell", "name the parameter, such as p_relapse")
    elif not is_name(row.name):
        rule = "must be a name: a letter, then letters, digits and underscores, 100 at most"
        yield Finding("name", rule, repr(row.name), "rename the parameter")
    elif row.name in RESERVED_NAMES:
        rule = "is a name that formulas give a meaning of their own"
        yield Finding("name", rule, row.name, f"rename it, for example {row.name}_value")


def _texts(row: Parameter) -> Iterator[Finding]:
    for column in _TEXTS:
        text = getattr(row, column)
        if text != text.strip(" \t\u00a0\ufeff") or "\x00" in text:
            yield Finding(column, "must not begin or end with a blank", repr(text), "delete the blank")


def _value(row: Parameter) -> Iterator[Finding]:
    if math.isnan(row.value):
        # that of a Dirichlet cell comes from the counts: checked with its group
        if row.distribution != "dirichlet":
            yield Finding("value", "must have a value", "an empty cell", "give the base-case value")
        return
    for column in ("value", "low", "high"):
        number = getattr(row, column)
        if number is not None and not math.isfinite(number):
            yield Finding(column, "must be a finite number", number)
    yield from _order(row)
    yield from _prefix(row)


def _order(row: Parameter) -> Iterator[Finding]:
    low, high = row.low, row.high
    if (low is None) != (high is None):
        column = "low" if low is None else "high"
        yield Finding(column, "low and high must be given together", "an empty cell", "give both or neither")
    elif low is not None and high is not None:
        if low > high:
            yield Finding("low", "low must not be above high", f"{low:g} and {high:g}", "exchange them")
        elif row.value < low or row.value > high:
            rule = f"value must lie in [low, high], here [{low:g}, {high:g}]"
            yield Finding("value", rule, f"{row.value:g}", "correct the value or the interval")


def _prefix(row: Parameter) -> Iterator[Finding]:
    for prefix, (least, most) in PREFIX_BOUNDS.items():
        if not row.name.startswith(prefix):
            continue
        for column in ("value", "low", "high"):
            number = getattr(row, column)
            if number is not None and (number < least or number > most):
                yield Finding(column, bounds_rule(prefix), f"{number:g}", _PREFIX_REMEDY[prefix])


_PREFIX_REMEDY = {
    "p_": "write 5 % as 0.05; a rate is named r_",
    "u_": "full health is 1; a disutility is named du_",
}


def bounds_rule(prefix: str) -> str:
    """Return the rule that a parameter's prefix announces.

    Examples
    --------
    >>> bounds_rule("p_")
    'a probability (p_) must lie in [0, 1]'
    """
    if prefix == "p_":
        return "a probability (p_) must lie in [0, 1]"
    return "a utility (u_) must be at most 1"


def _money(row: Parameter) -> Iterator[Finding]:
    if not row.unit:
        yield Finding(
            "unit", "must have a value", "an empty cell", "write what it counts, such as proportion"
        )
    if _SIGN_OF_MONEY.match(row.unit):
        yield Finding(
            "unit", "a unit of money begins with a currency code", row.unit, "write USD/fill, not $/fill"
        )
    if row.currency and not _CURRENCY.match(row.currency):
        yield Finding("currency", "must be three capitals", repr(row.currency), "write USD, EUR or GBP")
    elif _is_money(row):
        yield from _money_of(row)
    elif row.currency and row.unit:
        rule = "stands with a unit that counts no money"
        yield Finding(
            "currency", rule, f"{row.currency} with {row.unit}", f"write the unit as {row.currency}/…"
        )
    if row.price_year is not None and not _FIRST_YEAR <= row.price_year <= _LAST_YEAR:
        yield Finding("price_year", f"must lie in [{_FIRST_YEAR}, {_LAST_YEAR}]", row.price_year)


def _is_money(row: Parameter) -> bool:
    loose = _LOOSE_MONEY.match(row.unit)
    if loose is not None and loose[1] == row.currency:
        return True
    return currency_of(row.unit) is not None


def _money_of(row: Parameter) -> Iterator[Finding]:
    code = currency_of(row.unit)
    if code is None:
        rule = "a unit of money is a currency, or a currency per something"
        yield Finding("unit", rule, repr(row.unit), f"write {row.currency} or {row.currency}/fill")
    elif not row.currency:
        yield Finding("currency", "an amount of money must have a currency", row.unit, f"write {code}")
    elif code != row.currency:
        rule = "must be the currency of the unit"
        yield Finding(
            "currency", rule, f"{row.currency} with {row.unit}", f"write {code}, or convert the value"
        )
    if row.price_year is None:
        remedy = "write the year whose prices the amount is in"
        yield Finding("price_year", "an amount of money must have a price year", row.unit, remedy)


def _status(row: Parameter) -> Iterator[Finding]:
    if row.status not in STATUSES:
        remedy = (
            f"{did_you_mean(row.status, STATUSES)} (read in the source, computed here from what was read, "
            "recalled from memory and not checked, elicited from experts, assumed)"
        )
        rule = "is unknown" if row.status else "must have a value"
        yield Finding("status", rule, repr(row.status) if row.status else "an empty cell", remedy)


def _source(row: Parameter) -> Iterator[Finding]:
    if not row.sources and row.status in STATUSES and row.status not in UNSOURCED:
        remedy = "give a key of references.bib or a table, or state honestly that it is assumed"
        yield Finding("source", f"a value that was {row.status} must have a source", "an empty cell", remedy)
    for key in row.sources:
        if not _KEY.match(key):
            rule = "must be a key of references.bib, or a table such as table:us/nadac"
            yield Finding("source", rule, repr(key), "put the full reference into references.bib")


_RULES: tuple[tuple[tuple[str, ...], Callable[[Parameter], Iterator[Finding]]], ...] = (
    (("name",), _name),
    (_TEXTS, _texts),
    (("value", "low", "high"), _value),
    (("unit", "currency", "price_year"), _money),
    (("status",), _status),
    (("source", "status"), _source),
)


def _distribution(row: Parameter) -> Iterator[Finding]:
    text = f"{row.distribution}:{row.group}" if row.group else row.distribution
    try:
        split_distribution(text)
        if row.distribution == "dirichlet":
            cell_count(row.basis)
        elif row.distribution == "mvnormal":
            _no_basis(row)
        else:
            single_distribution(
                row.distribution, value=row.value, low=row.low, high=row.high, basis=row.basis
            )
    except DistributionError as problem:
        column = problem.at if problem.at in ("distribution", "basis") else _COLUMN_OF.get(problem.at)
        column = column or ("basis" if row.basis else "low")
        yield Finding(column, problem.rule, problem.found, problem.remedy)
    if row.group and not is_name(row.group):
        yield Finding(
            "distribution", "a group must have a name", repr(row.group), "letters, digits, underscores"
        )


def _no_basis(row: Parameter) -> None:
    if row.basis:
        remedy = f"leave it blank: tables/{row.group}.csv holds the covariance"
        raise DistributionError("basis does not set a mvnormal distribution", "basis", row.basis, remedy)


def _repeated(rows: Sequence[Parameter]) -> Iterator[tuple[Parameter, Finding]]:
    first: dict[str, Parameter] = {}
    for row in rows:
        if row.name and row.name in first:
            where = f"row {first[row.name].line} has it too; " if first[row.name].line is not None else ""
            rule = "a parameter's name may stand only once"
            yield row, Finding("name", rule, row.name, f"{where}rename one of them or delete it")
        first.setdefault(row.name, row)


def _groups(rows: Sequence[Parameter], covariances: Covariances) -> Iterator[tuple[Parameter, Finding]]:
    for group, members in members_of(rows).items():
        kinds = {member.distribution for member in members}
        if len(kinds) > 1:
            rule = f"the rows of group {group} must have one distribution"
            yield members[-1], Finding("distribution", rule, " and ".join(sorted(kinds)), "rename one group")
        elif kinds == {JOINT[0]}:
            yield from _dirichlet(group, members)
        else:
            yield from _mvnormal(group, members, covariances)


def _dirichlet(group: str, members: Sequence[Parameter]) -> Iterator[tuple[Parameter, Finding]]:
    try:
        for member in members:
            cell_count(member.basis)
    except DistributionError:
        return
    try:
        joint = dirichlet_of(members)
    except DistributionError as problem:
        rule = f"group {group}: {problem.rule}"
        yield members[-1], Finding("distribution", rule, problem.found, problem.remedy)
        return
    for member, share in zip(members, joint.means, strict=True):
        if not abs(member.value - share) <= SHARE_TOLERANCE:
            rule = f"value must be its share of the counts of group {group}, {share:.6g}"
            yield member, Finding("value", rule, f"{member.value:g}", "leave it blank: it is computed")


def _mvnormal(
    group: str, members: Sequence[Parameter], covariances: Covariances
) -> Iterator[tuple[Parameter, Finding]]:
    joint = covariances.get(group)
    if joint is None:
        rule = f"group {group} has no covariance"
        yield members[0], Finding("distribution", rule, "", f"write tables/{group}.csv")
        return
    means = tuple(member.value for member in members)
    if joint.names != tuple(member.name for member in members) or joint.means != means:
        rule = f"the covariance of group {group} must be that of its members, sorted by name"
        yield members[0], Finding("distribution", rule, ", ".join(joint.names))
