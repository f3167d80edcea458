"""What the tests of a study's logic found: by group for the report, test by test for its appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.model.verification import Line, Verification
from costmodel.model.verification.compare import TOLERANCE
from costmodel.report.style import DASH
from costmodel.report.text import escape_markdown
from costmodel.study.verification import all_tests

if TYPE_CHECKING:
    import pandas as pd

_ANSWERS = {"yes": "passed", "no": "FAILED", "not applicable": "not applicable"}


def verification_table(verified: Verification) -> pd.DataFrame:
    """Return a row per group of tests: how many, how many passed, what was shown, and every failure in full.

    Parameters
    ----------
    verified : Verification
        From :func:`costmodel.verify`.

    Returns
    -------
    pandas.DataFrame
        ``Group, Tests, Passed, Failed, Not applicable, Largest deviation, What was shown``. The deviation is
        the largest among the group's comparisons of what should be equal, in parts of the value where that is
        above 1; a dash stands where the group compares nothing. What was shown are the titles of the tests
        that passed, after the failures, each with what was changed, expected and found.

    Examples
    --------
    >>> import costmodel as cm
    >>> verified = cm.verify(cm.read_study("clonazepam-us-prices"), n=16)
    >>> table = verification_table(verified).set_index("Group")
    >>> table.loc["Segments", ["Tests", "Passed", "Failed"]].tolist()
    [5, 5, 0]
    """
    import pandas as pd

    rows = []
    for group, lines in _groups(verified).items():
        apart = [line.deviation for line in lines if line.deviation is not None]
        rows.append(
            {
                "Group": group,
                "Tests": len(lines),
                "Passed": _count(lines, "yes"),
                "Failed": _count(lines, "no"),
                "Not applicable": _count(lines, "not applicable"),
                "Largest deviation": f"{max(apart):.1g}" if apart else DASH,
                "What was shown": _shown(lines),
            }
        )
    return pd.DataFrame(rows)


def verification_list(verified: Verification) -> pd.DataFrame:
    """Return a row per test: its group, what was changed, expected and found, and whether it passed.

    Parameters
    ----------
    verified : Verification

    Returns
    -------
    pandas.DataFrame
        ``Group, Test, Changed, Expected, Found, Passed``, rows of one group together.
    """
    import pandas as pd

    rows = [
        {
            "Group": group,
            "Test": line.test,
            "Changed": line.changed.replace("`", ""),
            "Expected": line.expected.replace("`", ""),
            "Found": line.found,
            "Passed": _ANSWERS[line.passed],
        }
        for group, lines in _groups(verified).items()
        for line in lines
    ]
    return pd.DataFrame(rows)


def verification_section(verified: Verification) -> str:
    """Return the opening of the section on verification: the counts, and what failed.

    Examples
    --------
    >>> line = Line("one_by_one", "draws one by one equal all at once", "", "", "4 draws", "no")
    >>> verification_section(Verification("example", (line,)))[-43:]
    'Failed: draws one by one equal all at once.'
    """
    failed = "; ".join(line.test for line in verified.lines if line.passed == "no")
    said = f" Failed: {escape_markdown(failed)}." if failed else ""
    return (
        f"The tests of a model's logic that a program can run were run on this study (@tbl-verification; "
        f"each test in @tbl-verification-list): {verified.words}.{said}"
    )


def verification_note() -> str:
    """Return the note under the table of tests: what is taken for equal, and what passing means."""
    return (
        f"Values count as equal up to one part in {1 / TOLERANCE:,.0f}, and below 1 up to "
        f"that amount itself. A test that passes shows that the model does what it says, not that what it "
        f"says is right."
    )


def _groups(verified: Verification) -> dict[str, list[Line]]:
    """Return the tests by group, in the order in which they were run."""
    tests = all_tests()
    groups: dict[str, list[Line]] = {}
    for line in verified.lines:
        groups.setdefault(tests[line.key].group, []).append(line)
    return groups


def _count(lines: list[Line], verdict: str) -> int:
    return sum(line.passed == verdict for line in lines)


def _shown(lines: list[Line]) -> str:
    failures = [
        f"FAILED: {line.test}. Changed: {line.changed}. Expected: {line.expected}. Found: {line.found}"
        for line in lines
        if line.passed == "no"
    ]
    return "; ".join([*failures, *(line.test for line in lines if line.passed == "yes")]) or "nothing to test"
