import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.money import (
    ROUTES,
    ExchangeRates,
    PriceIndex,
    convert,
    exchange,
    inflate,
    ppp,
    require_comparable,
)
from costmodel.units import Money

patient = settings(deadline=None)
amounts = st.floats(-1e9, 1e9, allow_nan=False).map(lambda amount: round(amount, 6))
medical_years = st.integers(2000, 2022)
currencies = st.sampled_from(["USD", "EUR", "GBP", "JPY", "BRL"])
MEDICAL = "us/cpi_medical_care"
OTHER = {"inflate-then-exchange": "exchange-then-inflate", "exchange-then-inflate": "inflate-then-exchange"}


def test_inflation_by_hand():
    """CPI medical care 2012 414.923, 2022 546.558: 10 dollars become 13.1725."""
    result = inflate(10, Money("USD", 2012), 2022, index=MEDICAL)
    assert result.amount == pytest.approx(10 * 546.558 / 414.923, rel=1e-5)
    assert result.money == Money("USD", 2022)
    (step,) = result.steps
    assert (step.kind, step.series, step.vintage) == ("inflate", MEDICAL, "USA_CPI_MEDICAL")
    assert step.factor == pytest.approx(1.31725, abs=1e-5)


def test_exchange_by_hand():
    """2022: 1 dollar bought 0.9493 euros (100 euros are 105.34 dollars) and 20.1141 pesos."""
    assert exchange(100, Money("EUR", 2022), "USD").amount == pytest.approx(105.34, abs=0.01)
    cross = exchange(100, Money("EUR", 2022), "MXN")
    by_dollar = exchange(exchange(100, Money("EUR", 2022), "USD").amount, Money("USD", 2022), "MXN")
    assert cross.amount == pytest.approx(by_dollar.amount)
    assert cross.money == Money("MXN", 2022)


def test_parity_by_hand():
    """2014: 0.708144 pounds and, in the same vintage, the table's Brazilian figure buy what a dollar buys."""
    assert ppp(100, Money("GBP", 2014), "USD").amount == pytest.approx(100 / 0.708144)
    there = ppp(100, Money("GBP", 2014), "BRL")
    assert there.amount == pytest.approx(ppp(100 / 0.708144, Money("USD", 2014), "BRL").amount)
    assert there.steps[0].vintage == "A: series to 2014 (2011 ICP round)"


def test_the_two_routes_by_hand():
    """Prices double at home only and the rate stands: one route doubles the amount, the other does not."""
    at_home = PriceIndex.from_levels("home", "GBP", {2000: 1, 2010: 2}, source="invented")
    abroad = PriceIndex.from_levels("abroad", "USD", {2000: 1, 2010: 1.1}, source="invented")
    rates = ExchangeRates.from_rates("r", {("GBP", 2000): 0.5, ("GBP", 2010): 0.5}, source="invented")
    start, end = Money("GBP", 2000), Money("USD", 2010)
    home = convert(10, start, end, route="inflate-then-exchange", index=at_home, rate=rates)
    world = convert(10, start, end, route="exchange-then-inflate", index=abroad, rate=rates)
    assert home.amount == pytest.approx(10 * 2 / 0.5)
    assert world.amount == pytest.approx(10 / 0.5 * 1.1)
    assert [step.kind for step in home.steps] == ["inflate", "exchange"]
    assert [step.kind for step in world.steps] == ["exchange", "inflate"]
    assert home.factor == pytest.approx(4)


def test_the_routes_agree_when_rates_follow_prices():
    """Relative purchasing power parity: prices double at home, its currency halves."""
    at_home = PriceIndex.from_levels("home", "GBP", {2000: 1, 2010: 2}, source="invented")
    abroad = PriceIndex.from_levels("abroad", "USD", {2000: 1, 2010: 1}, source="invented")
    rates = ExchangeRates.from_rates("r", {("GBP", 2000): 0.5, ("GBP", 2010): 1}, source="invented")
    start, end = Money("GBP", 2000), Money("USD", 2010)
    home = convert(10, start, end, route="inflate-then-exchange", index=at_home, rate=rates)
    world = convert(10, start, end, route="exchange-then-inflate", index=abroad, rate=rates)
    assert home.amount == pytest.approx(world.amount)


