"""How much dearer a brand is than its generic, on several bases."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from costmodel.checks import in_interval
from costmodel.prices.matching import match
from costmodel.prices.schema import BASIS, SET
from costmodel.prices.table import PerMolecule, PriceTable, by_molecule


def compare_prices(
    table: PriceTable,
    *,
    statistic: str = "unique",
    ddd_mg: PerMolecule | None = None,
    mg_per_day: PerMolecule | None = None,
    days: float = 30,
    course_days: float | None = None,
    by: Sequence[str] = SET,
) -> pd.DataFrame:
    """Compare brand with generic prices, set by set and basis by basis.

    Parameters
    ----------
    table : PriceTable
        Of one price type, currency, country and list date, unless ``by`` names that column.
    statistic : {"unique", "median", "mean", "minimum", "maximum"}
        How several products of one class come down to one price.
    ddd_mg : float or mapping of str to float, optional
        Milligrams in one defined daily dose; adds the basis ``ddd``.
    mg_per_day : float or mapping of str to float, optional
        A daily dose in milligrams; adds a basis of ``days`` at that dose, bought as milligrams.
    days : float, default 30
        Length of a fill.
    course_days : float, optional
        Length of a whole course; adds the same bases for it, ``course of 84 days, 1 a day``.
    by : sequence of str
        What a brand and its generic must share; see :func:`costmodel.prices.match`.

    Returns
    -------
    pandas.DataFrame
        One row per matched set and ``basis``: ``unit``, ``mg``, ``ddd``, ``30 days, 1 a day`` and
        ``30 days, 4 mg a day`` (the last with each set's dose). ``units`` is how many units the basis
        buys; ``brand`` and ``generic`` are what they cost; ``ratio`` is brand over generic, above 1
        when the brand is dearer; ``difference`` is brand minus generic; ``saving`` is the share of the
        brand's price that the generic saves, 1 - generic / brand, negative when the generic is dearer.
        Ratio and saving are the same on every basis.

    Raises
    ------
    PriceError
        The table mixes currencies, price types, countries or list dates; no set has both a brand and
        a generic; or prices disagree under ``unique``.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import read_prices
    >>> result = compare_prices(read_prices(dataset_path("us/nadac")), ddd_mg=8)
    >>> result.query("basis == 'unit'")[["strength_mg", "ratio", "saving"]].round(4).values.tolist()
    [[0.5, 133.7818, 0.9925], [1.0, 123.1399, 0.9919], [2.0, 109.774, 0.9909]]
    >>> result.query("basis == 'ddd'")["generic"].round(5).tolist()
    [0.32048, 0.19904, 0.15524]
    """
    pairs = match(table, by=by, statistic=statistic)
    bases = price_bases(pairs, ddd_mg=ddd_mg, mg_per_day=mg_per_day, days=days, course_days=course_days)
    parts = [pairs.assign(basis=label, units=units, _order=n) for n, (label, units) in enumerate(bases)]
    keys = list(dict.fromkeys(by))
    long = pd.concat(parts).sort_values([*keys, "_order"], ignore_index=True)
    long["brand"] = long["brand_price"] * long["units"]
    long["generic"] = long["generic_price"] * long["units"]
    long["ratio"] = long["brand_price"] / long["generic_price"]
    long["difference"] = long["brand"] - long["generic"]
    long["saving"] = 1.0 - long["generic_price"] / long["brand_price"]
    result = ["basis", "units", "brand", "generic", "ratio", "difference", "saving"]
    about = ["statistic", "n_brand", "n_generic", "n_other", *(n for n in BASIS if n not in keys)]
    return long[[*keys, *result, *about]]


Basis = tuple["str | pd.Series[str]", "float | pd.Series[float]"]
"""The label of a basis, and how many units it buys; by row where rows differ."""


def price_bases(
    sets: pd.DataFrame,
    *,
    ddd_mg: PerMolecule | None = None,
    mg_per_day: PerMolecule | None = None,
    days: float = 30,
    course_days: float | None = None,
) -> list[Basis]:
    """Return the bases on which prices of sets are shown, with the units that each buys.

    Parameters
    ----------
    sets : pandas.DataFrame
        With ``molecule`` and ``strength_mg``.
    ddd_mg, mg_per_day, days, course_days
        As in :func:`compare_prices`.

    Raises
    ------
    CostModelError
        A number of days is not above 0.
    PriceError
        A molecule has no DDD or dose.

    Examples
    --------
    >>> sets = pd.DataFrame({"molecule": ["clonazepam"], "strength_mg": [0.5]})
    >>> [label for label, _ in price_bases(sets, course_days=84)]
    ['unit', 'mg', '30 days, 1 a day', 'course of 84 days, 1 a day']
    """
    in_interval(days, "days", low=0, open_low=True)
    strength = sets["strength_mg"]
    bases: list[Basis] = [("unit", 1.0), ("mg", 1.0 / strength)]
    if ddd_mg is not None:
        bases.append(("ddd", by_molecule(ddd_mg, sets, "ddd_mg") / strength))
    bases += _of_days(sets, mg_per_day, days, f"{days:g} days")
    if course_days is not None:
        in_interval(course_days, "course_days", low=0, open_low=True)
        bases += _of_days(sets, mg_per_day, course_days, f"course of {course_days:g} days")
    return bases


def _of_days(sets: pd.DataFrame, mg_per_day: PerMolecule | None, days: float, words: str) -> list[Basis]:
    bases: list[Basis] = [(f"{words}, 1 a day", float(days))]
    if mg_per_day is not None:
        dose = by_molecule(mg_per_day, sets, "mg_per_day")
        label = dose.map(lambda mg: f"{words}, {mg:g} mg a day")
        bases.append((label, days * dose / sets["strength_mg"]))
    return bases


def annual_cost(price_per_unit: float, units_per_day: float, days: float = 365) -> float:
    """Return what a year of a medicine costs, in the currency of the price.

    Parameters
    ----------
    price_per_unit : float
        At least 0.
    units_per_day : float
        At least 0; half tablets are 0.5.
    days : float, default 365
        Days of treatment in the year, in (0, 366].

    Raises
    ------
    CostModelError
        A number is out of its range.

    Examples
    --------
    >>> round(annual_cost(4.26033, 1), 2), round(annual_cost(0.03881, 1), 2)
    (1555.02, 14.17)
    """
    in_interval(price_per_unit, "price_per_unit", low=0)
    in_interval(units_per_day, "units_per_day", low=0)
    in_interval(days, "days", low=0, high=366, open_low=True)
    return price_per_unit * units_per_day * days
