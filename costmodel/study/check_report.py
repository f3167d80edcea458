"""Checks of [report] in study.toml: every name in it is one of the study's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.formulas import parse
from costmodel.model.definition import Model
from costmodel.study.build import Builder
from costmodel.study.report_schema import ChangeSection, SavingsSection


def check_report(builder: Builder, model: Model, known: Collection[str]) -> set[str]:
    """Note headline names, comparisons and savings that the study does not have.

    Parameters
    ----------
    builder : Builder
        Collects the faults.
    model : Model
    known : collection of str
        Names that a formula may use.

    Returns
    -------
    set of str
        Names that the report's own formulas use.
    """
    report = builder.spec.report
    strategies = [strategy.name for strategy in model.strategies]
    names = {
        "headline_segment": [segment.name for segment in model.segments],
        "headline_perspective": list(model.perspectives),
    }
    for key, choices in names.items():
        value = getattr(report, key)
        if value:
            _known(builder, value, choices, key.removeprefix("headline_"), ["report", key])
    for index, pair in enumerate(report.compare):
        _pair(builder, pair, strategies, ["report", "compare", index])
    if report.change is not None:
        _change(builder, report.change, model, strategies)
    if report.savings is None:
        return set()
    for key in ("saving", "spending"):
        place = ["report", "savings", key]
        _known(builder, getattr(report.savings, key), list(model.perspectives), "perspective", place)
    for key in ("made", "left", "programme"):
        _pair(builder, getattr(report.savings, key), strategies, ["report", "savings", key])
    return _purchases(builder, report.savings, known)


def _change(builder: Builder, change: ChangeSection, model: Model, strategies: Collection[str]) -> None:
    path = ["report", "change"]
    for key in ("old", "new"):
        _known(builder, getattr(change, key), strategies, "strategy", [*path, key])
    for key in ("price", "use"):
        _known(builder, getattr(change, key), list(builder.spec.scenarios), "scenario", [*path, key])
    _known(builder, change.perspective, list(model.perspectives), "perspective", [*path, "perspective"])


def _purchases(builder: Builder, savings: SavingsSection, known: Collection[str]) -> set[str]:
    names: set[str] = set()
    for index, item in enumerate(savings.buys):
        place = ["report", "savings", "buys", index, "cost"]
        try:
            used = parse(str(item.cost)).names
        except CostModelError as problem:
            builder.note(str(problem), place, item.cost)
            continue
        names |= used
        for name in sorted(used - set(known)):
            _known(builder, name, known, "parameter or formula", place)
    return names


def _pair(builder: Builder, pair: Sequence[str], names: Collection[str], path: Sequence[Any]) -> None:
    for name in pair:
        _known(builder, name, names, "strategy", path)
    if pair[0] == pair[1]:
        builder.note("a strategy cannot be compared with itself", path, pair[0], "name another strategy")


def _known(builder: Builder, name: str, names: Collection[str], noun: str, path: Sequence[Any]) -> None:
    if name not in names:
        builder.note(f"must be a {noun}", path, name, did_you_mean(name, sorted(names)))