def test_turner_and_others_2019():
    """USD 100 of 2006 spent in Viet Nam in USD of 2016: 172.09 and 116.84 (abstract).

    The abstract gives the results, not the series. US prices rose by 16.84 %; with dongs a dollar of 15,994
    and 21,935 (recalled), prices in Viet Nam must have risen by a factor of 2.3602.
    """
    dong = ExchangeRates.from_rates("dong", {("VND", 2006): 15_994, ("VND", 2016): 21_935}, source="recalled")
    us = PriceIndex.from_levels("us", "USD", {2006: 100, 2016: 116.84}, source="abstract")
    vn = PriceIndex.from_levels("vn", "VND", {2006: 100, 2016: 236.02}, source="implied")
    spent = exchange(100, Money("USD", 2006), "VND", rate=dong).amount
    start, end = Money("VND", 2006), Money("USD", 2016)
    method_1 = convert(spent, start, end, route="exchange-then-inflate", index=us, rate=dong)
    method_2 = convert(spent, start, end, route="inflate-then-exchange", index=vn, rate=dong)
    assert method_1.amount == pytest.approx(116.84)
    assert method_2.amount == pytest.approx(172.09, abs=0.01)


@patient
@given(amounts, medical_years, medical_years)
def test_inflation_there_and_back(amount, start, end):
    there = inflate(amount, Money("USD", start), end, index=MEDICAL)
    back = inflate(there.amount, there.money, start, index=MEDICAL)
    assert back.amount == pytest.approx(amount, rel=1e-12)
    assert back.money == Money("USD", start)


@patient
@given(amounts, medical_years, medical_years, medical_years)
def test_inflation_over_years_is_inflation_at_once(amount, start, stop, end):
    once = inflate(amount, Money("USD", start), end, index=MEDICAL)
    half = inflate(amount, Money("USD", start), stop, index=MEDICAL)
    assert inflate(half.amount, half.money, end, index=MEDICAL).amount == pytest.approx(
        once.amount, rel=1e-12
    )


@patient
@given(amounts, st.integers(2005, 2024), currencies, currencies, currencies)
def test_exchange_round_trips_and_crosses(amount, year, first, second, third):
    there = exchange(amount, Money(first, year), second)
    back = exchange(there.amount, there.money, first)
    assert back.amount == pytest.approx(amount, rel=1e-12)
    around = exchange(there.amount, there.money, third)
    assert around.amount == pytest.approx(exchange(amount, Money(first, year), third).amount, rel=1e-12)


@patient
@given(amounts, st.integers(2000, 2014), st.sampled_from(["BRL", "CAD", "CLP", "COP", "GBP", "USD"]))
def test_parity_there_and_back(amount, year, currency):
    there = ppp(amount, Money("GBP", year), currency)
    assert ppp(there.amount, there.money, "GBP").amount == pytest.approx(amount, rel=1e-12)


@patient
@given(amounts, medical_years, st.integers(2005, 2022), st.sampled_from(["EUR", "GBP", "USD"]))
def test_conversion_there_and_back(amount, start, end, currency):
    """Back by the other route, with the same index and rate."""
    dollars, other = Money("USD", start), Money(currency, end)
    there = convert(amount, dollars, other, route="inflate-then-exchange", index=MEDICAL)
    back = convert(there.amount, other, dollars, route="exchange-then-inflate", index=MEDICAL)
    assert back.amount == pytest.approx(amount, rel=1e-12)
    assert there.factor * back.factor == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("route", ROUTES)
@patient
@given(values=st.lists(amounts, min_size=1, max_size=6), scale=st.integers(-100, 100))
def test_arrays_and_scale(route, values, scale):
    """Each element is converted as it would be alone; k times the amount becomes k times the amount."""
    index = {"inflate-then-exchange": "gb/nhs_cost_inflation", "exchange-then-inflate": "us/cpi_all_items"}
    money = Money("GBP", 2016), Money("USD", 2021)
    many = convert(np.array(values), *money, route=route, index=index[route])
    alone = [convert(one, *money, route=route, index=index[route]).amount for one in values]
    np.testing.assert_array_equal(many.amount, alone)
    scaled = convert(scale * np.array(values), *money, route=route, index=index[route])
    np.testing.assert_allclose(scaled.amount, scale * np.asarray(many.amount), rtol=1e-12)
    assert np.array(values) * many.factor == pytest.approx(many.amount, rel=1e-12)


