"""What figures need to know of a model's states: how they are called, where people start, where they stay."""

from __future__ import annotations

from costmodel.errors import CostModelError
from costmodel.model import Model
from costmodel.model.definition import States
from costmodel.report.findings import Findings, count


def states_of(model: Model) -> States:
    """Return the states of a model.

    Raises
    ------
    CostModelError
        The model has none.
    """
    if model.states is None:
        raise CostModelError(f"study '{model.name}' has no states to draw")
    return model.states


def state_labels(model: Model) -> dict[str, str]:
    """Return what every state is called in reports.

    Examples
    --------
    >>> from costmodel.model.examples import well_or_dead
    >>> state_labels(well_or_dead())
    {'well': 'Well', 'dead': 'Dead'}
    """
    states = states_of(model)
    return {name: states.labels.get(name) or name.replace("_", " ").capitalize() for name in states.names}


def absorbing(model: Model) -> tuple[str, ...]:
    """Return the states that are never left.

    Examples
    --------
    >>> from costmodel.model.examples import well_or_dead
    >>> absorbing(well_or_dead())
    ('dead',)
    """
    left = {item.source for item in model.transitions if item.source != item.target}
    return tuple(name for name in states_of(model).names if name not in left)


def starting(model: Model) -> tuple[str, ...]:
    """Return the states in which people start, or that a decision tree leads to.

    Examples
    --------
    >>> from costmodel.model.examples import well_or_dead
    >>> starting(well_or_dead())
    ('well',)
    """
    states = states_of(model)
    leaves = {branch.target for node in model.tree for branch in node.branches}
    shares = {name: "1" if share is None else share.text for name, share in states.start.items()}
    return tuple(name for name in states.names if name in leaves or shares.get(name, "0") not in ("0", "0.0"))


def strategy_label(model: Model, name: str) -> str:
    """Return what a strategy is called in reports."""
    label = model.strategy(name).label
    return label if label != name else name.replace("_", " ").capitalize()


def model_section(found: Findings) -> str:
    """Return the opening of the section on the model: its states, and what its figures show."""
    model = found.study.model(found.scenario)
    time = model.time
    states, cycles = count(len(states_of(model).names), "state"), count(time.n_cycles, "cycle")
    return (
        f"## The model\n\nPeople move between {states} (@fig-states) in {cycles} of "
        f"{count(time.cycle_months, 'month')}. @fig-trace shows where they are over time in the base case, "
        "averaged over segments by size; @fig-influence shows which inputs each result rests on."
    )


def influence_caption(target: str | None) -> str:
    """Return the caption of the influence diagram of a target, or of the whole model."""
    return "What each result rests on" if target is None else f"What {target.replace('_', ' ')} rests on"
