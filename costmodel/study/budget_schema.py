"""The keys of `[budget]` in study.toml: whose budget, over which years, and what changes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from costmodel.study.claims_schema import Name
from costmodel.study.report_schema import Formula


class ChangeSection(BaseModel):
    """A change whose impact on budgets is asked for: from one strategy to another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    label: str = Field(default="", description="Name shown in reports")
    without: Name = Field(description="The strategy of the world without the change")
    changed_to: Name = Field(alias="with", description="The strategy of the world with it")
    over: int = Field(
        default=1, ge=1, le=50, description="Years until all have changed, by equal steps; 1: all in year 1"
    )
    shares_of: Literal["treated", "starting"] = Field(
        default="treated",
        description="Whether the share that has changed is one of everybody in the year, or of those who "
        "start in it and then stay with their strategy",
    )
    payer: str = Field(default="", description="Perspective in place of the budget's own `payer`")
    patient: str = Field(default="", description="Perspective in place of the budget's own `patient`")
    note: str = Field(default="", description="What the change is, and its weakness")


class BudgetSection(BaseModel):
    """The budget impact of the study: who pays, over which years, for how many people."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    years: int = Field(default=5, ge=1, le=50, description="Calendar years, whatever the study's horizon")
    first_year: int = Field(default=1, ge=1, le=2200, description="What year 1 is called, such as 2026")
    payer: Name = Field(description="Perspective of the costs that a payer bears")
    patient: str = Field(
        default="", description="Perspective of the costs that patients bear; none if left out"
    )
    basis: Literal["gross", "net"] = Field(
        default="gross",
        description="Whether the study's prices are before rebates (gross) or after them (net)",
    )
    groups: dict[str, list[Name]] = Field(
        default_factory=dict,
        description="Payers by name, each a list of segments; each segment by itself if left out",
    )
    incident: Formula = Field(
        default=0.0,
        description="People who start in every later year, as a share of those of year 1; 0: nobody; "
        '"steady": as many as keep `treated` at what it is in year 1, under the strategy of `today`',
    )
    today: str = Field(
        default="", description="The strategy of the world as it is; the `without` of each change if left out"
    )
    treated: str = Field(default="", description="Measure of years on treatment: who counts as treated")
    growth: Formula = Field(default=0.0, description="Growth per year of those who start, or of `treated`")
    starters: dict[Name, Formula] = Field(
        default_factory=dict,
        description="Parameters or formulas in which those who start later differ from those of year 1",
    )
    trend: dict[Name, Formula] = Field(
        default_factory=dict,
        description="Change per calendar year of what a cost measure costs; constant prices if left out",
    )
    notes: list[str] = Field(default_factory=list, description="What a reader must know of the amounts")
    changes: dict[Name, ChangeSection] = Field(min_length=1, description="The changes, by name")
