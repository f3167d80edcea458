"""What a price does to access: people treated, person-years, and price, volume and interaction apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.populations.demand import quantity_ratio, respond

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """Elasticities of use to what the patient pays, for starting, staying and adhering apart.

    Parameters
    ----------
    start : float or array
        Of the share of eligible people who start; at most 0.
    stay : float or array
        Of the time that a starter would stay on treatment without an end of the horizon; at most 0.
    adhere : float or array
        Of the share of that time covered by filled prescriptions; at most 0.
    form : {"constant", "arc"}
        See :func:`costmodel.populations.demand.quantity_ratio`.
    """

    start: ArrayLike = 0.0
    stay: ArrayLike = 0.0
    adhere: ArrayLike = 0.0
    form: str = "constant"


@dataclass(frozen=True, eq=False)
class Access:
    """Use at one price. Arrays broadcast over whatever axes the inputs had (draws, segments).

    Attributes
    ----------
    treated : array
        People who start.
    person_years : array
        Years on treatment within the horizon, all starters together.
    covered_years : array
        Person-years covered by filled prescriptions: what is paid for.
    """

    treated: Floats
    person_years: Floats
    covered_years: Floats


def access(
    eligible: ArrayLike,
    *,
    start: ArrayLike,
    stop_rate: ArrayLike,
    adherence: ArrayLike,
    horizon_years: float,
    paid_now: ArrayLike,
    paid: ArrayLike,
    response: Response,
) -> Access:
    """Return use at a price, from use at today's price and the elasticities.

    Parameters
    ----------
    eligible : float or array
        People who might start.
    start : float or array
        Share who start at today's price.
    stop_rate : float or array
        Rate of stopping a year at today's price; people leave at a constant rate.
    adherence : float or array
        Share of time on treatment that is covered at today's price.
    horizon_years : float
        At least 0.
    paid_now, paid : float or array
        What the patient pays today, and at the price in question.
    response : Response

    Returns
    -------
    Access

    Examples
    --------
    >>> now = access(
    ...     1000,
    ...     start=0.5,
    ...     stop_rate=0.3,
    ...     adherence=0.6,
    ...     horizon_years=5,
    ...     paid_now=20,
    ...     paid=20,
    ...     response=Response(start=-0.2, stay=-0.1),
    ... )
    >>> cheaper = access(
    ...     1000,
    ...     start=0.5,
    ...     stop_rate=0.3,
    ...     adherence=0.6,
    ...     horizon_years=5,
    ...     paid_now=20,
    ...     paid=10,
    ...     response=Response(start=-0.2, stay=-0.1),
    ... )
    >>> now.treated.item(), cheaper.treated.round(1).item()
    (500.0, 568.9)
    """
    in_interval(horizon_years, "horizon_years", low=0)
    people, rate = np.asarray(eligible, dtype=float), np.asarray(stop_rate, dtype=float)
    if (people < 0).any() or (rate < 0).any():
        raise CostModelError("eligible people and the rate of stopping must be at least 0")
    form = response.form
    treated = people * respond(start, paid_now, paid, response.start, form=form)
    staying = rate / quantity_ratio(paid_now, paid, response.stay, form=form)
    person_years = treated * _years(staying, horizon_years)
    covered = person_years * respond(adherence, paid_now, paid, response.adhere, form=form)
    return Access(treated, person_years, covered)


def _years(rate: Floats, horizon: float) -> Floats:
    safe = np.where(rate > 0, rate, 1.0)
    return np.where(rate > 0, -np.expm1(-safe * horizon) / safe, horizon)


@dataclass(frozen=True, eq=False)
class Split:
    """A change in ``price x volume`` in three parts that add up to it.

    Attributes
    ----------
    price : array
        The new price at the old volume: same people, same use.
    volume : array
        The new volume at the old price: more people, longer use.
    interaction : array
        The new price on the added volume.
    """

    price: Floats
    volume: Floats
    interaction: Floats

    @property
    def total(self) -> Floats:
        """The whole change."""
        return self.price + self.volume + self.interaction


def split(price_now: ArrayLike, price: ArrayLike, volume_now: ArrayLike, volume: ArrayLike) -> Split:
    """Split ``price * volume - price_now * volume_now`` into price, volume and interaction.

    Parameters
    ----------
    price_now, price : float or array
        Cost, QALYs or events of one unit of use. Harms belong to the molecule: theirs does not change with
        the label, so that only a change of volume moves them.
    volume_now, volume : float or array
        Units of use, such as covered years.

    Examples
    --------
    >>> parts = split(10, 4, 100, 120)
    >>> parts.price.item(), parts.volume.item(), parts.interaction.item(), parts.total.item()
    (-600.0, 200.0, -120.0, -520.0)
    """
    p0, p1, v0, v1 = (np.asarray(x, dtype=float) for x in (price_now, price, volume_now, volume))
    dearer, more = p1 - p0, v1 - v0
    return Split(dearer * v0, p0 * more, dearer * more)
