"""What a study found, in words and tables computed from its results; nothing here draws or renders."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel.analysis.incremental import increments
from costmodel.datasets import dataset_path, read_dataset
from costmodel.model import Outcomes
from costmodel.prices import compare_prices, read_prices
from costmodel.prices.statistic import PLAIN
from costmodel.report.text import escape_markdown
from costmodel.study import Study

if TYPE_CHECKING:
    import pandas as pd

DOUBTFUL = ("recalled", "elicited", "assumed")
"""How inputs are known that were not read in a source."""


@dataclass(frozen=True)
class Findings:
    """A study, one run of it, and where its headline is taken.

    Parameters
    ----------
    study : Study
    outcomes : Outcomes
    scenario : str or None
    """

    study: Study
    outcomes: Outcomes
    scenario: str | None = None

    @classmethod
    def of(cls, study: Study, scenario: str | None = None) -> Findings:
        """Run the base case of a study, under a scenario if one is named."""
        return cls(study, study.run(scenario), scenario)

    @property
    def money(self) -> str:
        """Currency and price year, as ``USD 2026``."""
        return str(self.outcomes.money)

    @property
    def currency(self) -> str:
        """Currency of every cost."""
        return self.outcomes.money.currency

    @property
    def segment(self) -> str:
        """The segment of the headline result."""
        return self.study.spec.report.headline_segment or self.outcomes.segments[0]

    @property
    def perspective(self) -> str:
        """The perspective of the headline result."""
        return self.study.spec.report.headline_perspective or next(iter(self.outcomes.perspectives))

    @property
    def compared(self) -> tuple[str, str]:
        """What the headline compares: the comparator and a strategy, the first pair of `[report] compare`.

        Without one, the study's comparator and the last of the other strategies.
        """
        if self.study.spec.report.compare:
            strategy, versus = self.study.spec.report.compare[0]
            return versus, strategy
        others = [name for name in self.outcomes.strategies if name != self.outcomes.comparator]
        return self.outcomes.comparator, (others or [self.outcomes.comparator])[-1]

    @property
    def ddd_mg(self) -> float | None:
        """WHO's defined daily dose of the molecule that the study prices, by mouth, where it is known."""
        bound = self.study.bound.get("price_brand")
        if bound is None or "molecule" not in bound.rows:
            return None
        return ddd_of(str(bound.rows["molecule"].iloc[0]))

    @property
    def groups(self) -> tuple[str | None, ...]:
        """The segments, and None for their average where there are several."""
        segments = self.outcomes.segments
        return (*segments, None) if len(segments) > 1 else segments

    @property
    def differing_effects(self) -> tuple[str, ...]:
        """The measures of effect in which strategies differ."""
        labels = {"equal effects: cost-minimisation", "equal"}
        items = increments(self.outcomes)
        differing = {item.effect for item in items if item.label not in labels}
        return tuple(name for name in self.outcomes.effects if name in differing)

    def strategy_label(self, name: str) -> str:
        """Return the label of a strategy."""
        return self.study.spec.strategies[name].label or name.replace("_", " ").capitalize()

    def segment_label(self, name: str) -> str:
        """Return the label of a segment."""
        return next(item.label for item in self.study.segments if item.name == name)

    def measure_label(self, name: str) -> str:
        """Return the label of a measure."""
        labels = [item.label for item in self.study.spec.payoffs if item.measure == name and item.label]
        return labels[0] if labels else name.replace("_", " ").capitalize()

    def scenario_label(self, name: str | None) -> str:
        """Return the label of a scenario."""
        return scenario_label(self.study, name)


def scenario_label(study: Study, name: str | None) -> str:
    """Return the label of a scenario of a study; of its base case without one."""
    return "Base case" if name is None else study.spec.scenarios[name].label or name.replace("_", " ")


def perspective_label(name: str) -> str:
    """Return a perspective's name as words.

    Examples
    --------
    >>> perspective_label("all_payers")
    'All payers'
    """
    return name.replace("_", " ").capitalize()


def count(number: float, noun: str) -> str:
    """Write a number with its noun in the right number.

    Examples
    --------
    >>> count(1, "year"), count(5, "cycle")
    ('1 year', '5 cycles')
    """
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def day(date: dt.date) -> str:
    """Write a date as readers do.

    Examples
    --------
    >>> day(dt.date(2026, 4, 9))
    '9 April 2026'
    """
    return f"{date.day} {date:%B %Y}"


def cautions(found: Findings) -> str:
    """Return what a reader must know before using a number, as Markdown; empty where nothing is stated."""
    notes = list(found.study.spec.report.cautions)
    share = doubtful(found)
    if share:
        notes.append(share)
    lines = "\n".join(f"- {escape_markdown(note)}" for note in notes)
    return f"::: {{.caution}}\n{lines}\n:::" if lines else ""


def doubtful(found: Findings) -> str:
    """Return how many inputs were not read in a source, and which, in a sentence."""
    names = [name for name, item in found.study.parameters.items() if item.status in DOUBTFUL]
    if not names:
        return ""
    by_status = {
        status: [name for name in names if found.study.parameters[name].status == status]
        for status in DOUBTFUL
    }
    parts = [f"{len(members)} {status}" for status, members in by_status.items() if members]
    return (
        f"{len(names)} of {len(found.study.parameters)} inputs were not read in a source: "
        f"{', '.join(parts)}. The table of inputs marks each."
    )


def ddd_of(molecule: str) -> float | None:
    """Return WHO's defined daily dose by mouth in mg; None where the bundled table has none.

    Examples
    --------
    >>> ddd_of("clonazepam")
    8.0
    """
    table = read_dataset("who/atc_ddd")
    rows = table[(table["substance"] == molecule) & (table["route"] == "oral") & (table["ddd_unit"] == "mg")]
    return float(rows["ddd_value"].iloc[0]) if len(rows) else None


def price_pairs(study: Study) -> pd.DataFrame | None:
    """Return brand against generic by strength, from the tables that the study's prices come from.

    Returns
    -------
    DataFrame or None
        The result of :func:`costmodel.prices.compare_prices` for the molecule and form of ``price_brand``;
        None where the study binds no price. Several generics come down to one price by the statistic of
        ``price_generic``; by the median where that weighs by volumes, which the comparison does not know.
    """
    bound = study.bound.get("price_brand")
    if bound is None or "molecule" not in bound.rows:
        return None
    row = bound.rows.iloc[0]
    table = read_prices(dataset_path(bound.table, study=study.folder))
    wanted = {"molecule": row["molecule"], "form": row["form"], "as_of": row["as_of"]}
    ddd = ddd_of(str(row["molecule"]))
    return compare_prices(table.select(**wanted), statistic=price_statistic(study), ddd_mg=ddd)


def price_statistic(study: Study) -> str:
    """Return how several prices of a class come down to one in the comparison."""
    chosen = study.bound.get("price_generic", study.bound["price_brand"]).statistic
    return chosen if chosen in PLAIN else "median"
