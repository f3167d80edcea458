"""What no benefit may say: each fault with its row, all of them noted before one is raised."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from costmodel.checks import did_you_mean
from costmodel.errors import Faults
from costmodel.populations.payments.rules import CLASSES, KINDS, SHARES, TIERS, Rule, narrowest

_CLOSE = 1e-9
_PATIENT = ("coinsurance", "copay", "charge", "price")


def note_faults(rules: Iterable[Rule], faults: Faults) -> None:
    """Note every fault of one benefit's rules."""
    rows = list(rules)
    before = len(faults)
    for rule in rows:
        _values(rule, faults)
    _repeats(rows, faults)
    if len(faults) > before:
        return
    phases = _phases(rows, faults)
    if len(faults) > before:
        return
    _order(rows, phases, faults)
    for phase in phases:
        for product in _products(rows):
            _one_phase(rows, phase, product, faults)
    _whole_benefit(rows, phases, faults)


def _values(rule: Rule, faults: Faults) -> None:
    """Note what a row must hold whatever stands beside it."""

    def note(text: str, column: str, found: object, remedy: str = "") -> None:
        faults.add(text, row=rule.line, column=column, found=found, remedy=remedy)

    if rule.kind not in KINDS:
        note("kind is unknown", "kind", rule.kind, did_you_mean(rule.kind, tuple(KINDS)))
        return
    if rule.party not in KINDS[rule.kind]:
        allowed = " or ".join(repr(one) for one in KINDS[rule.kind])
        note(f"party of a '{rule.kind}' must be {allowed}", "party", repr(rule.party))
    if not math.isfinite(rule.value) or rule.value < 0:
        note(f"{rule.kind} must not be negative", "value", f"{rule.value:g}", "give an amount of at least 0")
    elif rule.kind in SHARES and rule.value > 1:
        remedy = "write a proportion, 25 % as 0.25"
        note(f"{rule.kind} must lie in [0, 1]", "value", f"{rule.value:g}", remedy)
    if not rule.certain and not rule.flag:
        note("a value that was not read must say so", "flag", f"status {rule.status}", "fill in the flag")


def _repeats(rules: Sequence[Rule], faults: Faults) -> None:
    seen: dict[tuple[int, str, str, str], int | None] = {}
    for rule in rules:
        key = (rule.phase, rule.product, rule.party, rule.kind)
        if key in seen:
            faults.add(
                "a rule may stand only once per phase, product, party and kind",
                row=rule.line,
                column="kind",
                found=f"{rule.kind} again; first in row {seen[key]}",
            )
        seen.setdefault(key, rule.line)


def _phases(rules: Sequence[Rule], faults: Faults) -> list[int]:
    phases = sorted({rule.phase for rule in rules if rule.phase})
    if phases != list(range(1, len(phases) + 1)) or not phases:
        line = rules[0].line if rules else None
        faults.add("phases must be numbered 1, 2, … without a gap", row=line, column="phase", found=phases)
        return phases
    for phase in phases:
        own = [rule for rule in rules if rule.phase == phase]
        ends = [rule for rule in own if rule.kind.startswith("until_")]
        if phase < phases[-1] and not ends:
            remedy = "add until_gross or until_out_of_pocket"
            faults.add(f"phase {phase} must end somewhere", row=own[0].line, column="phase", remedy=remedy)
        for rule in ends if phase == phases[-1] else ():
            faults.add("the last phase has no end", row=rule.line, column="kind", found=rule.kind)
        for rule in ends:
            if rule.product != "any":
                text = "a phase ends for all products alike"
                faults.add(text, row=rule.line, column="product", found=rule.product)
    return phases


def _order(rules: Sequence[Rule], phases: Sequence[int], faults: Faults) -> None:
    """Note limits that fall from phase to phase, and a cap below what the patient pays in full before it."""
    gross, deductible = 0.0, 0.0
    for phase in phases:
        own = [rule for rule in rules if rule.phase == phase]
        end = next((rule for rule in own if rule.kind == "until_gross"), None)
        if end is not None:
            if end.value < gross:
                text = "limits on gross spending must rise from phase to phase"
                faults.add(text, row=end.line, column="value", found=f"{end.value:g} after {gross:g}")
            gross = max(gross, end.value)
            if any(rule.kind == "coinsurance" and rule.value == 1 for rule in own):
                deductible = max(deductible, end.value)
        cap = next((rule for rule in own if rule.kind == "until_out_of_pocket"), None)
        if cap is not None and cap.value < deductible:
            text = "the out-of-pocket cap must not be below the deductible, which the patient pays in full"
            found = f"cap {cap.value:g} below deductible {deductible:g}"
            faults.add(text, row=cap.line, column="value", found=found, remedy="lower the deductible too")


def _products(rules: Sequence[Rule]) -> tuple[str, ...]:
    tiers = tuple(tier for tier in TIERS if any(rule.product == tier for rule in rules))
    return tiers or CLASSES


def _one_phase(rules: Sequence[Rule], phase: int, product: str, faults: Faults) -> None:
    """Note parts of a fill that nobody pays, or that are paid twice."""
    own = [rule for rule in rules if rule.phase in (phase, 0)]
    line = next(rule.line for rule in own if rule.phase == phase)
    seek = (product, "any")
    paid = [rule for kind in _PATIENT if (rule := narrowest(own, kind, "patient", seek))]
    if not paid:
        text = f"phase {phase} must say what the patient pays for '{product}'"
        faults.add(text, row=line, column="kind", remedy="add a coinsurance or a copay, 0 where it is free")
        return
    parties = ("plan", "government", "manufacturer")
    shares = {party: rule for party in parties if (rule := narrowest(own, "share", party, seek))}
    coinsurance = narrowest(own, "coinsurance", "patient", seek)
    total = sum(rule.value for rule in shares.values()) + (coinsurance.value if coinsurance else 0)
    stated = "plan" in shares and coinsurance is not None
    if total > 1 + _CLOSE or (stated and total < 1 - _CLOSE):
        text = f"shares of phase {phase} for '{product}' must add up to 1"
        faults.add(text, row=paid[0].line, column="value", found=f"{total:g}")
    whole = total >= 1 - _CLOSE or any(rule.kind == "price" for rule in paid)
    if not whole and not any(rule.kind == "rest" for rule in rules):
        text = f"somebody must pay the rest of '{product}' in phase {phase}"
        faults.add(text, row=line, column="kind", remedy="add a row of kind rest for plan or government")
    counts = narrowest(own, "counts_to_out_of_pocket", "manufacturer", seek)
    if counts and counts.value and any(rule.kind == "copay" for rule in paid):
        text = "a discount that counts as out of pocket cannot stand beside a copay in one phase"
        faults.add(text, row=counts.line, column="kind", found=f"phase {phase}")


def _whole_benefit(rules: Sequence[Rule], phases: Sequence[int], faults: Faults) -> None:
    public = any(rule.party == "government" for rule in rules)
    for rule in rules:
        if rule.kind == "coupon" and public:
            text = "a copay coupon may not be used where the government pays"
            faults.add(text, row=rule.line, column="kind", found="coupon", remedy="remove the row")
        if rule.kind in ("charge", "price") and len(phases) > 1:
            text = f"a {rule.kind} needs a benefit of one phase"
            faults.add(text, row=rule.line, column="kind", found=f"{len(phases)} phases")
    rests = [rule for rule in rules if rule.kind == "rest"]
    for rule in rests[1:]:
        faults.add("only one party pays the rest", row=rule.line, column="kind", found=rule.party)
