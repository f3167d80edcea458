"""The assumptions that a study rests on: why, what tests each, and by how much that changes the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.one_way import spread
from costmodel.errors import CostModelError
from costmodel.model import Outcomes, evaluate
from costmodel.report.findings import Findings, count, perspective_label
from costmodel.report.style import MINUS, Formatter, number, significant
from costmodel.study.schema import AssumptionSection

if TYPE_CHECKING:
    import pandas as pd

_MONEY, _QALYS, _PLAIN = number(2), number(4), significant(4)
_STILL = 1e-9


@dataclass(frozen=True)
class _Changes:
    """By how much tests change the headline difference, each in the order of its runs.

    ``cost`` and ``qaly`` hold one number per run: one for a scenario, two for the ends of a range; ``qaly``
    is empty where the study has none.
    """

    test: str
    cost: tuple[float, ...]
    qaly: tuple[float, ...]

    def words(self, currency: str) -> str:
        """Return what changes, in words; what stays as it is goes unsaid."""
        moved = [_range(self.cost, _MONEY, currency)] if any(self.cost) else []
        moved += [_range(self.qaly, _QALYS, "QALYs")] if any(self.qaly) else []
        return ", ".join(moved) or "nothing in the headline comparison"


def assumption_table(found: Findings) -> pd.DataFrame:
    """Return every assumption with its reason, what tests it, and by how much that changes the result.

    Each change is that of the difference between the two strategies of the headline, in its segment and
    perspective: cost (positive: dearer) and, where the study has them, QALYs, both discounted and per person.
    A scenario is one run of the study; a parameter is put at the low and at the high end of its range, all
    else as in the base case. Where one assumption has several tests, letters pair them with their changes.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    pandas.DataFrame
        ``Assumption, Reason, What tests it, What it changes``, a row per assumption; no row where the study
        states none.

    Raises
    ------
    CostModelError
        The model cannot be evaluated at an end of a parameter's range, or a parameter has lost its range.

    Examples
    --------
    >>> import costmodel as cm
    >>> table = assumption_table(Findings.of(cm.read_study("clonazepam-england")))
    >>> table.loc[table["What tests it"] == "Nobody pays the charge", "What it changes"].tolist()
    ['nothing in the headline comparison']
    """
    import pandas as pd

    differences = _Differences(found)
    rows = []
    for item in found.study.spec.assumptions:
        changes = [*map(differences.under, item.scenarios), *map(differences.within, item.parameters)]
        rows.append(
            {
                "Assumption": item.text,
                "Reason": item.reason,
                "What tests it": _lettered([change.test for change in changes])
                if changes
                else f"Nothing. {item.untested}",
                "What it changes": _lettered([change.words(found.currency) for change in changes])
                or "not known",
            }
        )
    return pd.DataFrame(rows, columns=["Assumption", "Reason", "What tests it", "What it changes"])


class _Differences:
    """The headline difference in the base case, under scenarios, and at the ends of ranges."""

    def __init__(self, found: Findings) -> None:
        self.found = found
        self.study = found.study
        self.model = found.study.base_model
        self.qaly = next((name for name, kind in self.model.measures.items() if kind == "qaly"), None)
        self.base = self._of(self.study.run() if found.scenario else found.outcomes)

    def under(self, scenario: str) -> _Changes:
        """Return what a scenario changes."""
        return self._changes(self.found.scenario_label(scenario), self._of(self.study.run(scenario)))

    def within(self, parameter: str) -> _Changes:
        """Return what the ends of a parameter's range change."""
        ends = self.study.parameters.interval(parameter)
        if ends is None:
            raise CostModelError(f"parameter '{parameter}' tests an assumption and has no range; give it one")
        low, high = ends
        draws = spread(self.study.draws(), [{parameter: low}, {parameter: high}])
        test = f"{parameter} from {_PLAIN(low)} to {_PLAIN(high)}"
        return self._changes(test, self._of(evaluate(self.model, draws)))

    def _changes(self, test: str, after: NDArray[np.float64]) -> _Changes:
        change = after - self.base
        change[np.abs(change) <= _STILL * np.maximum(1.0, np.abs(self.base))] = 0.0
        cost, *qaly = (tuple(float(value) for value in row) for row in change)
        return _Changes(test, cost, qaly[0] if qaly else ())

    def _of(self, outcomes: Outcomes) -> NDArray[np.float64]:
        """Return the differences in cost and in QALYs, shape (1 or 2, draw)."""
        first, last = (outcomes.strategies.index(name) for name in self.found.compared)
        amounts = [outcomes.cost(self.found.perspective, segment=self.found.segment)]
        amounts += [outcomes.total(self.qaly, segment=self.found.segment)] if self.qaly else []
        return np.stack([amount[last] - amount[first] for amount in amounts])


def assumption_note(found: Findings) -> str:
    """Return the note under the table of assumptions: which difference is changed, and how."""
    first, last = (found.strategy_label(name) for name in found.compared)
    cost, *qaly = (float(value) for value in _Differences(found).base[:, 0])
    between = f"{_signed(cost, _MONEY)} {found.currency}"
    between += f" and {_signed(qaly[0], _QALYS)} QALYs" if qaly else ""
    return (
        f"Changes are those of the difference between {last} and {first}, in the base case {between} "
        f"({found.segment_label(found.segment)}; {perspective_label(found.perspective).lower()}; "
        f"{found.money} per person, discounted). A range shows the change at the low and at the high end of "
        f"the parameter, all else as it is."
    )


def assumption_section(found: Findings) -> str:
    """Return the opening of the section on assumptions: how many there are, and how many nothing tests.

    Examples
    --------
    >>> import costmodel as cm
    >>> assumption_section(Findings.of(cm.read_study("clonazepam-england")))[:60]
    'The result rests on 5 assumptions that the study states (@tb'
    """
    items = found.study.spec.assumptions
    left = sum(map(_untested, items))
    tested = (
        f"scenarios or ranges of parameters test {len(items) - left} of them, nothing tests {left}"
        if left
        else "a scenario or the range of a parameter tests each"
    )
    return (
        f"The result rests on {count(len(items), 'assumption')} that the study states (@tbl-assumptions): "
        f"{tested}. An assumption that changes nothing in the headline may change other segments, "
        f"perspectives or measures."
    )


def _untested(item: AssumptionSection) -> bool:
    return not item.scenarios and not item.parameters


def _lettered(texts: Sequence[str]) -> str:
    """Join texts, with a letter before each where there are several.

    Examples
    --------
    >>> _lettered(["one"]), _lettered(["one", "two"])
    ('one', '(a) one; (b) two')
    """
    if len(texts) == 1:
        return texts[0]
    return "; ".join(f"({chr(ord('a') + at)}) {text}" for at, text in enumerate(texts))


def _range(values: Sequence[float], show: Formatter, unit: str) -> str:
    """Write a change, or the changes at both ends of a range, with signs.

    Examples
    --------
    >>> _range([-97.1, 40.0], number(0), "USD"), _range([0.00001], number(4), "QALYs")
    ('−97 to +40 USD', 'less than 0.0001 QALYs')
    """
    texts = [_signed(value, show) for value in values]
    if any(values) and not any(text[0] in f"+{MINUS}" for text in texts):
        return f"less than {show(0.0)[:-1]}1 {unit}"
    return f"{' to '.join(texts)} {unit}"


def _signed(value: float, show: Formatter) -> str:
    text = show(value)
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text
