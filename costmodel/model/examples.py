"""The smallest models that show something: for docstrings and first steps."""

from __future__ import annotations

from costmodel.formulas import parse
from costmodel.inputs import Draws, Parameters, base_draws, fixed_parameter
from costmodel.model.definition import Model, Payoff, States, Strategy, Time, Transition
from costmodel.units import Money


def two_prices_parameters() -> Parameters:
    """Return the parameters of :func:`two_prices`: a brand at 4 and a generic at 1 USD a unit."""
    return Parameters.of(
        fixed_parameter(
            "price_brand", 4.0, unit="USD/unit", currency="USD", price_year=2026, status="assumed"
        ),
        fixed_parameter(
            "price_generic", 1.0, unit="USD/unit", currency="USD", price_year=2026, status="assumed"
        ),
    )


def two_prices() -> Model:
    """Return a cost-minimisation of a brand and a generic, 100 units a year, one year."""
    money = Money("USD", 2026)
    return Model(
        name="two-prices",
        money=money,
        parameters={"price_brand": money, "price_generic": money},
        strategies=(
            Strategy("brand", "Brand", {"price": parse("price_brand")}),
            Strategy("generic", "Generic", {"price": parse("price_generic")}),
        ),
        payoffs=(Payoff("drug", "cost", parse("100 * price")),),
        perspectives={"payer": ("drug",)},
        comparator="brand",
    )


def two_prices_draws() -> Draws:
    """Return the base-case draw of :func:`two_prices`."""
    return base_draws(two_prices_parameters())


def well_or_dead() -> Model:
    """Return a cohort that is well and dies with a probability of 0.1 a year, for three years."""
    return Model(
        name="well-or-dead",
        money=Money("USD", 2026),
        parameters={"p_death": None},
        strategies=(Strategy("care", "Care"),),
        payoffs=(Payoff("life_years", "life_years", parse("1"), states=("well",)),),
        comparator="care",
        time=Time(horizon_years=3),
        states=States(("well", "dead"), {"well": parse("1")}),
        transitions=(Transition("well", "dead", parse("p_death")),),
    )


def well_or_dead_draws() -> Draws:
    """Return the base-case draw of :func:`well_or_dead`."""
    return base_draws(Parameters.of(fixed_parameter("p_death", 0.1, unit="probability", status="assumed")))
