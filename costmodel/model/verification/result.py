"""What a verification says: a line per test, with what was changed, expected and found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["yes", "no", "not applicable"]


@dataclass(frozen=True)
class Finding:
    """What one test found.

    Parameters
    ----------
    passed : {"yes", "no", "not applicable"}
    found : str
        What happened, with numbers; or why the study gives nothing to test.
    deviation : float or None
        How far what should be equal is apart, where the test compares; None where it counts or looks.
    """

    passed: Verdict
    found: str
    deviation: float | None = None


def verdict(passed: object, found: str, *, deviation: float | None = None) -> Finding:
    """Return a pass or a failure."""
    return Finding("yes" if passed else "no", found, deviation)


def not_applicable(reason: str) -> Finding:
    """Return that the study gives nothing to test, and why."""
    return Finding("not applicable", reason)


@dataclass(frozen=True)
class Line:
    """One test of a verification.

    Parameters
    ----------
    key : str
        The test's fixed short name.
    test, changed, expected, found : str
    passed : {"yes", "no", "not applicable"}
    deviation : float or None
        How far what should be equal is apart, where the test compares.
    """

    key: str
    test: str
    changed: str
    expected: str
    found: str
    passed: Verdict
    deviation: float | None = None


@dataclass(frozen=True)
class Verification:
    """The tests of a model's logic and what they found.

    Parameters
    ----------
    study : str
    lines : tuple of Line
        In the order of the registry.

    Examples
    --------
    >>> line = Line("one", "a test", "nothing", "a pass", "1 of 1", "yes")
    >>> result = Verification("example", (line,))
    >>> result.ok, result.failed, result.words
    (True, (), '1 test: 1 passed, 0 failed, 0 not applicable')
    """

    study: str
    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        """Whether no test failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """Keys of the tests that failed."""
        return tuple(line.key for line in self.lines if line.passed == "no")

    @property
    def words(self) -> str:
        """The count of each verdict, in a sentence."""
        count = {kind: sum(line.passed == kind for line in self.lines) for kind in ("yes", "no")}
        rest = len(self.lines) - sum(count.values())
        tests = "1 test" if len(self.lines) == 1 else f"{len(self.lines)} tests"
        return f"{tests}: {count['yes']} passed, {count['no']} failed, {rest} not applicable"

    def frame(self) -> pd.DataFrame:
        """Return a row per test: ``test, changed, expected, found, passed``, keys as the index."""
        import pandas as pd

        rows = [asdict(line) for line in self.lines]
        columns = ["key", "test", "changed", "expected", "found", "passed"]
        return pd.DataFrame(rows, columns=columns).set_index("key")
