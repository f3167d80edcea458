"""Checks of a decision tree: every node reached once in order, every leaf where it should lead."""

from __future__ import annotations

from costmodel.checks import did_you_mean
from costmodel.model.definition import Model
from costmodel.model.tree import branch_names
from costmodel.study.build import COMPLEMENT, Builder


def check_tree(builder: Builder, model: Model) -> None:
    """Note every fault of the tree and of payoffs on its branches."""
    known = branch_names(model.tree)
    for index, payoff in enumerate(builder.spec.payoffs):
        for name in payoff.branches:
            if name not in known:
                rule = f"unknown branch '{name}'"
                remedy = did_you_mean(name, known) if known else "add [[tree]], or drop the branches"
                builder.note(rule, ["payoffs", index], name, remedy)
        if payoff.branches and (payoff.per not in (None, "once") or payoff.states):
            builder.note(
                "a payoff on branches counts once, when a branch is reached",
                ["payoffs", index],
                payoff.measure,
                "leave out `per` and `states`",
            )
    if model.tree:
        _nodes(builder)
        _order(builder, model)
        _start(builder, model)


def _nodes(builder: Builder) -> None:
    seen: set[str] = set()
    for index, node in enumerate(builder.spec.tree):
        if node.node in seen:
            builder.note("a node's name may stand only once", ["tree", index], node.node, "rename one")
        seen.add(node.node)
        names = [branch.name for branch in node.branches]
        for name in {name for name in names if names.count(name) > 1}:
            builder.note(f"node '{node.node}' has two branches '{name}'", ["tree", index], name, "rename one")
        if sum(branch.probability == COMPLEMENT for branch in node.branches) > 1:
            builder.note(f"only one branch of node '{node.node}' may be \"complement\"", ["tree", index])


def _order(builder: Builder, model: Model) -> None:
    """Note nodes that nothing leads to, and branches that lead back."""
    position = {node.name: index for index, node in enumerate(model.tree)}
    led_to = {branch.target for node in model.tree for branch in node.branches}
    for index, node in enumerate(model.tree):
        if index and node.name not in led_to:
            builder.note(
                f"no branch leads to node '{node.name}'",
                ["tree", index],
                node.name,
                "name it in `to` of a branch; the first node is the root",
            )
        for branch in node.branches:
            if position.get(branch.target, index + 1) <= index:
                builder.note(
                    f"branch {node.name}.{branch.name} leads back to node '{branch.target}'",
                    ["tree", index],
                    branch.target,
                    "write each node after the nodes that lead to it; a tree has no way back",
                )


def _start(builder: Builder, model: Model) -> None:
    nodes = {node.name for node in model.tree}
    if model.states is None:
        for index, node in enumerate(model.tree):
            for branch in node.branches:
                if branch.target and branch.target not in nodes:
                    remedy = did_you_mean(branch.target, sorted(nodes))
                    builder.note(f"unknown node '{branch.target}'", ["tree", index], branch.target, remedy)
        return
    if model.states.start:
        builder.note(
            "the tree's leaves say where the cohort starts",
            ["states", "start"],
            ", ".join(model.states.start),
            "leave out `start`, or the tree",
        )
    for index, node in enumerate(model.tree):
        for branch in node.branches:
            if branch.target not in nodes and branch.target not in model.states.names:
                remedy = did_you_mean(branch.target, [*model.states.names, *sorted(nodes)])
                builder.note(
                    f"branch {node.name}.{branch.name} must lead to a node or a state",
                    ["tree", index],
                    branch.target or "no `to`",
                    remedy,
                )
