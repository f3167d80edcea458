"""The registry of tests: from it they are run, and from it their documentation is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from costmodel.model.verification.result import Finding

Body = Callable[[Any], Finding]


@dataclass(frozen=True)
class Test:
    """One test of a model's logic.

    Parameters
    ----------
    key : str
        Fixed short name.
    group, title, changed, expected : str
        What it belongs to, what it says, what is changed in the model, and what should then happen.
    body : callable
        Subject to finding.
    """

    __test__ = False

    key: str
    group: str
    title: str
    changed: str
    expected: str
    body: Body


TESTS: dict[str, Test] = {}
"""The tests that need a model and its parameters alone, in the order in which they are run."""


def check(
    group: str, title: str, *, changed: str, expected: str, into: dict[str, Test] | None = None
) -> Callable[[Body], Body]:
    """Enter a function into a registry of tests; its name is the test's key."""
    registry = TESTS if into is None else into

    def enter(body: Body) -> Body:
        key = body.__name__
        registry[key] = Test(key, group, title, changed, expected, body)
        return body

    return enter
