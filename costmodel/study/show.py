"""A run's result and a verification in the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from costmodel.analysis.incremental import increments
from costmodel.model import Model, Outcomes
from costmodel.model.definition import WithinCycle
from costmodel.model.verification import Verification

_STYLES = {"yes": "green", "no": "bold red", "not applicable": "dim"}


def conventions(model: Model) -> list[str]:
    """Say by which conventions a model's results are counted: the study's, and a payoff's own.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices
    >>> conventions(two_prices())
    ['1 cycle of 12 months; within cycles: trapezoid; discounted 0 (costs) and 0 (effects), annual, boundary']
    """
    time, discounting = model.time, model.discounting
    cycles = f"{time.n_cycles} cycle{'' if time.n_cycles == 1 else 's'} of {time.cycle_months:g} months"
    rates = f"{discounting.costs.text} (costs) and {discounting.effects.text} (effects)"
    discounted = f"discounted {rates}, {discounting.method}, {discounting.timing}"
    lines = [f"{cycles}; within cycles: {_rule(time.within_cycle)}; {discounted}"]
    for payoff in model.payoffs:
        own = [] if payoff.within_cycle is None else [f"within cycles: {_rule(payoff.within_cycle)}"]
        own += [] if payoff.discount is None else [f"discounted {payoff.discount.text}"]
        own += [] if payoff.timing is None else [f"timing: {payoff.timing}"]
        if own:
            lines.append(f"{payoff.measure}: {'; '.join(own)}")
    return list(dict.fromkeys(lines))


def _rule(rule: WithinCycle) -> str:
    return rule if isinstance(rule, str) else "explicit weights"


def show_outcomes(outcomes: Outcomes, *, said: Sequence[str] = ()) -> None:
    """Print costs and effects by segment and strategy, and the increments in words.

    Parameters
    ----------
    outcomes : Outcomes
    said : sequence of str
        Lines to print below the table, such as :func:`conventions`.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    frame = outcomes.frame()
    drawn = "base case" if outcomes.n_draws == 1 else f"mean of {outcomes.n_draws:,} draws"
    table = Table(title=escape(f"{outcomes.study}: {outcomes.money} per person, discounted, {drawn}"))
    for name in frame.columns:
        table.add_column(escape(name), justify="left" if name in {"segment", "strategy"} else "right")
    before = None
    for row in frame.to_dict("records"):
        segment = str(row.pop("segment"))
        if before not in (None, segment):
            table.add_section()
        cells = [escape(cell) if isinstance(cell, str) else f"{cell:,.2f}" for cell in row.values()]
        table.add_row("" if before == segment else escape(segment), *cells)
        before = segment
    console.print(table)
    for line in said:
        console.print(escape(line), style="dim", highlight=False)
    for place, count in outcomes.clipped.items():
        what = "crossed, and was lowered" if " > " in place else "probabilities were clipped"
        console.print(f"{escape(place)}: {what} in {count:,} of {outcomes.n_draws:,} draws", highlight=False)
    if outcomes.resampled:
        console.print(f"{outcomes.resampled:,} draws gave no probabilities, or crossed, and were drawn again")
    for item in increments(outcomes):
        effect = f", {item.effect}" if item.effect else ""
        line = f"{item.strategy} against {item.comparator} ({item.perspective}{effect}): {item.words}"
        console.print(escape(line), highlight=False)


def show_verification(verification: Verification) -> None:
    """Print a row per test, then the counts."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    table = Table(title=escape(f"{verification.study}: verification"), show_lines=True)
    for name in ("test", "changed", "expected", "found", "passed"):
        table.add_column(name, overflow="fold", max_width=10 if name == "passed" else None)
    for line in verification.lines:
        cells = (line.test, line.changed, line.expected, line.found, line.passed)
        table.add_row(*(escape(cell) for cell in cells), style=_STYLES[line.passed])
    console.print(table)
    console.print(escape(verification.words), highlight=False)
    for line in verification.lines:
        if line.passed == "no":
            console.print(escape(f"failed: {line.test}: {line.found}"), highlight=False)


def verification_json(verification: Verification) -> str:
    """Return a verification as JSON: ``study, ok, tests``, each test with its key and verdict."""
    tests = [asdict(line) for line in verification.lines]
    content = {"study": verification.study, "ok": verification.ok, "tests": tests}
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
