"""Checks of what a study says about itself: its assumptions and its inventory of impacts."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from costmodel.checks import did_you_mean
from costmodel.model.definition import Model
from costmodel.study.build import Builder
from costmodel.study.schema import AssumptionSection, Sector

SECTORS: tuple[str, ...] = get_args(Sector)
"""The sectors of the Second Panel's inventory, in its order."""


def check_disclosure(builder: Builder, model: Model) -> None:
    """Note assumptions that nothing tests and nobody excuses, and an inventory that is not complete."""
    for index, assumption in enumerate(builder.spec.assumptions):
        _check_assumption(builder, index, assumption)
    if builder.spec.inventory:
        _check_lines(builder, model)
        _check_complete(builder, model)


def _check_assumption(builder: Builder, index: int, assumption: AssumptionSection) -> None:
    _known(builder, ["assumptions", index, "scenarios"], assumption.scenarios, builder.spec.scenarios)
    names = [name for name in assumption.parameters if name not in builder.claimed]
    _known(builder, ["assumptions", index, "parameters"], names, builder.parameters)
    for name in names:
        if name in builder.parameters and builder.parameters.interval(name) is None:
            builder.note(
                f"parameter '{name}' has no range, so it tests nothing",
                ["assumptions", index, "parameters"],
                name,
                "give it low and high or a distribution, name a scenario, or say in `untested` why not",
            )
    tested = bool(assumption.scenarios or assumption.parameters)
    if tested and assumption.untested:
        builder.note(
            "an assumption that is tested cannot be untested",
            ["assumptions", index, "untested"],
            assumption.untested,
            "move what is left untested to `reason` or to an assumption of its own",
        )
    if not tested and not assumption.untested:
        builder.note(
            "nothing tests this assumption",
            ["assumptions", index, "text"],
            assumption.text,
            "name scenarios or parameters that test it, or say in `untested` why none does",
        )


def _check_lines(builder: Builder, model: Model) -> None:
    for index, line in enumerate(builder.spec.inventory):
        _known(builder, ["inventory", index, "measures"], line.measures, model.measures)
        if not line.measures and not line.note:
            builder.note(
                "an impact that nothing counts must say why",
                ["inventory", index, "impact"],
                line.impact,
                "give a note, or the measures that count it",
            )


def _check_complete(builder: Builder, model: Model) -> None:
    """Note what the inventory leaves out: a reader takes what is not listed for absent."""
    listed = {measure for line in builder.spec.inventory for measure in line.measures}
    for measure in model.measures:
        if measure not in listed:
            builder.note(
                f"measure '{measure}' is in no line of the inventory",
                ["inventory"],
                measure,
                "add it to `measures` of the impact that it counts",
            )
    sectors = {line.sector for line in builder.spec.inventory}
    for sector in SECTORS:
        if sector not in sectors:
            builder.note(
                f"the inventory has no line for the sector '{sector}'",
                ["inventory"],
                sector,
                "add an impact, without measures and with a note if nothing there is counted",
            )


def _known(builder: Builder, path: list[str | int], names: Collection[str], known: Collection[str]) -> None:
    kind = {"scenarios": "scenario", "parameters": "parameter", "measures": "measure"}[str(path[-1])]
    for name in names:
        if name not in known:
            builder.note(f"unknown {kind} '{name}'", path, name, did_you_mean(name, list(known)))
