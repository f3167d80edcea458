"""A price table: rows of prices, selected by their columns and put on a common basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from costmodel.checks import did_you_mean, in_interval
from costmodel.prices.errors import PriceError
from costmodel.prices.query import selected
from costmodel.prices.schema import DATES, NAMES, NUMBERS

PerMolecule = float | Mapping[str, float]
"""Milligrams, for the one molecule of a table or by molecule."""


@dataclass(frozen=True, eq=False, repr=False)
class PriceTable:
    """Prices in the columns of :data:`costmodel.prices.schema.COLUMNS`, and where they come from.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per price, typed; the index ``row`` is the line of the file. Other columns may follow
        those of the schema.
    origin : str
        The file or table the prices were read from; errors name it.
    unparsed : pandas.DataFrame
        Rows of an official file that hold a price but do not say what of, with the ``reason``. They
        stay with the table through every selection.

    Raises
    ------
    PriceError
        A column of the schema is missing or mistyped, a value is missing, or a price, pack or strength
        is not above 0.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import read_prices
    >>> table = read_prices(dataset_path("us/nadac"))
    >>> table
    PriceTable(nadac.csv: 85 prices)
    >>> table.select(class_="brand", strength_mg=2).per_unit()["unit_price"].tolist()
    [4.26033]
    """

    frame: pd.DataFrame
    origin: str = "price table"
    unparsed: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        missing = [name for name in NAMES if name not in self.frame.columns]
        if missing:
            raise PriceError(f"{self.origin}: a price table needs the columns {', '.join(missing)}")
        _check_values(self.frame, self.origin)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        unparsed = f", {len(self.unparsed):,} unparsed" if len(self.unparsed) else ""
        return f"PriceTable({self.origin}: {len(self):,} prices{unparsed})"

    def select(self, **filters: Any) -> PriceTable:
        """Return the rows that meet every filter; a list of values means any of them.

        Values are compared after typing: ``2``, ``2.0`` and ``"2"`` are one strength, and a date may be
        ISO text. ``class`` is a word of Python: write ``class_``.

        Raises
        ------
        PriceError
            A column is unknown (the nearest spelling is named), or a value cannot be of its type.

        Examples
        --------
        >>> from costmodel.datasets import dataset_path
        >>> from costmodel.prices import read_prices
        >>> read_prices(dataset_path("us/nadac")).select(strength_mg=["0.5", 1], class_="brand")
        PriceTable(nadac.csv: 2 prices)
        """
        return replace(self, frame=selected(self.frame, filters))

    def per_unit(self) -> pd.DataFrame:
        """Return the rows with ``unit_price``: the price of a pack over the units in it.

        Examples
        --------
        >>> from costmodel.datasets import dataset_path
        >>> from costmodel.prices import read_prices
        >>> brand = read_prices(dataset_path("us/nadac")).select(class_="brand")
        >>> brand.per_unit()["unit_price"].tolist()
        [2.67965, 3.06372, 4.26033]
        """
        return self.frame.assign(unit_price=self.frame["price"] / self.frame["pack_size"])

    def per_mg(self) -> pd.DataFrame:
        """Return the rows with ``unit_price`` and ``price_per_mg``, the price of a milligram.

        Examples
        --------
        >>> from costmodel.datasets import dataset_path
        >>> from costmodel.prices import read_prices
        >>> brand = read_prices(dataset_path("us/nadac")).select(class_="brand")
        >>> brand.per_mg()["price_per_mg"].round(5).tolist()
        [5.3593, 3.06372, 2.13016]
        """
        frame = self.per_unit()
        return frame.assign(price_per_mg=frame["unit_price"] / frame["strength_mg"])

    def per_ddd(self, ddd_mg: PerMolecule) -> pd.DataFrame:
        """Return the rows with ``price_per_ddd``, the price of one defined daily dose.

        Parameters
        ----------
        ddd_mg : float or mapping of str to float
            Milligrams in one DDD (WHO Collaborating Centre for Drug Statistics Methodology, ATC/DDD
            index); by molecule when the table holds several.

        Examples
        --------
        >>> from costmodel.datasets import dataset_path
        >>> from costmodel.prices import read_prices
        >>> brand = read_prices(dataset_path("us/nadac")).select(class_="brand")
        >>> brand.per_ddd(8)["price_per_ddd"].round(5).tolist()
        [42.8744, 24.50976, 17.04132]
        """
        frame = self.per_mg()
        return frame.assign(price_per_ddd=frame["price_per_mg"] * by_molecule(ddd_mg, frame, "ddd_mg"))

    def per_days(self, mg_per_day: PerMolecule, days: float = 30) -> pd.DataFrame:
        """Return the rows with the price of a treatment of ``days`` at a daily dose.

        The dose is bought as milligrams: a dose that is no multiple of the strength uses parts of
        a unit.

        Parameters
        ----------
        mg_per_day : float or mapping of str to float
            Milligrams a day; by molecule when the table holds several.
        days : float, default 30
            Names the column too: ``price_per_30_days``.

        Examples
        --------
        >>> from costmodel.datasets import dataset_path
        >>> from costmodel.prices import read_prices
        >>> brand = read_prices(dataset_path("us/nadac")).select(class_="brand")
        >>> brand.per_days(4)["price_per_30_days"].round(2).tolist()
        [643.12, 367.65, 255.62]
        """
        in_interval(days, "days", low=0, open_low=True)
        frame = self.per_mg()
        dose = by_molecule(mg_per_day, frame, "mg_per_day") * days
        return frame.assign(**{f"price_per_{days:g}_days": frame["price_per_mg"] * dose})


def by_molecule(amount: PerMolecule, frame: pd.DataFrame, what: str) -> pd.Series[float]:
    """Return the milligrams that apply to each row of a frame with the column ``molecule``.

    Raises
    ------
    PriceError
        One amount is given for several molecules, or a molecule has none.
    """
    molecules = sorted(set(frame["molecule"]))
    if isinstance(amount, Mapping):
        table = dict(amount)
    elif len(molecules) > 1:
        raise PriceError(
            f"{what} is one amount, but the table holds {len(molecules)} molecules "
            f"({', '.join(molecules[:12])}); give it by molecule, as {{'{molecules[0]}': {amount:g}}}"
        )
    else:
        table = dict.fromkeys(molecules, amount)
    for molecule in molecules:
        if molecule not in table:
            raise PriceError(f"{what} has no amount for '{molecule}'; {did_you_mean(molecule, table)}")
        in_interval(table[molecule], f"{what} of {molecule}", low=0, open_low=True)
    return frame["molecule"].map(table).astype("float64")


def _check_values(frame: pd.DataFrame, origin: str) -> None:
    remedy = "read the table with read_prices, which types it"
    for name in NUMBERS:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise PriceError(f"{origin}: {name} must hold numbers; {remedy}")
        if not (np.isfinite(frame[name]) & (frame[name] > 0)).all():
            raise PriceError(f"{origin}: every {name} must be a finite number above 0")
    for name in DATES:
        if not pd.api.types.is_datetime64_dtype(frame[name]):
            raise PriceError(f"{origin}: {name} must hold dates; {remedy}")
    empty = [name for name in NAMES if name != "as_of" and frame[name].isna().any()]
    if empty:
        raise PriceError(f"{origin}: {', '.join(empty)} must have a value in every row; {remedy}")