def test_the_shape_is_kept():
    result = inflate(np.ones((2, 3)), Money("USD", 2010), 2020, index=MEDICAL)
    assert np.shape(result.amount) == (2, 3)
    assert isinstance(inflate(1, Money("USD", 2010), 2020, index=MEDICAL).amount, float)


def test_nothing_to_do_takes_no_step():
    for result in (
        inflate(5, Money("USD", 2026), 2026, index=MEDICAL),
        exchange(5, Money("USD", 2026), "USD"),
        ppp(5, Money("GBP", 2026), "GBP"),
        convert(5, Money("USD", 2026), Money("USD", 2026), route=ROUTES[0], index=MEDICAL),
    ):
        assert (result.amount, result.steps, result.factor) == (5.0, (), 1.0)


def test_steps_can_be_printed():
    result = convert(
        100,
        Money("GBP", 2016),
        Money("USD", 2021),
        route="inflate-then-exchange",
        index="gb/nhs_cost_inflation",
    )
    text = str(result)
    assert text.startswith("151.99")
    assert "in USD 2021, inflate-then-exchange" in text
    assert "GBP 2016 → GBP 2021: × " in text
    assert "GBP 2021 → USD 2021: × " in text
    assert result.flags == (
        "a year is taken as the financial year that starts in it, to be confirmed",
        "the pound: mean of twelve monthly averages",
    )
    table = result.to_frame()
    assert table["from_money"].tolist() == ["GBP 2016", "GBP 2021"]
    assert table["to_money"].tolist() == ["GBP 2021", "USD 2021"]
    assert table["factor"].prod() == pytest.approx(result.factor)
    assert table["vintage"].tolist() == ["GBR_NHSCII", "FX_EXUSUK"]
    assert str(inflate([1, 2], Money("USD", 2010), 2011, index=MEDICAL)).startswith("2 amounts in USD 2011")


def test_a_flagged_figure_says_so():
    result = inflate(1, Money("USD", 2016), 2021, index="us/cpi_all_items")
    assert result.flags == ("read in an excerpt of a later version of the file",)


def test_two_copies_of_the_index_are_not_mixed():
    """2012 was read in one copy and 2016 in another; the series of changes bridges the gap."""
    with pytest.raises(
        CostModelError,
        match=r"2012 is of vintage USA_CPI_ALL, 2016 is of vintage USA_CPI_ALL_B; .* never mixed",
    ):
        inflate(1, Money("USD", 2012), 2016, index="us/cpi_all_items")
    bridged = inflate(1, Money("USD", 2012), 2016, index="us/cpi_all_items_change")
    assert bridged.amount == pytest.approx(1.015 * 1.016 * 1.001 * 1.013)
    # BLS annual averages 2012 and 2016: 240.007 / 229.594 = 1.04535; rounding of four changes costs 0.0002.
    assert bridged.amount == pytest.approx(240.007 / 229.594, abs=5e-4)


def test_two_vintages_of_parities_are_not_mixed():
    with pytest.raises(CostModelError, match=r"GBR 2014 is of vintage A: .*, ZAF 2014 is of vintage B: "):
        ppp(1, Money("GBP", 2014), "ZAR")
    with pytest.raises(CostModelError, match=r"BRL 2014 → USD 2014 is of vintage A.* ZAR 2014 → USD 2014"):
        require_comparable([ppp(1, Money("BRL", 2014), "USD"), ppp(1, Money("ZAR", 2014), "USD")])


def test_comparable_amounts():
    same = [ppp(1, Money("BRL", 2014), "USD"), ppp(1, Money("CAD", 2014), "USD")]
    assert require_comparable(same) == Money("USD", 2014)
    markets = [exchange(1, Money("GBP", 2014), "USD"), exchange(1, Money("EUR", 2014), "USD")]
    assert require_comparable(markets) == Money("USD", 2014)
    with pytest.raises(CostModelError, match="the amounts are in EUR 2014, USD 2014: convert all to one"):
        require_comparable([*same, exchange(1, Money("USD", 2014), "EUR")])


def call(function, *arguments, **options):
    return lambda: function(*arguments, **options)


