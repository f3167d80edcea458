"""The keys of `[report]` in study.toml: what a report says besides its numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_PAIR = 2
Formula = Annotated[str | float, Field(description="A number or a formula")]
Pair = Annotated[list[str], Field(min_length=_PAIR, max_length=_PAIR)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PurchaseSection(_Section):
    """Something that a saving could pay for."""

    label: str = Field(min_length=1, description="What is bought, in the plural: Supervised tapers")
    cost: Formula = Field(description="What one of them costs")
    note: str = Field(default="", description="What the cost is and is not")


class SavingsSection(_Section):
    """A saving, what is left of it, and the programme that it could pay for."""

    saving: str = Field(description="Perspective in whose costs money is saved")
    made: Pair = Field(description="The dear strategy and the one that has made the saving: [before, now]")
    left: Pair = Field(description="Today's strategy and the one that saves the rest: [now, then]")
    spending: str = Field(description="Perspective in whose costs the programme is paid")
    programme: Pair = Field(description="The strategy without the programme and the one with it")
    buys: list[PurchaseSection] = Field(
        default_factory=list, description="What else the savings could pay for (`[[report.savings.buys]]`)"
    )


class ChangeSection(_Section):
    """A change from one strategy to another, to be split into price effect, volume effect and interaction."""

    old: str = Field(description="The strategy under which the change begins, such as the brand")
    new: str = Field(description="The strategy to which it leads")
    price: str = Field(description="Scenario that sets the new price at the old use")
    use: str = Field(description="Scenario that sets the new use at the old price")
    perspective: str = Field(description="Perspective whose cost is drawn")


class ReportSection(_Section):
    """What the report says besides its numbers."""

    subtitle: str = Field(default="", description="Second line of the title page")
    authors: list[str] = Field(default_factory=list, description="Authors on the title page")
    date: str = Field(
        default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Date on the title page, YYYY-MM-DD"
    )
    headline_segment: str = Field(default="", description="Segment of the headline result")
    headline_perspective: str = Field(default="", description="Perspective of the headline result")
    compare: list[Pair] = Field(
        default_factory=list,
        description='Headline comparisons, each ["strategy", "versus"]; if left out, the last strategy with '
        "the comparator",
    )
    savings: SavingsSection | None = Field(
        default=None, description="Savings, and what they could pay for (`[report.savings]`)"
    )
    change: ChangeSection | None = Field(
        default=None, description="A change split into price, volume and interaction (`[report.change]`)"
    )
    cautions: list[str] = Field(
        default_factory=list, description="What a reader must know before using a number"
    )
