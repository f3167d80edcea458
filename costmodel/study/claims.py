"""Claims of a study, each with the verdict that its numbers give it by rules fixed beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel.errors import CostModelError, Faults
from costmodel.formulas import evaluate as evaluate_formula
from costmodel.formulas import parse
from costmodel.inputs import Draws
from costmodel.study.claims_check import check_claims
from costmodel.study.claims_schema import CLAIMS_FILE, NOT_SHOWN, ClaimSection, ClaimsSpec
from costmodel.study.quantities import Quantity, evaluate_quantities, quantity_frame
from costmodel.study.read import Study
from costmodel.study.sample import Sample
from costmodel.study.toml import parse_toml, validate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verdict:
    """A claim and what became of it.

    Parameters
    ----------
    id, statement : str
    verdict : {"holds", "holds for some", "not shown", "contradicted"}
    rule : str
        The rule that was the first to be true; empty if none was.
    quantities : tuple of Quantity
        The numbers shown with it.
    evidence, weakness : str
    sources : tuple of str
    """

    id: str
    statement: str
    verdict: str
    rule: str
    quantities: tuple[Quantity, ...]
    evidence: str
    weakness: str
    sources: tuple[str, ...]

    def __str__(self) -> str:
        numbers = "; ".join(str(one) for one in self.quantities)
        parts = [f"{self.statement.rstrip('.')}: {self.verdict}.", f"{numbers}." if numbers else ""]
        parts.append(f"Weakness: {self.weakness.rstrip('.')}." if self.weakness else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Claims:
    """The claims of a study with their verdicts, and the quantities behind them.

    Parameters
    ----------
    study : str
    scenario : str
        Empty without one.
    n : int
        Number of draws.
    quantities : mapping of str to Quantity
    verdicts : tuple of Verdict
    """

    study: str
    scenario: str
    n: int
    quantities: Mapping[str, Quantity]
    verdicts: tuple[Verdict, ...]

    def __getitem__(self, claim: str) -> Verdict:
        from costmodel.checks import one_of

        one_of(claim, [one.id for one in self.verdicts], "claim")
        return next(one for one in self.verdicts if one.id == claim)

    def frame(self) -> pd.DataFrame:
        """Return a row per claim: id, statement, verdict, rule, numbers, evidence, weakness, sources."""
        import pandas as pd

        columns = ["id", "statement", "verdict", "rule", "numbers", "evidence", "weakness", "sources"]
        rows = [
            (
                one.id,
                one.statement,
                one.verdict,
                one.rule,
                "; ".join(str(quantity) for quantity in one.quantities),
                one.evidence,
                one.weakness,
                ", ".join(one.sources),
            )
            for one in self.verdicts
        ]
        return pd.DataFrame(rows, columns=columns)

    def numbers(self) -> pd.DataFrame:
        """Return a row per quantity: base, mean, low, high, p_positive and what is recalled."""
        return quantity_frame(self.quantities)

    def sentences(self) -> list[str]:
        """Return each claim in words: the statement, its verdict, its numbers and its weakness."""
        return [str(one) for one in self.verdicts]


def read_claims(study: Study) -> ClaimsSpec:
    """Read and check the claims.toml of a study's folder.

    Raises
    ------
    CostModelError
        The study has no claims.toml.
    DataError
        All its faults, each with line, rule and remedy.
    """
    path = study.folder / CLAIMS_FILE
    if not path.is_file():
        raise CostModelError(f"study '{study.name}' makes no claims: its folder holds no {CLAIMS_FILE}")
    faults = Faults(CLAIMS_FILE)
    summary = f"the claims of study '{study.name}' cannot be used"
    content = parse_toml(path, faults)
    text = path.read_text("utf-8-sig") if content is not None else ""
    spec = None if content is None else validate(ClaimsSpec, content, faults, text=text, file=CLAIMS_FILE)
    if spec is not None:
        check_claims(study, spec, faults, text)
    faults.raise_if_any(summary)
    assert spec is not None
    return spec


def claims(
    study: Study,
    *,
    draws: Draws | None = None,
    scenario: str | None = None,
    sample: Sample | None = None,
) -> Claims:
    """Evaluate the claims of a study: every quantity over the draws, then every rule.

    Parameters
    ----------
    study : Study
        With a claims.toml in its folder.
    draws : Draws, optional
        Such as ``study.draws(500)``; the study's own number of draws if left out.
    scenario : str, optional
    sample : Sample, optional
        The study evaluated before, so that it is not evaluated again; its draws are then used, and
        ``scenario`` only names what it was evaluated under.

    Returns
    -------
    Claims

    Raises
    ------
    CostModelError
        The study has no claims, there is one draw, or the scenario is unknown.
    DataError
        All faults of claims.toml; or of quantities and rules that have no value.
    """
    spec = read_claims(study)
    if sample is None:
        sample = Sample.of(study, scenario, draws=draws)
    found = evaluate_quantities(study, spec.quantities, sample=sample)
    names = {name: value for one in found.values() for name, value in one.names().items()}
    faults = Faults(CLAIMS_FILE)
    verdicts = tuple(_judged(claim, names, found, faults) for claim in spec.claims)
    faults.raise_if_any(f"the claims of study '{study.name}' cannot be judged")
    n = len(next(iter(found.values())).values) if found else 0
    return Claims(study.name, scenario or "", n, found, verdicts)


def _judged(
    claim: ClaimSection, names: Mapping[str, float], found: Mapping[str, Quantity], faults: Faults
) -> Verdict:
    verdict, applied = NOT_SHOWN, ""
    for rule in claim.rules:
        try:
            true = bool(evaluate_formula(parse(rule.when), names, name=f"rule of {claim.id}").item())
        except CostModelError as problem:
            faults.add(str(problem), column=f"claims.{claim.id}", found=rule.when)
            break
        if true:
            verdict, applied = rule.verdict, rule.when
            break
    return Verdict(
        id=claim.id,
        statement=claim.statement,
        verdict=verdict,
        rule=applied,
        quantities=tuple(found[name] for name in claim.quantities),
        evidence=claim.evidence,
        weakness=claim.weakness,
        sources=tuple(claim.sources),
    )
