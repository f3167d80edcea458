"""The budget impact of a study in words and tables: by year and payer, and added up over the years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costmodel.analysis.budget_result import PAYERS, WORLDS
from costmodel.report.budget_figures import SHOW, interval_text, scale_of
from costmodel.report.findings import Findings, count
from costmodel.report.records import Align
from costmodel.report.text import escape_markdown
from costmodel.study.budget_schema import BudgetSection
from costmodel.study.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

    from costmodel.analysis.budget_result import BudgetImpact

BUDGET_ALIGN: Mapping[str, Align] = {"Without": "right", "With": "right", "Impact": "right"}
"""How the columns of :func:`budget_table` and :func:`budget_summary` stand."""

_BORNE = {"payer": "Payer", "patient": "Patients"}
_ALL = "All"
_MILLION = 1e6
_NOTHING = 1e-12


@dataclass(frozen=True)
class Budgets:
    """The budget impacts that a study declares, over the draws that it asks for.

    Parameters
    ----------
    section : BudgetSection
    impacts : mapping of str to BudgetImpact
        By the changes' names.
    money : str
        Currency and price year.
    """

    section: BudgetSection
    impacts: Mapping[str, BudgetImpact]
    money: str

    @classmethod
    def of(cls, found: Findings, sample: Sample | None = None) -> Budgets | None:
        """Evaluate the changes of a study with the draws of a sample, or its own; None where it has none."""
        study = found.study
        if study.spec.budget is None:
            return None
        from costmodel.study.budget import study_budget

        sample = sample or Sample.of(study, found.scenario)
        impacts = study_budget(study, scenario=found.scenario, sample=sample)
        return cls(study.spec.budget, impacts, found.money)

    def label(self, name: str) -> str:
        """Return the label of a change."""
        return self.section.changes[name].label or name.replace("_", " ").capitalize()


def budget_section(budgets: Budgets) -> str:
    """Return how the budget impact is reckoned, and what each change comes to, as a paragraph."""
    section = budgets.section
    last = section.first_year + section.years - 1
    years = f"{section.first_year} to {last}" if section.first_year > 1 else count(section.years, "year")
    prices = "at constant prices" if not section.trend else "with the stated trends of costs"
    parts = [_sentence(budgets, name) for name in budgets.impacts]
    return (
        f"What payers and patients pay with and without each change, {years}, in {budgets.money}, {prices}, "
        f"undiscounted and {section.basis} of rebates; above 0 is spent, below saved. Each cohort runs "
        f"through its own years since its start. {' '.join(parts)}"
    )


def _sentence(budgets: Budgets, name: str) -> str:
    paid = _paid(_in_all(budgets.impacts[name]))
    factor, unit = scale_of(paid["impact"])
    told = [
        f"{_BORNE[row['paid_by']].lower()} {SHOW(row['impact'] / factor)}{interval_text(row, factor)}"
        for row in paid.to_dict("records")
    ]
    money = " ".join(filter(None, (unit, budgets.impacts[name].currency)))
    return f"{escape_markdown(budgets.label(name))}, over all years, {money}: {'; '.join(told)}."


def budget_table(impact: BudgetImpact, *, first_year: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Return what is paid in each year by each payer and its patients, and by all of them.

    Parameters
    ----------
    impact : BudgetImpact
    first_year : int, default 1
        What year 1 is called, such as 2026.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    DataFrame
        ``Year, Payer, Borne by, Without, With, Impact`` as text, the impact with its interval where there are
        draws; in the unit that :func:`budget_note` names. Accounts that pay nothing in either world are left
        out.
    """
    rows = _both(impact.by_year(level=level, each_segment=True), impact.by_year(level=level))
    rows = rows.sort_values("year", kind="stable")
    shown = _shown(rows, _unit([impact])[0])
    shown.insert(0, "Year", [str(year + first_year - 1) for year in rows["year"]])
    return shown


