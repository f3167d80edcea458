"""Substitution sets: which products may stand for one another, and why others may not.

A set is one molecule, strength, form and unit, and where FDA's ratings are at hand one therapeutic
equivalence code. Tablets, orally disintegrating and modified-release tablets are sets of their own unless
a curated exception joins them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd

from costmodel.prices.errors import PriceError
from costmodel.prices.exceptions import FormRules, form_rules, read_exceptions
from costmodel.prices.schema import list_dates
from costmodel.prices.spending import SpendingTable
from costmodel.prices.table import PriceTable

Table = TypeVar("Table", PriceTable, SpendingTable)

Rater = Callable[[dict[Any, Any]], tuple[str, str]]
"""Gives a row's therapeutic equivalence code, and the reason where it has no set."""

_RATED = ("trade_name", "strength_mg", "form", "te_code", "marketing_status")


def substitution_sets(
    table: PriceTable | SpendingTable,
    *,
    orange_book: pd.DataFrame | None = None,
    exceptions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Assign each row to the set of products it may be substituted with, or say why to none.

    Parameters
    ----------
    table : PriceTable or SpendingTable
        Spending of which strengths or forms are pooled has no set, and says so.
    orange_book : pandas.DataFrame, optional
        FDA's ratings: ``trade_name, strength_mg, form, te_code, marketing_status``. A product is found by
        ``appl_no`` where both have it, else by the trade name with which its description begins.
    exceptions : pandas.DataFrame, optional
        Forms that are the same or apart; the bundled ``equivalence_exceptions`` by default.

    Returns
    -------
    pandas.DataFrame
        The rows of the table with ``set`` (words that name it, blank where ``equivalent`` is false),
        ``set_form``, ``te_code``, ``equivalent``, the ``reason`` where it is false, the exceptions that
        touch the row in ``rule``, and a ``warning`` where one of them is old.

    Raises
    ------
    DataError
        The exceptions are faulty; every fault is listed.
    PriceError
        The ratings lack a column, or exceptions contradict one another.

    Notes
    -----
    FDA, Approved Drug Products with Therapeutic Equivalence Evaluations, preface: codes that begin with A
    are equivalent within one code, so AB1 and AB2 stay apart; codes that begin with B are not equivalent.

    Examples
    --------
    >>> from costmodel.datasets import read_dataset
    >>> from costmodel.prices import prices
    >>> sets = substitution_sets(prices("us/nadac"), orange_book=read_dataset("us/orange_book"))
    >>> sets.query("strength_mg == 2").groupby("set").size().to_dict()
    {'clonazepam 2 mg orally disintegrating tablet, AB': 5, 'clonazepam 2 mg tablet, AB': 16}
    """
    rules = read_exceptions(exceptions)
    rate = _rater(orange_book)
    known: dict[tuple[str, float, Any], Any] = {}
    rows = []
    dates = list_dates(table.frame) if isinstance(table, PriceTable) else table.frame["period_end"]
    for one, date in zip(table.frame.to_dict("records"), dates, strict=True):
        key = (one["molecule"], one["strength_mg"], date)
        if key not in known:
            known[key] = form_rules(rules, *key)
        rows.append(_assigned(one, known[key], *_rated(one, rate)))
    return table.frame.join(pd.DataFrame(rows, index=table.frame.index))


def _rated(row: dict[Any, Any], rate: Rater) -> tuple[str, str]:
    if not row["form"] or pd.isna(row["strength_mg"]):
        return "", "strengths or forms are pooled: no one product"
    return rate(row)


def _assigned(row: dict[Any, Any], found: FormRules, code: str, reason: str) -> dict[str, Any]:
    form = found.joined.get(row["form"], row["form"])
    unit = f" per {row['unit']}" if row["unit"] not in form else ""
    name = f"{row['molecule']} {row['strength_mg']:g} mg {form}{unit}" + (f", {code}" if code else "")
    return {
        "set": "" if reason else name,
        "set_form": form,
        "te_code": code,
        "equivalent": not reason,
        "reason": reason,
        "rule": found.notes.get(row["form"], ""),
        "warning": found.warnings.get(row["form"], ""),
    }


def _rater(orange_book: pd.DataFrame | None) -> Rater:
    if orange_book is None:
        return lambda _: ("", "")
    missing = [name for name in _RATED if name not in orange_book.columns]
    if missing:
        raise PriceError(f"orange_book needs the columns {', '.join(missing)}")
    by_number: dict[Any, list[dict[Any, Any]]] = {}
    by_name: dict[Any, list[dict[Any, Any]]] = {}
    for one in orange_book.to_dict("records"):
        size = (float(one["strength_mg"]), one["form"])
        by_name.setdefault(size, []).append(one)
        if one.get("appl_no"):
            by_number.setdefault((str(one["appl_no"]), *size), []).append(one)

    def rate(row: dict[Any, Any]) -> tuple[str, str]:
        size = (float(row["strength_mg"]), row["form"])
        if row.get("appl_no"):
            entries = by_number.get((str(row["appl_no"]), *size), [])
        else:
            named = [(one, _is_named(row["product"], one["trade_name"])) for one in by_name.get(size, [])]
            longest = max((length for _, length in named), default=0)
            entries = [one for one, length in named if length == longest > 0]
        return _rating(entries)

    return rate


def _is_named(product: str, trade_name: str) -> int:
    """Return the length of a trade name with which a description begins, or 0."""
    words, name = product.upper().split(), trade_name.upper().split()
    return len(name) if words[: len(name)] == name else 0


def _rating(entries: list[dict[Any, Any]]) -> tuple[str, str]:
    if not entries:
        return "", "not among the ratings given under this name, strength and form"
    sold = [one for one in entries if one["marketing_status"] != "discontinued"]
    if not sold:
        return "", "discontinued: rated with nothing"
    codes = sorted({"" if pd.isna(one["te_code"]) else str(one["te_code"]) for one in sold})
    if len(codes) > 1:
        shown = ", ".join(code or "none" for code in codes)
        return "", f"several codes under this name ({shown}): which is this product's needs its appl_no"
    code = codes[0]
    if not code:
        return "", "no therapeutic equivalence code: rated with nothing"
    return (code, "") if code.startswith("A") else (code, f"{code}: not therapeutically equivalent")


def equivalents(
    table: Table,
    *,
    orange_book: pd.DataFrame | None = None,
    exceptions: pd.DataFrame | None = None,
) -> Table:
    """Return the rows that have a substitution set, ready for comparison within sets.

    Forms that an exception joins get one name (``capsule / tablet``), the form as read staying in
    ``form_as_read``; name ``te_code`` in ``by`` of a comparison to keep codes apart.

    Raises
    ------
    PriceError
        As :func:`substitution_sets`; or no row has a set: the reasons are counted.

    Examples
    --------
    >>> from costmodel.datasets import read_dataset
    >>> from costmodel.prices import compare_prices, prices
    >>> rated = equivalents(prices("us/nadac"), orange_book=read_dataset("us/orange_book"))
    >>> by = ["molecule", "strength_mg", "form", "unit", "te_code"]
    >>> compare_prices(rated, by=by).query("basis == 'unit'")["ratio"].round(1).tolist()
    [133.8, 123.1, 109.8]
    """
    sets = substitution_sets(table, orange_book=orange_book, exceptions=exceptions)
    kept = sets[sets["equivalent"]]
    if kept.empty:
        counts = sets["reason"].value_counts()
        reasons = "; ".join(f"{reason} ({count})" for reason, count in counts.items())
        raise PriceError(f"{table.origin}: no row has a substitution set: {reasons}")
    frame = kept.assign(form_as_read=kept["form"], form=kept["set_form"]).drop(columns="set_form")
    return replace(table, frame=frame)
