"""Decision trees: how likely each branch is reached, for all draws and segments at once.

A tree stands alone, or in front of a cohort, whose start its leaves give. What a branch earns is counted
with the probability of reaching it, at time zero.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from costmodel.model.accrual import FloatArray
from costmodel.model.counting import ProbabilityError
from costmodel.model.definition import Node
from costmodel.model.timed import BoolArray
from costmodel.model.values import Environment

_ROUNDING = 1e-9


Tree = tuple[Node, ...]


def branch_names(tree: Tree) -> list[str]:
    """Return every branch as ``node.branch``.

    Examples
    --------
    >>> from costmodel.model.definition import Branch
    >>> branch_names((Node("test", (Branch("positive", None), Branch("negative", None))),))
    ['test.positive', 'test.negative']
    """
    return [f"{node.name}.{branch.name}" for node in tree for branch in node.branches]


def reached(
    tree: Tree, environment: Environment, *, strategy: str, first_draw: int = 0
) -> dict[str, FloatArray]:
    """Return the probability of reaching each branch, shape (draw or 1, segment or 1).

    Parameters
    ----------
    tree : tuple of Node
        Each node after the nodes that lead to it; several branches may lead to one node.
    environment : Environment
    strategy : str
        For messages.
    first_draw : int
        Number of the first draw, for messages.

    Raises
    ------
    ProbabilityError
        A probability lies outside [0, 1], or those of a node do not sum to one; the message names node,
        branch, draw, segment and value.
    """
    nodes: dict[str, FloatArray] = {tree[0].name: np.ones((1, 1))}
    branches: dict[str, FloatArray] = {}
    for node in tree:
        here = nodes.get(node.name, np.zeros((1, 1)))
        for branch, probability in zip(
            node.branches, _probabilities(node, environment, strategy, first_draw), strict=True
        ):
            reach = here * probability
            branches[f"{node.name}.{branch.name}"] = reach
            if branch.target:
                nodes[branch.target] = nodes.get(branch.target, np.zeros((1, 1))) + reach
    return branches


def leaves(tree: Tree, reach: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the share of people that the tree sends to each target that is no node of its own."""
    own = {node.name for node in tree}
    found: dict[str, FloatArray] = {}
    for node in tree:
        for branch in node.branches:
            if branch.target and branch.target not in own:
                share = reach[f"{node.name}.{branch.name}"]
                found[branch.target] = found.get(branch.target, np.zeros((1, 1))) + share
    return found


def _probabilities(node: Node, environment: Environment, strategy: str, first_draw: int) -> list[FloatArray]:
    given: list[FloatArray | None] = []
    for branch in node.branches:
        if branch.probability is None:
            given.append(None)
            continue
        name = f"{node.name}.{branch.name}"
        array = environment.evaluate(branch.probability, name)[..., 0]
        wrong = (array < -_ROUNDING) | (array > 1 + _ROUNDING)
        if wrong.any():
            whose = f"strategy '{strategy}', branch {name} ({branch.probability.text})"
            rule = f"{whose}: a probability must lie in [0, 1]"
            raise _refusal(environment, rule, array, wrong, first_draw)
        given.append(array)
    whole = np.asarray(sum((array for array in given if array is not None), np.zeros((1, 1))))
    rest = 1.0 - whole
    open_end = any(array is None for array in given)
    wrong = rest < -_ROUNDING if open_end else np.abs(rest) > _ROUNDING
    if wrong.any():
        rule = "sum to at most 1" if open_end else 'sum to 1, or one of them be "complement"'
        whose = f"strategy '{strategy}', node '{node.name}'"
        rule = f"{whose}: the probabilities of its branches must {rule}"
        raise _refusal(environment, rule, whole, wrong, first_draw)
    return [np.maximum(rest, 0.0) if array is None else array for array in given]


def _refusal(
    environment: Environment, rule: str, array: FloatArray, wrong: BoolArray, first_draw: int
) -> ProbabilityError:
    """Say what was found, where first, and in how many draws."""
    draw, segment = (int(index[0]) for index in np.nonzero(wrong))
    parts = [f"draw {draw + first_draw}"] if array.shape[0] > 1 else []
    parts += [f"segment '{environment.model.segments[segment].name}'"] if array.shape[1] > 1 else []
    at = f" at {', '.join(parts)}" if parts else ""
    found = f"found {array[draw, segment]:.6g}{at}"
    return ProbabilityError(rule, found, int(wrong.any(axis=1).sum()), len(array))