def budget_summary(budgets: Budgets, *, level: float = 0.95) -> pd.DataFrame:
    """Return what each change comes to over all years, by payer.

    Returns
    -------
    DataFrame
        ``Change, Payer, Borne by, Without, With, Impact``, as :func:`budget_table`.
    """
    import pandas as pd

    factor, parts = _unit(budgets.impacts.values())[0], []
    for name, impact in budgets.impacts.items():
        rows = _both(_in_all(impact, level=level, each_segment=True), _in_all(impact, level=level))
        shown = _shown(rows, factor)
        shown.insert(0, "Change", budgets.label(name))
        parts.append(shown)
    return pd.concat(parts, ignore_index=True)


def budget_note(*impacts: BudgetImpact, level: float = 0.95, notes: bool = True) -> str:
    """Return the note under a table of these impacts: unit, basis, interval and, if wanted, their notes."""
    unit = " ".join(filter(None, (_unit(impacts)[1], impacts[0].currency)))
    draws = impacts[0].n_draws
    interval = f" In brackets the {100 * level:g} % interval of {draws:,} draws." if draws > 1 else ""
    basis = ", ".join(filter(None, (unit, "undiscounted", f"{impacts[0].basis} of rebates.")))
    own = dict.fromkeys(note for impact in impacts for note in impact.notes) if notes else ()
    return " ".join([basis[0].upper() + basis[1:] + interval, *(f"{note.rstrip('.')}." for note in own)])


def budget_components(
    impact: BudgetImpact, labels: Callable[[str], str], *, level: float = 0.95
) -> pd.DataFrame:
    """Return what an impact over all years is made of: a row for every cost measure of the accounts.

    Parameters
    ----------
    impact : BudgetImpact
    labels : callable
        From a measure to its label, such as :meth:`costmodel.report.Findings.measure_label`.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        ``Component, Borne by, Without, With, Impact``, as :func:`budget_table`; their sums stand last.
    """
    import pandas as pd

    parts = {labels(name): impact.only(name) for name in impact.components} | {_ALL: impact}
    frames = [_in_all(one, level=level).assign(segment=label) for label, one in parts.items()]
    shown = _shown(_paid(pd.concat(frames)), _unit([impact])[0])
    return shown.rename(columns={"Payer": "Component"})


def _in_all(impact: BudgetImpact, *, level: float = 0.95, each_segment: bool = False) -> pd.DataFrame:
    """Return the amounts added up over all years."""
    rows = impact.cumulative(level=level, each_segment=each_segment)
    return rows[rows["year"] == impact.years]


def _both(segments: pd.DataFrame, everybody: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all segments and below them those of their sum, without what nobody pays."""
    import pandas as pd

    several = len(set(segments["segment"])) > 1
    return _paid(pd.concat([segments, everybody.assign(segment=_ALL)] if several else [segments]))


def _paid(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in which something is paid in either world; what rounding leaves over is nothing."""
    worlds = list(WORLDS[:2])
    least = _NOTHING * rows[worlds].abs().max().max()
    kept: pd.DataFrame = rows[(rows[worlds].abs() > least).any(axis=1)].copy()
    kept[worlds] = kept[worlds].where(kept[worlds].abs() > least, 0.0)
    return kept


def _shown(rows: pd.DataFrame, factor: float) -> pd.DataFrame:
    import pandas as pd

    items: list[dict[Any, Any]] = rows.to_dict("records")
    return pd.DataFrame(
        {
            "Payer": [row["segment"] for row in items],
            "Borne by": [_BORNE[row["paid_by"]] for row in items],
            "Without": [SHOW(row["without"] / factor) for row in items],
            "With": [SHOW(row["with"] / factor) for row in items],
            "Impact": [SHOW(row["impact"] / factor) + interval_text(row, factor) for row in items],
        }
    )


def _unit(impacts: Iterable[BudgetImpact]) -> tuple[float, str]:
    """Return the unit of a table: millions at most, so that small payers keep their digits."""
    import pandas as pd

    largest = max(
        float(one.amounts(world, paid_by=who).mean(axis=0).max())
        for one in impacts
        for world in WORLDS[:2]
        for who in PAYERS
    )
    return scale_of(pd.Series([min(largest, _MILLION)]))
