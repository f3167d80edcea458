"""Brand and generic prices of the same medicine: same molecule, strength, form and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.checks import did_you_mean, one_of
from costmodel.prices.errors import PriceError
from costmodel.prices.query import SHOWN, rows_text, several, show_all, tally
from costmodel.prices.schema import BASIS, SET, list_dates
from costmodel.prices.statistic import PLAIN, distinct, price_list, summarise
from costmodel.prices.table import PriceTable

_CLASSES = ("brand", "generic")


def match(table: PriceTable, *, by: Sequence[str] = SET, statistic: str = "unique") -> pd.DataFrame:
    """Pair brand with generic prices of the same medicine, strength, form and unit.

    Parameters
    ----------
    table : PriceTable
        Of one price type, currency, country and list date, unless ``by`` names that column.
    by : sequence of str, default ("molecule", "strength_mg", "form", "unit")
        What a brand and its generic must share. Further columns make finer sets; none of these four
        may be left out, because forms and strengths are never pooled.
    statistic : {"unique", "median", "mean", "minimum", "maximum"}
        How several products of one class come down to one price; it is applied to each class alone.

    Returns
    -------
    pandas.DataFrame
        One row per set that has both a brand and a generic: the columns of ``by``, ``brand_price`` and
        ``generic_price`` (per unit), ``n_brand``, ``n_generic`` (rows used), ``n_other`` (rows of
        branded generics or of unknown class, which belong to neither side), ``statistic``, and the
        price type, currency, country and list date. Where a list states no date, ``as_of`` is the date
        from which its prices hold.

    Raises
    ------
    PriceError
        No set has both; the table mixes currencies, price types, countries or list dates; or prices
        disagree under ``unique``: all such sets are listed.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import read_prices
    >>> pairs = match(read_prices(dataset_path("us/nadac")))
    >>> pairs[["strength_mg", "brand_price", "generic_price", "n_generic"]].to_dict("records")[-1]
    {'strength_mg': 2.0, 'brand_price': 4.26033, 'generic_price': 0.03881, 'n_generic': 15}
    """
    one_of(statistic, PLAIN, "statistic")
    keys = _keys(table, by)
    frame = table.per_unit().assign(as_of=list_dates(table.frame))
    check_one_basis(frame, keys, table.origin)
    present = _counts(frame, keys)
    both = present[(present["n_brand"] > 0) & (present["n_generic"] > 0)]
    if both.empty:
        raise PriceError(_nothing_matched(table, present), present)
    sides = _sides(frame, keys, both, statistic)
    basis = [name for name in BASIS if name not in keys]
    result = both.assign(**sides, statistic=statistic, **{name: frame[name].iloc[0] for name in basis})
    order = [*keys, "brand_price", "generic_price", "n_brand", "n_generic", "n_other", "statistic"]
    return result[[*order, *basis]].reset_index(drop=True)


def unmatched(table: PriceTable, *, by: Sequence[str] = SET) -> pd.DataFrame:
    """Return the sets that :func:`match` cannot pair, because one side or both are missing.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by`` with ``n_brand``, ``n_generic`` and ``n_other``, the rows of each class.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import read_prices
    >>> alone = unmatched(read_prices(dataset_path("us/nadac")))
    >>> sorted(set(alone["form"])), int(alone["n_brand"].sum()), int(alone["n_generic"].sum())
    (['orally disintegrating tablet'], 0, 25)
    """
    keys = _keys(table, by)
    present = _counts(table.frame.assign(as_of=list_dates(table.frame)), keys)
    both = (present["n_brand"] > 0) & (present["n_generic"] > 0)
    return present[~both].reset_index(drop=True)


def _keys(table: PriceTable, by: Sequence[str]) -> list[str]:
    if isinstance(by, str):
        raise PriceError(f"by must be a list of columns; write by=[..., '{by}']")
    for name in by:
        if name not in table.frame.columns:
            columns = list(table.frame.columns)
            raise PriceError(f"by: '{name}' is not a column; {did_you_mean(name, columns)}")
    missing = [name for name in SET if name not in by]
    if missing:
        raise PriceError(
            f"by must keep {', '.join(missing)}: a brand and a generic are compared within one molecule, "
            "strength, form and unit; select rows to look at fewer"
        )
    if not len(table):
        raise PriceError(f"{table.origin} has no prices; the selection before it left none")
    blank = [name for name in by if name != "as_of" and table.frame[name].isna().any()]
    if blank:
        raise PriceError(f"by: {', '.join(blank)} must have a value in every row")
    return list(dict.fromkeys(by))


def check_one_basis(frame: pd.DataFrame, keys: Sequence[str], origin: str) -> None:
    """Refuse prices of several types, currencies, countries or list dates unless ``keys`` tells them apart.

    Raises
    ------
    PriceError
        Lists what is mixed, with the number of rows of each.
    """
    mixed = [name for name in BASIS if name not in keys and several(frame[name])]
    if not mixed:
        return
    lines = [f"  {name} is {tally(frame[name])}" for name in mixed]
    raise PriceError(
        f"{origin}: prices of more than one {', '.join(mixed)} cannot be compared\n"
        + "\n".join(lines)
        + "\nselect one of each, or name the column in by",
        frame.groupby(mixed).size().rename("rows").reset_index(),
    )


def _counts(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    classes = frame["class"]
    counted = frame[keys].assign(
        n_brand=(classes == "brand").astype(int),
        n_generic=(classes == "generic").astype(int),
        n_other=(~classes.isin(_CLASSES)).astype(int),
    )
    return counted.groupby(keys, as_index=False).sum()


def _sides(
    frame: pd.DataFrame, keys: list[str], both: pd.DataFrame, statistic: str
) -> dict[str, list[float]]:
    groups = dict(list(frame.groupby([*keys, "class"])["unit_price"]))
    sets = list(both[keys].itertuples(index=False, name=None))
    found = {(*key, side): _array(groups[(*key, side)]) for key in sets for side in _CLASSES}
    if statistic == "unique":
        _check_agreement(found, keys)
    return {f"{side}_price": [summarise(found[(*key, side)], statistic) for key in sets] for side in _CLASSES}


def _array(prices: pd.Series[float]) -> NDArray[np.float64]:
    return np.asarray(prices, dtype=np.float64)


def _check_agreement(groups: Mapping[Any, NDArray[np.float64]], keys: list[str]) -> None:
    found = {key: distinct(prices) for key, prices in groups.items()}
    apart = {key: prices for key, prices in found.items() if len(prices) > 1}
    if not apart:
        return
    columns = [*keys, "class"]
    lines = [
        f"  {show_all(dict(zip(columns, key, strict=True)))}: {price_list(prices)}"
        for key, prices in apart.items()
    ]
    candidates = pd.DataFrame(
        [(*key, price, count) for key, prices in apart.items() for price, count in prices],
        columns=[*columns, "unit_price", "rows"],
    )
    more = [f"  … ({len(lines)} in all)"] if len(lines) > SHOWN else []
    head = "products of one class disagree on the price under the statistic 'unique':"
    tail = f"narrow the rows, or name a statistic: {', '.join(PLAIN[1:])}"
    raise PriceError("\n".join([head, *lines[:SHOWN], *more, tail]), candidates)


def _nothing_matched(table: PriceTable, present: pd.DataFrame) -> str:
    keys = [name for name in present.columns if not name.startswith("n_")]
    lines = []
    for side in _CLASSES:
        sets = present.loc[present[f"n_{side}"] > 0, keys]
        shown = [
            show_all(dict(zip(keys, row, strict=True))) for row in sets.head(SHOWN).itertuples(index=False)
        ]
        more = f" … ({len(sets)} in all)" if len(sets) > SHOWN else ""
        lines.append(f"  {side}: {'; '.join(shown) or 'no rows'}{more}")
    head = f"{table.origin}: no brand shares its {', '.join(keys)} with a generic"
    return "\n".join([f"{head} ({rows_text(len(table))})", *lines])
