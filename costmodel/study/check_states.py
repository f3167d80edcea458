"""Checks of states and transitions: every state there, reachable and left as meant, rows complete."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from costmodel.checks import did_you_mean
from costmodel.model.definition import Model, States
from costmodel.study.build import Builder
from costmodel.study.check_tree import check_tree
from costmodel.study.schema import TransitionSection


def check_states(builder: Builder, model: Model) -> None:
    """Note every fault of states, transitions and of payoffs in states."""
    check_tree(builder, model)
    if model.states is None:
        _without_states(builder)
        return
    _names(builder, model.states)
    _transitions(builder, model.states)
    _payoffs(builder, model.states)
    if not builder.faults:
        _reached(builder, model.states)
        _left(builder, model.states)


def _without_states(builder: Builder) -> None:
    if builder.spec.transitions:
        builder.note("transitions need states", ["transitions"], "", "add [states] with names and start")
    for index, payoff in enumerate(builder.spec.payoffs):
        if payoff.states or payoff.enter or payoff.transition:
            builder.note(
                "a payoff in states needs states",
                ["payoffs", index],
                payoff.measure,
                "add [states], or drop the states",
            )


def _known(
    builder: Builder,
    names: Iterable[str],
    states: States,
    path: list[str | int],
    *,
    also: Collection[str] = (),
) -> None:
    for name in names:
        if name not in states.names:
            builder.note(f"unknown state '{name}'", path, name, did_you_mean(name, [*states.names, *also]))


def _groups(builder: Builder, states: States) -> list[str]:
    """Note groups that are named like a state, are empty, or hold what is no state; return their names."""
    groups = builder.spec.states.groups if builder.spec.states is not None else {}
    for name, members in groups.items():
        path: list[str | int] = ["states", "groups", name]
        if name in states.names:
            builder.note("a group may not have the name of a state", path, name, "rename the group")
        if not members:
            builder.note("a group needs at least one state", path, "none", "list its states")
        _known(builder, members, states, path)
    return list(groups)


def _names(builder: Builder, states: States) -> None:
    for name in {name for name in states.names if states.names.count(name) > 1}:
        builder.note("a state's name may stand only once", ["states", "names"], name, "rename one")
    for key in ("start", "tunnels", "inflow", "labels"):
        _known(builder, getattr(states, key), states, ["states", key])
    if sum(1 for share in states.start.values() if share is None) > 1:
        builder.note('only one start may be "complement"', ["states", "start"])
    for name, cycles in states.tunnels.items():
        if cycles < 1:
            builder.note("a tunnel must be at least 1 cycle long", ["states", "tunnels", name], cycles)


def _transitions(builder: Builder, states: States) -> None:
    seen: dict[tuple[str, str], int] = {}
    rows: dict[str, list[TransitionSection]] = {}
    for index, item in enumerate(builder.spec.transitions):
        path: list[str | int] = ["transitions", index]
        _known(builder, (item.source, item.target), states, path)
        if (item.source, item.target) in seen:
            builder.note(
                f"the transition {item.source} -> {item.target} may stand only once",
                path,
                "",
                "add the two probabilities in one formula",
            )
        seen[item.source, item.target] = index
        if (item.probability is None) == (item.rate is None):
            builder.note(
                "a transition must have a probability or a rate",
                path,
                "both" if item.rate is not None else "neither",
                "give one of them",
            )
        if item.rate is not None and item.source == item.target:
            builder.note("a rate leads to another state", path, f"{item.source} -> {item.target}")
        rows.setdefault(item.source, []).append(item)
    for source, items in rows.items():
        if any(item.rate is not None for item in items) and any(
            item.probability is not None for item in items
        ):
            builder.note(
                f"the transitions of state '{source}' must be all rates or all probabilities",
                ["transitions", seen[source, items[0].target]],
                "both",
                "rates compete with each other; turn probabilities into rates with prob_to_rate",
            )
        if sum(1 for item in items if item.probability == "complement") > 1:
            builder.note(f"only one transition of state '{source}' may be \"complement\"", ["transitions"])


def _payoffs(builder: Builder, states: States) -> None:
    moves = {(item.source, item.target) for item in builder.spec.transitions}
    groups = _groups(builder, states)
    for index, payoff in enumerate(builder.spec.payoffs):
        path: list[str | int] = ["payoffs", index]
        members = builder.spec.states_of(payoff)
        _known(builder, members, states, path, also=groups)
        for name in sorted({name for name in members if members.count(name) > 1}):
            builder.note("a payoff's state may stand only once", path, name, "write it once")
        event = bool(payoff.enter) + bool(payoff.transition)
        if payoff.enter:
            _known(builder, [payoff.enter], states, path)
        if event + bool(payoff.states) > 1:
            builder.note("a payoff counts time in states, entries or one transition", path, "several")
        if not event and not payoff.states and not payoff.branches and payoff.per != "once":
            builder.note(
                "in a study with states a payoff must name where it accrues",
                path,
                payoff.measure,
                'add states = […], enter = "…", transition = ["from", "to"], or per = "once"',
            )
        if event and payoff.per is not None:
            builder.note(
                "entries and transitions are counted each time: `per` does not apply", path, payoff.per
            )
        if payoff.enter in states.names and not _entered(payoff.enter, moves):
            builder.note(
                f"no transition leads to state '{payoff.enter}'",
                path,
                payoff.measure,
                'who starts or flows in does not enter: use per = "once" for the start, or add a transition',
            )
        if payoff.transition and payoff.transition[0] == payoff.transition[-1] in states.names:
            builder.note(
                "a payoff on a transition counts moves to another state",
                path,
                " -> ".join(payoff.transition),
                f'to pay for time in a state, write states = ["{payoff.transition[0]}"]',
            )
        elif payoff.transition and tuple(payoff.transition) not in moves:
            pair = " -> ".join(payoff.transition)
            known = [f"{source} -> {target}" for source, target in sorted(moves)]
            builder.note(f"there is no transition {pair}", path, payoff.measure, did_you_mean(pair, known))


def _entered(name: str, moves: Iterable[tuple[str, str]]) -> bool:
    return any(target == name != source for source, target in moves)


def _left(builder: Builder, states: States) -> None:
    """Note states that earn payoffs and are never left, in a study that has an end without payoffs."""
    left = {item.source for item in builder.spec.transitions}
    earning = {name for payoff in builder.spec.payoffs for name in builder.spec.states_of(payoff)}
    ends = [name for name in states.names if name not in left | earning]
    for name in states.names:
        if ends and name in earning and name not in left:
            builder.note(
                f"nobody ever leaves state '{name}', not even for '{ends[0]}'",
                ["states", "names"],
                name,
                f'add a transition out of it; if it is meant, write from = "{name}", to = "{name}", '
                "probability = 1",
            )


def _reached(builder: Builder, states: States) -> None:
    """Note states that nobody can be in."""
    reached = {*states.start, *states.inflow}
    reached |= {branch.to for node in builder.spec.tree for branch in node.branches}
    moves = [(item.source, item.target) for item in builder.spec.transitions]
    for _ in states.names:
        reached |= {target for source, target in moves if source in reached}
    for name in states.names:
        if name not in reached:
            builder.note(
                f"nobody can be in state '{name}': no start, inflow or transition leads there",
                ["states", "names"],
                name,
                "add a transition into it, or remove it",
            )
