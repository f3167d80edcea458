"""The keys of claims.toml: each typed and documented; unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

CLAIMS_FILE = "claims.toml"
VERDICTS = ("holds", "holds for some", "not shown", "contradicted")
NOT_SHOWN = "not shown"
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=100)]
Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QuantitySection(_Section):
    """A number that claims and validation speak of: of a perspective, a measure, or a formula."""

    perspective: str = Field(default="", description="Discounted cost per person from a perspective")
    measure: str = Field(default="", description="Discounted total per person of a measure")
    formula: str = Field(default="", description="A formula over the study's names")
    strategy: str = Field(default="", description="The strategy whose amount it is")
    versus: str = Field(default="", description="The strategy that is subtracted")
    per: str = Field(default="", description="The measure by which it is divided, such as life_years")
    segment: str = Field(default="", description="One segment; all of them, by size, if left out")
    sign: Literal[1, -1] = Field(default=1, description="-1 turns a difference round: savings above 0")
    label: str = Field(default="", description="Name shown")
    unit: str = Field(default="", description="What it counts")


class RuleSection(_Section):
    """When a verdict is reached."""

    verdict: str = Field(description=f"One of: {', '.join(VERDICTS)}")
    when: Text = Field(description="A formula over quantities, such as saving_low > 0")


class ClaimSection(_Section):
    """A statement that the study's numbers bear out or not."""

    id: Name = Field(description="Short name of the claim")
    statement: Text = Field(description="The claim, as one sentence")
    quantities: list[str] = Field(default_factory=list, description="The quantities shown with it")
    rules: list[RuleSection] = Field(
        min_length=1, description='The first rule that is true gives the verdict; none: "not shown"'
    )
    evidence: str = Field(default="", description="What speaks for it")
    weakness: str = Field(default="", description="What is weak about the evidence")
    sources: list[str] = Field(default_factory=list, description="Keys of references.bib")


class ClaimsSpec(_Section):
    """The root of claims.toml."""

    quantities: dict[Name, QuantitySection] = Field(default_factory=dict, description="Numbers by name")
    claims: list[ClaimSection] = Field(default_factory=list, description="Claims in order")
