"""The tables of a study's report, as frames with the headers a reader sees."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costmodel.analysis.incremental import increments
from costmodel.report.findings import Findings, count, perspective_label
from costmodel.study.schema import PayoffSection
from costmodel.study.show import conventions

if TYPE_CHECKING:
    import pandas as pd


def cost_table(found: Findings) -> pd.DataFrame:
    """Return mean cost per person by segment, strategy and perspective, and the effects that differ."""
    import pandas as pd

    rows = []
    for segment in found.groups:
        costs = {
            name: found.outcomes.cost(name, segment=segment).mean(axis=1)
            for name in found.outcomes.perspectives
        }
        for position, strategy in enumerate(found.outcomes.strategies):
            row: dict[str, Any] = {
                "Segment": "All segments, by size" if segment is None else found.segment_label(segment),
                "Strategy": found.strategy_label(strategy),
            }
            row |= {perspective_label(name): float(values[position]) for name, values in costs.items()}
            for name in found.differing_effects:
                row[found.measure_label(name)] = float(
                    found.outcomes.total(name, segment=segment)[position].mean()
                )
            rows.append(row)
    return pd.DataFrame(rows)


def component_table(found: Findings) -> pd.DataFrame:
    """Return every cost measure and effect per person in the headline segment, by strategy."""
    import pandas as pd

    rows: dict[str, list[float]] = {}
    for measure in found.outcomes.measures:
        values = found.outcomes.total(measure, segment=found.segment).mean(axis=1)
        rows[found.measure_label(measure)] = [float(value) for value in values]
    columns = [found.strategy_label(name) for name in found.outcomes.strategies]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.rename_axis("Component")


def increment_table(found: Findings) -> pd.DataFrame:
    """Return each strategy against the comparator by segment: headline perspective, first effect."""
    import pandas as pd

    rows = []
    for segment in found.groups:
        items = increments(found.outcomes, segment=segment)
        for item in items:
            if item.perspective != found.perspective or item.effect != items[0].effect:
                continue
            rows.append(
                {
                    "Segment": "All segments, by size" if segment is None else found.segment_label(segment),
                    "Strategy": found.strategy_label(item.strategy),
                    "Difference in cost": item.cost,
                    "Result": item.words,
                }
            )
    return pd.DataFrame(rows)


def scenario_table(found: Findings) -> pd.DataFrame:
    """Return the headline comparison under the base case and every scenario.

    Columns: scenario, cost of the comparator, cost of the last of the other strategies, difference, and why.
    """
    import pandas as pd

    spec = found.study.spec
    rows = []
    for name in (None, *spec.scenarios):
        outcomes = found.study.run(name)
        cost = outcomes.cost(found.perspective, segment=found.segment).mean(axis=1)
        first, last = (outcomes.strategies.index(strategy) for strategy in found.compared)
        rows.append(
            {
                "Scenario": found.scenario_label(name),
                found.strategy_label(outcomes.strategies[first]): float(cost[first]),
                found.strategy_label(outcomes.strategies[last]): float(cost[last]),
                "Difference": float(cost[last] - cost[first]),
                "Note": spec.scenarios[name].note if name else "",
            }
        )
    return pd.DataFrame(rows)


def segment_table(found: Findings) -> pd.DataFrame:
    """Return the segments: label, people, share, and the note on where the number comes from."""
    import pandas as pd

    sizes = found.outcomes.sizes.mean(axis=0)
    return pd.DataFrame(
        {
            "Segment": [item.label for item in found.study.segments],
            "People": sizes,
            "Share": sizes / sizes.sum(),
            "Basis": [item.note for item in found.study.segments],
        }
    )


def input_table(found: Findings) -> pd.DataFrame:
    """Return every parameter of parameters.csv with value, range, source, status and rank correlations."""
    import pandas as pd

    table = found.study.parameters.rank_correlations

    def correlated(name: str) -> str:
        others = table.between(name) if table is not None else {}
        listed = ", ".join(f"{other} {_plain(value)}" for other, value in others.items())
        return f"rank correlation with {listed}" if listed else ""

    rows = [
        {
            "Input": item.name,
            "Value": _plain(item.value),
            "Range": ""
            if item.low is None or item.high is None
            else f"{_plain(item.low)} to {_plain(item.high)}",
            "Unit": _unit(item.unit, item.price_year),
            "Distribution": item.distribution,
            "Status": item.status,
            "Source": "; ".join(key for key in item.sources if key in found.study.bibliography),
            "Note": "; ".join(part for part in (item.locator, item.note, correlated(name)) if part),
        }
        for name, item in found.study.parameters.items()
        if name not in found.study.bound
    ]
    return pd.DataFrame(rows)


def _accrual(payoff: PayoffSection) -> str:
    """Say when a payoff accrues."""
    if payoff.enter:
        return f"on entering {payoff.enter}"
    if payoff.transition:
        return " to ".join(payoff.transition)
    when = "once" if payoff.per == "once" else f"per {payoff.per or 'year'}"
    return f"{when} in {', '.join(payoff.states)}" if payoff.states else when


def _plain(value: float) -> str:
    """Write a number in full: never with an exponent, never with digits that it does not have."""
    return f"{Decimal(repr(float(value))).normalize():,f}"


def _unit(unit: str, price_year: int | None) -> str:
    return f"{unit} ({price_year})" if price_year else unit


def bound_table(found: Findings) -> pd.DataFrame:
    """Return the inputs that are read from tables: value, unit, table and query."""
    import pandas as pd

    rows = [
        {
            "Input": name,
            "Value": _plain(item.parameter.value),
            "Unit": item.parameter.unit,
            "Table": item.table,
            "Rows": ", ".join(f"{key} = {value}" for key, value in item.query.items()),
            "Note": "; ".join(part for part in (item.note, *item.flags) if part),
        }
        for name, item in found.study.bound.items()
    ]
    return pd.DataFrame(rows)


def formula_table(found: Findings) -> pd.DataFrame:
    """Return the formulas of the study as they are written."""
    import pandas as pd

    formulas = found.study.spec.formulas
    return pd.DataFrame({"Name": list(formulas), "Formula": [str(text) for text in formulas.values()]})


def payoff_table(found: Findings) -> pd.DataFrame:
    """Return what accrues, grouped by measure: when, where, and the formula as it is written."""
    import pandas as pd

    payoffs = found.study.spec.payoffs
    order = list(dict.fromkeys(item.measure for item in payoffs))
    rows = [
        {"Measure": found.measure_label(item.measure), "Accrues": _accrual(item), "Formula": str(item.value)}
        for item in sorted(payoffs, key=lambda item: order.index(item.measure))
    ]
    return pd.DataFrame(rows)


def payoff_note(found: Findings) -> str:
    """Return the note under the table of payoffs: the states of each group; empty without groups."""
    states = found.study.spec.states
    groups = states.groups if states is not None else {}
    return " ".join(f"{name}: {', '.join(members)}." for name, members in groups.items())


def convention_table(found: Findings) -> pd.DataFrame:
    """Return the conventions that this result rests on."""
    import pandas as pd

    model = found.study.model(found.scenario)
    time, discounting = model.time, model.discounting
    rule = time.within_cycle if isinstance(time.within_cycle, str) else "explicit weights"
    cycles = f"{count(time.n_cycles, 'cycle')} of {count(time.cycle_months, 'month')}"
    rows = {
        "Scenario": found.scenario_label(found.scenario),
        "Currency and price year": found.money,
        "Comparator": found.strategy_label(found.outcomes.comparator),
        "Horizon": f"{count(time.horizon_years, 'year')} in {cycles}",
        "Within-cycle rule": rule,
        "Discount rate, costs": discounting.costs.text,
        "Discount rate, effects": discounting.effects.text,
        "Discounting": f"{discounting.method}, at the {discounting.timing}",
        "Segments": "averages weighted by number of people",
        "Perspectives": "; ".join(
            f"{perspective_label(name)}: {', '.join(found.measure_label(measure) for measure in members)}"
            for name, members in found.outcomes.perspectives.items()
        ),
    }
    for money, section in found.study.spec.conversions.items():
        rows[f"Amounts in {money}"] = (
            f"times {section.factor:g}: {section.reason}"
            if isinstance(section.factor, float)
            else f"times {section.factor}: {section.reason}"
        )
    for number, line in enumerate(conventions(model)[1:], start=1):
        rows[f"A payoff's own rule ({number})"] = line
    return pd.DataFrame({"Convention": list(rows), "This study": list(rows.values())})
