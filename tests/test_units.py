"""Money and time refuse to be mixed."""

import pytest

from costmodel.checks import did_you_mean, in_interval, nearest, one_of
from costmodel.errors import CostModelError
from costmodel.units import Money, currency_of, cycles_in, require_same_money


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Money("USD", 2024), "a price index from 2024 to 2026"),
        (Money("EUR", 2026), "an exchange rate or PPP from EUR to USD"),
        (Money("EUR", 2024), "from EUR to USD and a price index from 2024 to 2026"),
    ],
)
def test_other_money_names_the_conversion(found, words):
    with pytest.raises(CostModelError, match=words):
        require_same_money(found, Money("USD", 2026), "c_fee")


def test_same_money_is_returned():
    assert require_same_money(Money("USD", 2026), Money("USD", 2026), "c_fee") == Money("USD", 2026)


@pytest.mark.parametrize("text", ["usd 2026", "USD2026", "USD 26", "2026 USD", "USD/fill"])
def test_a_price_level_has_one_form(text):
    with pytest.raises(CostModelError, match="USD 2026"):
        Money.parse(text)


@pytest.mark.parametrize(
    ("unit", "currency"), [("USD", "USD"), ("GBP/item", "GBP"), ("usd/fill", None), ("DDD", None), ("", None)]
)
def test_units_of_money(unit, currency):
    assert currency_of(unit) == currency


@pytest.mark.parametrize(("years", "months", "cycles"), [(5, 1, 60), (0, 12, 0), (1 / 3, 4, 1), (75, 12, 75)])
def test_whole_cycles(years, months, cycles):
    assert cycles_in(years, months) == cycles


@pytest.mark.parametrize(("years", "months"), [(1.5, 12), (1, 5), (0.1, 12)])
def test_part_cycles_are_refused(years, months):
    with pytest.raises(CostModelError, match="whole number of cycles"):
        cycles_in(years, months)


def test_near_spellings():
    assert nearest("Horizon_Year", ["horizon_years", "cycle_months"]) == "horizon_years"
    assert nearest("zzz", ["horizon_years"]) is None
    assert did_you_mean("zzz", ["b", "a"]) == "one of: a, b"
    assert "20 in all" in did_you_mean("zzz", [f"name{i:02d}" for i in range(20)])
    with pytest.raises(CostModelError, match="did you mean 'pdf'"):
        one_of("pfd", ["html", "pdf"], "format")


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_intervals_refuse_what_lies_outside(value):
    with pytest.raises(CostModelError, match=r"rate must lie in \[0, 1\]"):
        in_interval(value, "rate", low=0, high=1)
