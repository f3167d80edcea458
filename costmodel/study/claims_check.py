"""Checks of claims.toml against its study: every name known, every rule readable, before anything is run."""

from __future__ import annotations

from collections.abc import Collection

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults
from costmodel.formulas import BUILT_IN, Expression, check, parse
from costmodel.model import Model
from costmodel.study.claims_schema import VERDICTS, ClaimsSpec, QuantitySection, RuleSection
from costmodel.study.quantities import SUFFIXES
from costmodel.study.read import Study

_KINDS = ("perspective", "measure", "formula")


def check_claims(study: Study, spec: ClaimsSpec, faults: Faults, text: str) -> None:
    """Note every fault of a study's claims."""
    checker = _Checker(study, spec, faults, text)
    for name, section in spec.quantities.items():
        checker.quantity(name, section)
    checker.clashes()
    checker.claims()


class _Checker:
    """Collects faults with the lines on which they stand."""

    def __init__(self, study: Study, spec: ClaimsSpec, faults: Faults, text: str) -> None:
        self.study = study
        self.model: Model = study.base_model
        self.spec = spec
        self.faults = faults
        self.lines = text.splitlines()

    def note(self, rule: str, column: str, found: str, remedy: str, *, near: str) -> None:
        """Note a fault at the first line that holds a text."""
        row = next((number for number, line in enumerate(self.lines, 1) if near in line), None)
        self.faults.add(rule, row=row, column=column, found=found, remedy=remedy)

    def quantity(self, name: str, section: QuantitySection) -> None:
        """Check one quantity: of one kind, and of names that the study has."""
        place, near = f"quantities.{name}", f"quantities.{name}]"
        given = [kind for kind in _KINDS if getattr(section, kind)]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            self.note(
                "must have exactly one of perspective, measure and formula", place, found, "", near=near
            )
            return
        known = {
            "perspective": list(self.model.perspectives),
            "measure": list(self.model.measures),
            "strategy": [one.name for one in self.model.strategies],
            "versus": [one.name for one in self.model.strategies],
            "per": list(self.model.measures),
            "segment": [one.name for one in self.model.segments],
        }
        for key, names in known.items():
            value = getattr(section, key)
            if value and value not in names:
                remedy = did_you_mean(value, names)
                self.note(f"is no {_noun(key)} of the study", f"{place}.{key}", value, remedy, near=near)
        self._strategies(section, place, near)
        if section.formula:
            self._formula(name, section, place, near)

    def _strategies(self, section: QuantitySection, place: str, near: str) -> None:
        if section.formula and section.versus:
            remedy = "write the difference as a formula, or use a perspective or a measure"
            self.note(
                "a formula is compared with no other strategy",
                f"{place}.versus",
                section.versus,
                remedy,
                near=near,
            )
        if section.formula and section.per:
            remedy = "write the ratio as a formula, or use a perspective or a measure"
            self.note("a formula is divided by no measure", f"{place}.per", section.per, remedy, near=near)
        if not section.formula and not section.strategy:
            self.note("must name the strategy whose amount it is", f"{place}.strategy", "", "", near=near)
        if section.versus and section.versus == section.strategy:
            self.note(
                "a strategy cannot be compared with itself",
                f"{place}.versus",
                section.versus,
                "name another",
                near=near,
            )

    def _formula(self, name: str, section: QuantitySection, place: str, near: str) -> None:
        expression = self._parsed(section.formula, f"{place}.formula", near)
        if expression is None:
            return
        overrides = [one.overrides for one in self.model.strategies]
        overrides += [one.overrides for one in self.model.segments]
        built_in = set(BUILT_IN) if self.model.time.start_age is not None else set(BUILT_IN) - {"age"}
        known = {*self.model.parameters, *self.model.formulas, *built_in}.union(*overrides)
        for problem in check({f"quantity {name}": expression}, known=known, tables=self.model.tables):
            self.note(problem.rule, f"{place}.formula", problem.found, problem.remedy, near=near)

    def _parsed(self, formula: str, place: str, near: str) -> Expression | None:
        try:
            return parse(formula, name=place)
        except CostModelError as problem:
            self.note("must be a formula", place, formula, str(problem), near=near)
            return None

    def clashes(self) -> None:
        """Refuse a quantity whose name a rule would read as an interval's end of another."""
        for name in self.spec.quantities:
            for suffix in SUFFIXES[1:]:
                other = name.removesuffix(suffix)
                if other != name and other in self.spec.quantities:
                    self.note(
                        f"means the '{suffix}' of quantity '{other}' in rules",
                        f"quantities.{name}",
                        name,
                        "rename it",
                        near=f"quantities.{name}]",
                    )

    def claims(self) -> None:
        """Check every claim: its quantities, its sources and its rules."""
        seen: set[str] = set()
        for claim in self.spec.claims:
            place, near = f"claims.{claim.id}", f'"{claim.id}"'
            if claim.id in seen:
                self.note("an id may be used only once", place, claim.id, "rename one of them", near=near)
            seen.add(claim.id)
            self._known(
                claim.quantities,
                list(self.spec.quantities),
                f"{place}.quantities",
                "is no quantity of claims.toml",
            )
            self._known(
                claim.sources, list(self.study.bibliography), f"{place}.sources", "is not in references.bib"
            )
            for rule in claim.rules:
                self._rule(rule, place)

    def _known(self, names: Collection[str], choices: Collection[str], place: str, words: str) -> None:
        for name in names:
            if name not in choices:
                self.note(words, place, name, did_you_mean(name, choices), near=f'"{name}"')

    def _rule(self, rule: RuleSection, place: str) -> None:
        if rule.verdict not in VERDICTS:
            remedy = f"{did_you_mean(rule.verdict, VERDICTS)} Verdicts are: {', '.join(VERDICTS)}"
            self.note(
                "is no verdict", f"{place}.rules.verdict", rule.verdict, remedy, near=f'"{rule.verdict}"'
            )
        expression = self._parsed(rule.when, f"{place}.rules.when", rule.when)
        known = [f"{name}{suffix}" for name in self.spec.quantities for suffix in SUFFIXES]
        if expression is not None:
            for name in sorted(expression.names - set(known)):
                remedy = did_you_mean(name, known)
                self.note(
                    "a rule may use quantities only", f"{place}.rules.when", name, remedy, near=rule.when
                )
            for table in sorted(expression.tables):
                self.note(
                    "a rule may use quantities only",
                    f"{place}.rules.when",
                    f"table {table}",
                    "",
                    near=rule.when,
                )


def _noun(key: str) -> str:
    return {"versus": "strategy", "per": "measure"}.get(key, key)
