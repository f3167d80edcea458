"""Segments of a study from a table of people, such as a raked one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.formulas import Expression, constant, parse
from costmodel.populations.segments import Segment

if TYPE_CHECKING:
    import pandas as pd


def segments_of(
    table: pd.DataFrame,
    by: Sequence[str],
    *,
    size: str = "people",
    overrides: Mapping[str, Mapping[Any, float | str]] | None = None,
    note: str = "",
) -> tuple[Segment, ...]:
    """Return a segment for every row of a table of people.

    Parameters
    ----------
    table : DataFrame
        A row per group: the columns of ``by`` and ``size``; groups without people are left out.
    by : sequence of str
        The columns that name a group: indication, payer, age band.
    size : str, default "people"
    overrides : mapping of "parameter" to mapping of category to value, optional
        Parameters that differ between the categories of one of the columns, such as a copay by payer, a
        dose by indication or a share of women by age: a number, or a formula that names a parameter and so
        keeps its source. Categories that are left out do not differ.
    note : str
        What the sizes rest on, such as :attr:`Raked.assumption`; it goes into every segment's note.

    Returns
    -------
    tuple of Segment
        As :func:`costmodel.populations.write_segments` writes them.

    Raises
    ------
    CostModelError
        A column is missing, two rows give one name, a size is negative or missing, nobody is left, or an
        override names a category that no column has.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"payer": ["Part D", "Medicaid"], "people": [700.0, 300.0]})
    >>> found = segments_of(people, ["payer"], overrides={"copay": {"Medicaid": 4}})
    >>> [(one.name, one.size.text, {k: v.text for k, v in one.overrides.items()}) for one in found]
    [('part_d', '700', {}), ('medicaid', '300', {'copay': '4'})]
    """
    for name in (*by, size):
        if name not in table.columns:
            raise CostModelError(f"'{name}' is not a column; {did_you_mean(name, list(table.columns))}")
    if not (table[size] >= 0).all() or not table[size].sum() > 0:
        raise CostModelError(f"{size} must be at least 0 in every row, and above 0 in one")
    rows = table[table[size] > 0].to_dict("records")
    known = {row[name] for row in rows for name in by}
    for parameter, values in (overrides or {}).items():
        strange = [str(category) for category in values if category not in known]
        if strange:
            raise CostModelError(f"override of '{parameter}': no group is '{strange[0]}'")
    found = [_segment([row[name] for name in by], float(row[size]), overrides or {}, note) for row in rows]
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise CostModelError(f"two groups would be called '{name}': name them apart in {', '.join(by)}")
    return tuple(found)


def _segment(
    categories: Sequence[Any], size: float, overrides: Mapping[str, Mapping[Any, float | str]], note: str
) -> Segment:
    own = {
        parameter: _expression(values[category], parameter)
        for parameter, values in overrides.items()
        for category in categories
        if category in values
    }
    words = [str(category) for category in categories]
    return Segment(
        name="_".join(re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") for word in words),
        label=", ".join(words),
        size=constant(size),
        overrides=own,
        note=note,
    )


def _expression(value: float | str, name: str) -> Expression:
    return parse(value, name=name) if isinstance(value, str) else constant(float(value))
