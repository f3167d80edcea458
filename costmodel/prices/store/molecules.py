"""Names by which molecules go, in rows as they are stored."""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.prices.official.cells import text
from costmodel.prices.official.sdud import NAME_LENGTH, SDUD

if TYPE_CHECKING:
    import duckdb

_UNNAMED = "molecule not stated: the product name stands for it"


def names_of(molecules: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the molecule of each name, in lower case; a molecule goes by its own name too.

    Raises
    ------
    CostModelError
        A molecule has no list of names, or a name is given to two.

    Examples
    --------
    >>> names_of({"clonazepam": ["Klonopin"]})
    {'clonazepam': 'clonazepam', 'klonopin': 'clonazepam'}
    """
    owners: dict[str, str] = {}
    for molecule, names in molecules.items():
        if isinstance(names, str) or not all(name.strip() for name in names):
            raise CostModelError(f"molecules: give '{molecule}' a list of names, as ['{molecule}']")
        for name in (molecule, *names):
            word = " ".join(name.lower().split())
            owner = owners.setdefault(word, molecule)
            if owner != molecule:
                raise CostModelError(f"molecules: '{name}' is a name of both '{owner}' and '{molecule}'")
    return owners


def owner_of(found: str, owners: Mapping[str, str], length: int | None = None) -> str | None:
    """Return the molecule whose name a text is or begins with, in whole words.

    Parameters
    ----------
    found : str
        In lower case.
    owners : mapping of str to str
    length : int, optional
        To how many characters the file cuts names.

    Examples
    --------
    >>> owners = {"klonopin": "clonazepam", "escitalopram": "escitalopram"}
    >>> owner_of("klonopin wafers", owners), owner_of("klonopinx", owners), owner_of("escitalopr", owners, 10)
    ('clonazepam', None, 'escitalopram')
    """
    line = " ".join(found.split()) + " "
    cuts = {name[:length].strip(): owner for name, owner in owners.items()}
    longest = sorted(cuts, key=len, reverse=True)
    return next((cuts[cut] for cut in longest if line.startswith(cut + " ")), None)


def renamed(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    molecules: Mapping[str, Sequence[str]] | None,
    *,
    layout: str,
    file: str | None = None,
) -> str:
    """Return SQL in which a row whose molecule is a known name has the molecule's own.

    Raises
    ------
    CostModelError
        ``file`` is given and has no row of a molecule; the nearest name is said.
    """
    columns = connection.sql(sql).columns
    if not molecules or "molecule" not in columns:
        return sql
    owners, length = names_of(molecules), NAME_LENGTH if layout == SDUD.name else None
    found = connection.execute(f"SELECT DISTINCT lower(molecule) FROM ({sql})").fetchall()
    words = sorted(row[0] for row in found if row[0])
    changed = {word: owner for word in words if (owner := owner_of(word, owners, length))}
    for molecule, names in molecules.items():
        if file is not None and molecule not in changed.values():
            near = did_you_mean(next(iter(names), molecule), words)
            raise CostModelError(f"{file} has no row of '{molecule}' under any of its names; {near}")
    if not changed:
        return sql
    whens = " ".join(f"WHEN {text(word)} THEN {text(owner)}" for word, owner in changed.items())
    owner_sql = f"CASE lower(molecule) {whens} ELSE molecule END"
    replaced = f"{owner_sql} AS molecule"
    if "note" in columns:
        stated = f"{owner_sql} <> molecule AND contains(note, {text(_UNNAMED)})"
        bare = f"ltrim(replace(note, {text(_UNNAMED)}, ''), '; ')"
        replaced += f", CASE WHEN {stated} THEN {bare} ELSE note END AS note"
    return f"SELECT * REPLACE ({replaced}) FROM ({sql})"
