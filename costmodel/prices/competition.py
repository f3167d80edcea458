"""How many makers a medicine has, and how their sales are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from costmodel.checks import did_you_mean
from costmodel.prices.errors import PriceError
from costmodel.prices.query import SHOWN, rows_text, show

MODERATE, HIGH = 1_000, 1_800
"""HHI above which a market is moderately, and highly, concentrated.

US Department of Justice and Federal Trade Commission, Merger Guidelines (2023), guideline 1, for the second;
the Department's page on the index for the first.
"""

_BY = ("strength_mg", "form")
_LABELER_DIGITS = 5
_LEVELS_OF_MAKERS = ("labeler", "product")
_NDC_DIGITS = 11


def hhi(quantities: ArrayLike) -> float:
    """Return the Herfindahl-Hirschman index of concentration: the sum of squared shares in per cent.

    Parameters
    ----------
    quantities : array, (n_makers,)
        Units sold by each maker, at least 0. One entry per maker.

    Returns
    -------
    float
        From 10,000 / n, when all sell alike, to 10,000, when one sells everything. A merger of makers with
        shares a and b (in per cent) raises it by 2ab. 10,000 / HHI is the number of equal makers that
        would give the same index.

    Raises
    ------
    PriceError
        There is no maker, a quantity is negative or missing, or nothing was sold.

    Examples
    --------
    >>> hhi([40, 30, 20, 10])  # 1600 + 900 + 400 + 100
    3000.0
    """
    sold = np.asarray(quantities, dtype=float)
    if not sold.size:
        raise PriceError("concentration needs at least one maker; there is none")
    if not (np.isfinite(sold) & (sold >= 0)).all():
        raise PriceError("units sold must be finite numbers of at least 0; correct or leave out those makers")
    total = sold.sum()
    if total <= 0:
        raise PriceError("concentration needs sales; every maker sold 0 units")
    return float(((100 * sold / total) ** 2).sum())


def concentration_level(index: float) -> str:
    """Return what the 2023 US merger guidelines call an HHI.

    Examples
    --------
    >>> concentration_level(900), concentration_level(1_500), concentration_level(3_000)
    ('unconcentrated', 'moderately concentrated', 'highly concentrated')
    """
    if index > HIGH:
        return "highly concentrated"
    return "moderately concentrated" if index >= MODERATE else "unconcentrated"


def concentration(
    frame: pd.DataFrame,
    *,
    maker: str = "labeler",
    units: str = "dosage_units",
    by: Sequence[str] = ("year", "brand_name"),
) -> pd.DataFrame:
    """Return how concentrated sales are among makers, group by group.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row or more per maker, such as the labeler rows of ``us/part_d_spending``, or the frame of a
        :class:`SpendingTable` with ``units="units"`` and ``by=("period_start", "class")``.
    maker, units : str
        Columns of the maker and of the units it sold.
    by : sequence of str
        What makes a market. Rows of two forms or classes in one group are one market.

    Returns
    -------
    pandas.DataFrame
        One row per group: ``n_makers`` with sales, ``hhi``, ``equal_makers`` (10,000 / HHI), ``level``,
        ``largest`` and ``largest_share``; ``n_flagged`` rows that state a fault, ``flagged_share`` of the
        units that stand in them, and the ``flags`` in words. Nothing is left out: a Medicaid row with an
        impossible unit price probably has wrong units, and yours is the choice to drop it.

    Raises
    ------
    PriceError
        A column is missing, the rows hold totals beside makers (``row_level``), or units cannot be used.

    Examples
    --------
    >>> from costmodel.datasets import read_dataset
    >>> rows = read_dataset("us/part_d_spending").query("row_level == 'labeler' and year == 2022")
    >>> market = concentration(rows, by=("brand_name",)).set_index("brand_name")
    >>> market["n_makers"].to_dict(), market["hhi"].round().to_dict()
    ({'Clonazepam': 8, 'Klonopin': 2}, {'Clonazepam': 3809.0, 'Klonopin': 6307.0})
    """
    _require_columns(frame, [maker, units, *by])
    _require_no_totals(frame)
    keys = list(by)
    parts = frame.groupby(keys, sort=True) if keys else [((), frame)]
    records = [
        dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True)) | _market(rows, maker, units)
        for key, rows in parts
    ]
    return pd.DataFrame(records)


def _market(rows: pd.DataFrame, maker: str, units: str) -> dict[str, Any]:
    number = pd.to_numeric(rows[units], errors="coerce")
    if not (np.isfinite(number) & (number >= 0)).all():
        raise PriceError(f"{units} must be a number of at least 0 in every row", rows[~(number >= 0)])
    sold = number.groupby(rows[maker]).sum().sort_values(ascending=False, kind="stable")
    index = hhi(sold)
    flags = rows["flag"].astype(str) if "flag" in rows else pd.Series("", index=rows.index)
    flagged = flags.ne("")
    return {
        "n_makers": int((sold > 0).sum()),
        "hhi": index,
        "equal_makers": 10_000 / index,
        "level": concentration_level(index),
        "largest": sold.index[0],
        "largest_share": float(sold.iloc[0] / sold.sum()),
        "n_flagged": int(flagged.sum()),
        "flagged_share": float(number[flagged].sum() / number.sum()),
        "flags": " | ".join(sorted(set(flags[flagged]))),
    }


def _require_no_totals(frame: pd.DataFrame) -> None:
    if "row_level" not in frame:
        return
    other = frame[~frame["row_level"].isin(_LEVELS_OF_MAKERS)]
    if len(other):
        held = ", ".join(show(one) for one in sorted(set(other["row_level"]))[:SHOWN])
        raise PriceError(
            f"{rows_text(len(other))} of totals ({held}) stand beside makers and would count twice; "
            "select row_level == 'labeler'",
            other,
        )


def approved_makers(
    frame: pd.DataFrame, *, by: Sequence[str] = _BY, appl_type: str | None = "ANDA"
) -> pd.DataFrame:
    """Return how many makers hold an approval, from rows of the Orange Book.

    Parameters
    ----------
    frame : pandas.DataFrame
        In the columns of ``us/orange_book``: ``applicant, appl_type, marketing_status, te_code`` and
        those of ``by``.
    by : sequence of str
        What makes a product.
    appl_type : {"ANDA", "NDA", None}
        Generics, brands, or both.

    Returns
    -------
    pandas.DataFrame
        One row per product: ``n_approved`` distinct applicants; of these ``n_marketed`` with a product that
        is not discontinued and ``n_discontinued`` with discontinued ones only; ``n_equivalent`` with a
        therapeutic equivalence code that begins with A; ``holders``, the marketed ones by name. An approval
        is no sale: an applicant may make for others, or not at all.

    Raises
    ------
    PriceError
        A column is missing, or no row has that type of application.

    Examples
    --------
    >>> from costmodel.datasets import read_dataset
    >>> makers = approved_makers(read_dataset("us/orange_book")).set_index(["form", "strength_mg"])
    >>> makers.loc[("tablet", 2.0), ["n_approved", "n_marketed", "n_discontinued"]].tolist()
    [11, 8, 3]
    """
    keys = list(by)
    _require_columns(frame, [*keys, "applicant", "appl_type", "marketing_status", "te_code"])
    rows = frame if appl_type is None else frame[frame["appl_type"] == appl_type]
    if rows.empty:
        held = ", ".join(sorted(set(frame["appl_type"]))) or "no row"
        raise PriceError(f"no row has the application type {show(appl_type)}; there is {held}")
    rows = rows.assign(
        _sold=rows["marketing_status"].ne("discontinued"),
        _equal=rows["te_code"].astype(str).str.startswith("A"),
    )
    holders = rows.groupby([*keys, "applicant"], as_index=False)[["_sold", "_equal"]].any()
    counted = holders.groupby(keys, as_index=False).agg(
        n_approved=("applicant", "size"), n_marketed=("_sold", "sum"), n_equivalent=("_equal", "sum")
    )
    counted.insert(len(keys) + 2, "n_discontinued", counted["n_approved"] - counted["n_marketed"])
    names = holders[holders["_sold"]].groupby(keys)["applicant"].agg(", ".join)
    counted["holders"] = [names.get(_key(one, keys), "") for one in counted.to_dict("records")]
    return counted


def marketed_makers(
    frame: pd.DataFrame, *, code: str = "product_id", by: Sequence[str] = ("class", *_BY)
) -> pd.DataFrame:
    """Return how many labelers sell a product, from the first five digits of National Drug Codes.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per code, such as ``us/nadac``.
    code : str
        Column of 11-digit codes, text with leading zeros.
    by : sequence of str
        What makes a product.

    Returns
    -------
    pandas.DataFrame
        One row per product: ``n_labelers``, ``n_codes`` and ``labelers``, the five digits of each. One
        company may have several labeler codes, and repackagers have their own; so this is an upper bound
        of independent makers among those in the file.

    Raises
    ------
    PriceError
        A column is missing, or a code has not 11 digits.

    Examples
    --------
    >>> from costmodel.datasets import read_dataset
    >>> makers = marketed_makers(read_dataset("us/nadac")).set_index(["class", "form", "strength_mg"])
    >>> makers.loc[("generic", "tablet", 2.0), ["n_labelers", "n_codes"]].tolist()
    [8, 15]
    """
    keys = list(by)
    _require_columns(frame, [code, *keys])
    codes = frame[code].astype(str)
    wrong = frame[~codes.str.fullmatch(rf"\d{{{_NDC_DIGITS}}}")]
    if len(wrong):
        shown = ", ".join(show(str(one)) for one in wrong[code].head(SHOWN))
        raise PriceError(
            f"{rows_text(len(wrong))} without a National Drug Code of 11 digits: {shown}; keep leading zeros "
            "by reading the column as text",
            wrong,
        )
    rows = frame.assign(_labeler=codes.str[:_LABELER_DIGITS], _code=codes)
    return rows.groupby(keys, as_index=False).agg(
        n_labelers=("_labeler", "nunique"),
        n_codes=("_code", "nunique"),
        labelers=("_labeler", lambda held: ", ".join(sorted(set(held)))),
    )


def _require_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise PriceError(f"'{name}' is not a column; {did_you_mean(name, list(map(str, frame.columns)))}")
    if frame.empty:
        raise PriceError("there is no maker: the table has no row")


def _key(record: dict[Any, Any], keys: list[str]) -> Any:
    return record[keys[0]] if len(keys) == 1 else tuple(record[key] for key in keys)
