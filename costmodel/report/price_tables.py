"""From the price measures to what their figures and tables show: labels, reading order, plain headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from costmodel.prices.regimen.cheapest import text_of

if TYPE_CHECKING:
    from costmodel.prices import PriceTable, Regimen

_SHORT = {"orally disintegrating tablet": "ODT", "extended-release tablet": "ER tablet"}


def product_label(strength_mg: float, form: str) -> str:
    """Return what a product is called beside a mark.

    Examples
    --------
    >>> product_label(0.125, "orally disintegrating tablet"), product_label(2, "tablet")
    ('0.125 mg ODT', '2 mg tablet')
    """
    return f"{strength_mg:g} mg {_SHORT.get(form, form)}"


def ladder_rows(table: PriceTable, *, label: str | None = None) -> pd.DataFrame:
    """Return the products of a price table as rungs for :func:`price_ladder`.

    Parameters
    ----------
    table : PriceTable
        Of one price type and date.
    label : str, optional
        The column that names products; class, strength and form if left out.
    """
    frame = table.per_unit()
    if label is None:
        forms = [product_label(*pair) for pair in zip(frame["strength_mg"], frame["form"], strict=True)]
        names = frame["class"].str.capitalize() + " " + pd.Series(forms, index=frame.index)
    else:
        names = frame[label]
    return pd.DataFrame({"label": names, "class": frame["class"], "unit_price": frame["unit_price"]})


def ratio_rows(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios of :func:`compare_prices` by molecule, strength and form for :func:`ratio_figure`."""
    unit = pairs[pairs["basis"] == "unit"].sort_values(["molecule", "form", "strength_mg"])
    labels = [
        f"{molecule}, {product_label(strength, form)}"
        for molecule, strength, form in zip(unit["molecule"], unit["strength_mg"], unit["form"], strict=True)
    ]
    return pd.DataFrame({"label": labels, "ratio": unit["ratio"].to_numpy()})


def country_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios of :func:`compare_within_countries` for :func:`ratio_figure`, doubtful ones hollow.

    Rows without a ratio are left out: :func:`costmodel.prices.countries.for_reading` shows their reasons.
    """
    known = found[found["ratio"].notna()]
    labels = [
        f"{country}, {product_label(strength, form)}"
        for country, strength, form in zip(known["country"], known["strength_mg"], known["form"], strict=True)
    ]
    return pd.DataFrame(
        {"label": labels, "ratio": known["ratio"].to_numpy(), "hollow": known["doubt"].ne("").to_numpy()}
    )


def path_rows(path: pd.DataFrame, *, price: str = "unit_price") -> pd.DataFrame:
    """Return :func:`price_path` as series for :func:`price_path_figure`, the dearest first."""
    rows = pd.DataFrame(
        {
            "series": path["class"].str.capitalize(),
            "date": path["as_of"],
            "price": path[price],
            "draft": path["draft"],
        }
    )
    first = rows.groupby("series")["price"].transform("max")
    return rows.assign(_order=-first).sort_values(["_order", "date"]).drop(columns="_order")


def waterfall_rows(
    before: float, after: float, changes: pd.DataFrame, *, labels: Sequence[str]
) -> pd.DataFrame:
    """Return the parts of :func:`decompose_spending` between two totals for :func:`waterfall_figure`.

    Parameters
    ----------
    before, after : float
        Spending at the two dates.
    changes : DataFrame
        ``part`` and ``change``; parts of 0 are left out.
    labels : (str, str)
        Of the two totals.
    """
    moving = changes[changes["change"] != 0]
    names = [str(part).capitalize() for part in moving["part"]]
    return pd.DataFrame(
        {
            "label": [labels[0], *names, labels[1]],
            "amount": [before, *moving["change"], after],
            "total": [True, *[False] * len(moving), True],
        }
    )


def curve_rows(curves: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return published curves for :func:`competition_figure`, under the names that a reader knows."""
    kept = curves[curves["curve"].isin(list(names))]
    return pd.DataFrame(
        {
            "curve": kept["curve"].map(dict(names)),
            "producers": kept["n_producers"],
            "relative_price": kept["ratio"],
        }
    )


def savings_table(realised: pd.DataFrame, remaining: pd.DataFrame) -> pd.DataFrame:
    """Return realised and remaining savings side by side: a row per payer and year, in millions.

    Rows that are excluded for a stated reason are left out of every column.
    """
    keys = ["payer", "year"]
    kept, brand = (rows[rows["reason_excluded"].fillna("").eq("")] for rows in (realised, remaining))
    left = kept.groupby(keys)[["spending", "replaced", "gross"]].sum()
    right = brand.groupby(keys)[["spending", "gross", "achievable"]].sum()
    both = left.join(right, lsuffix="_generic", rsuffix="_brand") / 1e6
    table = both.reset_index().astype({"year": str})
    table.columns = pd.Index(
        [
            "Payer",
            "Year",
            "Spent on generics",
            "Same units at the brand's price",
            "Saved, gross (upper bound)",
            "Spent on the brand",
            "Still to save, gross",
            "Of it achievable",
        ]
    )
    return table


def trend_table(trend: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`price_trend` with plain headers, a row per strength and class."""
    return pd.DataFrame(
        {
            "Strength": trend["strength_mg"].map("{:g} mg".format),
            "Class": trend["class"].str.capitalize(),
            "First": trend["first_date"].dt.strftime("%Y"),
            "Price then": trend["first_price"],
            "Price now": trend["last_price"],
            "Change": trend["change"],
            "A year, compound": trend["compound"],
            "A year, median slope": trend["per_year"],
            "Dates": trend["n_dates"],
            "Drafts": trend["n_draft"],
        }
    )


def regimen_table(regimens: Sequence[Regimen]) -> pd.DataFrame:
    """Return cheapest regimens as a table: a row per dose, what each class takes and costs a month."""
    rows = [
        {
            "Dose a day": f"{item.dose_mg:g} mg",
            "Class": str(item.shelf.basis["class"]).capitalize(),
            "Tablets": text_of(item),
            "Cost of 30 days": item.cost(30),
        }
        for item in regimens
    ]
    return pd.DataFrame(rows)


def concat(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of several results of one kind, one below the other."""
    kept = [frame.dropna(axis="columns", how="all") for frame in frames]
    return pd.concat(kept, ignore_index=True)