@pytest.mark.parametrize(
    ("doing", "words"),
    [
        (
            call(inflate, 1, Money("USD", 2020), 2026, index=MEDICAL),
            "us/cpi_medical_care has no figure for 2026; it has 2000–2022: .* PriceIndex.from_levels$",
        ),
        (
            call(inflate, 1, Money("USD", 2014), 2026, index="us/cpi_all_items"),
            "no figure for 2014 or 2026; it has 2000–2012, 2016–2021",
        ),
        (
            call(inflate, 1, Money("USD", 2014), 2020, index="us/cpi_all_items"),
            r"no figure for 2014; .*; both years stand in us/cpi_medical_care, us/cpi_all_items_change$",
        ),
        (
            call(inflate, 1, Money("USD", 2012), 2016, index="us/cpi_all_items"),
            r"never mixed: .*; both years stand in us/cpi_medical_care, us/cpi_all_items_change$",
        ),
        (
            call(inflate, 1, Money("GBP", 2016), 2020, index=MEDICAL),
            r"measures prices in USD, but the amount is in GBP 2016: choose one of gb/nhs_cost_inflation, ",
        ),
        (
            call(inflate, 1, Money("EUR", 2016), 2020, index=MEDICAL),
            "give your own with PriceIndex.from_levels",
        ),
        (
            call(exchange, 1, Money("USD", 2004), "EUR"),
            "fed/annual_average has no figure for EUR in 2004; it has 2005–2025",
        ),
        (
            call(exchange, 1, Money("USD", 2020), "BDT"),
            "has no figure for BDT in 2020; it has AUD, BRL, CAD, CHF, EUR, GBP",
        ),
        (call(exchange, 1, Money("USD", 2020), "EUR", rate="wb/ppp_gdp"), "use costmodel.money.ppp"),
        (call(ppp, 1, Money("USD", 2020), "EUR", rate="fed/annual_average"), "use costmodel.money.exchange"),
        (call(ppp, 1, Money("USD", 2020), "EUR"), "EUR does not tell which: name one of FIN as to_country"),
        (call(ppp, 1, Money("JPY", 2020), "USD"), "JPY does not tell which: it has none that uses it"),
        (call(ppp, 1, Money("EUR", 2020), "USD", from_country="ZAF"), "from_country: ZAF uses ZAR, not EUR"),
        (call(ppp, 1, Money("EUR", 2020), "USD", from_country="FRA"), "'FRA' is unknown"),
        (call(ppp, 1, Money("GBP", 2020), "USD"), "no figure for GBR in 2020; it has 2000–2014"),
        (
            call(convert, 1, Money("USD", 2020), Money("EUR", 2022), route="inflate", index=MEDICAL),
            "route: 'inflate' is unknown; one of: exchange-then-inflate, inflate-then-exchange",
        ),
        (
            call(
                convert,
                1,
                Money("GBP", 2016),
                Money("USD", 2021),
                route=ROUTES[1],
                index="gb/nhs_cost_inflation",
            ),
            "measures prices in GBP, but the amount is in USD 2016: choose one of us/cpi_all_items, ",
        ),
        (call(inflate, float("nan"), Money("USD", 2010), 2020, index=MEDICAL), "must be finite numbers"),
    ],
)
def test_what_cannot_be_converted(doing, words):
    with pytest.raises(CostModelError, match=words):
        doing()


def test_parity_within_the_euro_area_and_ecuador():
    """A country is named where its currency does not tell: Finland for the euro, Ecuador for dollars."""
    there = ppp(100, Money("EUR", 2020), "USD", from_country="FIN", to_country="ECU")
    finland = ppp(100, Money("EUR", 2020), "USD", from_country="FIN")
    ecuador = ppp(finland.amount, Money("USD", 2020), "USD", to_country="ECU")
    assert there.amount == pytest.approx(ecuador.amount)
    assert there.amount < finland.amount  # a dollar buys more in Ecuador than at home


def test_conversion_by_parity():
    """Parity of 2010, then CPI medical care: 388.423 in 2010, 414.923 in 2012."""
    there = convert(
        100,
        Money("GBP", 2010),
        Money("USD", 2012),
        route="exchange-then-inflate",
        index=MEDICAL,
        rate="wb/ppp_gdp",
    )
    parity = ppp(100, Money("GBP", 2010), "USD").amount
    assert there.amount == pytest.approx(parity * 414.923 / 388.423, rel=1e-5)
    assert [step.kind for step in there.steps] == ["ppp", "inflate"]
