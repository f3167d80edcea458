import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few, row, table

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.prices import prices, spending
from costmodel.prices.errors import PriceError
from costmodel.prices.plausibility import implausible, implausible_reasons, weighted_median


def listed(*values, **changes):
    rows = [row(price=price, pack_size=1, product_id=str(n), **changes) for n, price in enumerate(values)]
    return table(rows)


@pytest.fixture(scope="module")
def medicaid():
    return spending("us/medicaid_spending")


@pytest.fixture(scope="module")
def stated(medicaid):
    """The rows that the bundled table itself calls implausible: a generic above 1.50 USD a unit."""
    mark = read_dataset("us/medicaid_spending")["implausible_unit_price"].eq("yes")
    return set(medicaid.frame.index[mark])


def test_the_flagged_rows_of_the_bundled_table_are_caught(medicaid, stated):
    """All 19 of 91, and no other: no false alarm."""
    found = implausible(medicaid)
    assert len(stated) == 19
    assert set(found.index[found["implausible"]]) == stated
    assert found.loc[found["implausible"], "reason"].ne("").all()


@pytest.mark.parametrize(
    ("factor", "caught", "false"),
    [(4, 19, 16), (5, 19, 12), (6, 19, 1), (7, 19, 0), (13, 19, 0), (14, 18, 0)],
)
def test_what_the_bound_costs(medicaid, stated, factor, caught, false):
    """Below 7 the orally disintegrating tablets, six times as dear, are called implausible."""
    found = implausible(medicaid, factor=factor)
    alarms = set(found.index[found["implausible"]])
    assert (len(alarms & stated), len(alarms - stated)) == (caught, false)


def test_part_d_has_one():
    found = implausible(spending("us/part_d_spending")).query("implausible")
    assert found[["labeler", "units", "flag"]].to_numpy().tolist() == [["AHP", 410, "CMS outlier flag"]]


def test_the_reason_says_what_the_number_looks_like(medicaid):
    found = implausible(medicaid)
    major = found[found["labeler"].eq("Major Pharmaceu") & (found["period_start"].dt.year == 2019)].iloc[0]
    # 126,818.63 / 7,807.35 = 16.2435 against 0.134372, the median unit of 2019.
    assert major["times_peers"] == pytest.approx(16.2435 / 0.134372, rel=1e-4)
    assert major["reason"] == (
        "121 times the peers' median of 0.13437 a unit: near a pack of 120, as if packs were counted as units"
    )


@pytest.mark.parametrize(
    "table_id", ["us/nadac", "us/nadac_history", "us/nadac_other_molecules", "intl/prices"]
)
def test_bundled_price_lists_raise_no_alarm(table_id):
    assert not implausible(prices(table_id))["implausible"].any()


def test_by_hand():
    """Median 1.0; at factor 10 a price of 28 is out and one of 9.9 is in."""
    found = implausible(listed(0.9, 1.0, 1.1, 1.0, 28.0, 9.9, 0.9))
    assert found["peer_median"].iloc[0] == pytest.approx(1.0)
    assert found["implausible"].tolist() == [False] * 4 + [True] + [False] * 2
    assert found["times_peers"].iloc[4] == pytest.approx(28)
    assert found["reason"].iloc[4].endswith("near a pack of 28 or 30, as if packs were counted as units")


def test_a_unit_price_in_a_column_of_packs():
    found = implausible(listed(0.9, 1.0, 1.1, 1.0, 0.01)).iloc[4]
    assert found["reason"] == (
        "1/100 of the peers' median of 1 a unit: near a pack of 84 or 90 or 100, as if units were counted "
        "as packs"
    )


def test_its_own_pack_size_gives_a_row_away_below_the_factor():
    """A pack of 7 at 7 among tablets at 1: seven times the median is within 10, but it is the pack size."""
    peers = [row(price=7 * one, pack_size=7, product_id=str(one)) for one in (0.9, 1.0, 1.1, 1.0)]
    slip = row(price=49.0, pack_size=7, product_id="slip")
    found = implausible(table([*peers, slip])).iloc[-1]
    assert found["implausible"]
    assert found["reason"] == (
        "7 times the peers' median of 1 a unit: about its pack size of 7, as if not divided by it"
    )


def test_a_wide_market_widens_the_bound():
    """Prices a factor of three apart each way: 20 times the median is within 3.5 robust deviations."""
    wide = [math.exp(one) for one in (-2, -1.5, -1, 0, 0, 1, 1.5, 2, 3)]
    assert not implausible(listed(*wide))["implausible"].any()
    narrow = [math.exp(one / 20) for one in (-2, -1.5, -1, 0, 0, 1, 1.5, 2)]
    assert implausible(listed(*narrow, 20.0))["implausible"].tolist() == [False] * 8 + [True]


def test_few_peers_are_not_judged_and_say_so():
    found = implausible(listed(1.0, 1.0, 500.0))
    assert not found["implausible"].any()
    assert set(found["reason"]) == {"3 of at least 4 peers: not judged"}
    assert found["peer_median"].isna().all()
    assert implausible(listed(1.0, 1.0, 1.0, 500.0))["implausible"].tolist() == [False] * 3 + [True]


def test_other_medicines_and_classes_are_no_peers():
    rows = [row(price=1, pack_size=1, product_id=str(n)) for n in range(4)]
    rows += [row(price=100, pack_size=1, class_="brand", product_id=f"b{n}") for n in range(4)]
    rows += [row(price=900, pack_size=1, form="film", product_id=f"f{n}") for n in range(4)]
    assert not implausible(table(rows))["implausible"].any()


def test_small_sellers_do_not_move_the_median(medicaid):
    """In 2021 five of fourteen labelers are wrong and three sell another form; units decide."""
    year = implausible(medicaid.select(year=2021, class_="generic"))
    assert year["peer_median"].iloc[0] == pytest.approx(0.131576, abs=1e-6)
    assert year["unit_price"].median() == pytest.approx(0.778753, abs=1e-6)


def test_rows_without_a_price_say_so():
    base = spending("us/medicaid_spending").select(year=2019, class_="generic")
    frame = base.frame.copy()
    frame.loc[frame.index[0], ["units", "spending"]] = [0.0, 0.0]
    found = implausible(type(base)(frame, "test"))
    assert found["reason"].iloc[0] == "no price of a unit: not judged"
    assert not found["implausible"].iloc[0]
    assert found["peers"].iloc[0] == len(frame) - 1


@few
@given(st.lists(st.floats(0.01, 1000), min_size=4, max_size=12), st.floats(0.01, 100))
def test_currency_changes_no_verdict(values, rate):
    first, second = (implausible(listed(*made)) for made in (values, [one * rate for one in values]))
    np.testing.assert_allclose(second["times_peers"], first["times_peers"], rtol=1e-6)
    clear = (first["times_peers"].map(math.log).abs() - math.log(10)).abs() > 1e-6
    if clear.all():
        assert second["implausible"].tolist() == first["implausible"].tolist()


@few
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=12))
def test_weighted_median_is_the_median_of_repeats(pairs):
    values, weights = (np.array(one, dtype=float) for one in zip(*pairs, strict=True))
    repeated = np.repeat(values, weights.astype(int))
    assert weighted_median(values, weights) == pytest.approx(np.median(repeated))


def test_reasons_by_row(medicaid, stated):
    reasons = implausible_reasons(implausible(medicaid))
    assert set(reasons) == stated
    assert all(one.startswith("implausible unit price: ") for one in reasons.values())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"factor": 1}, r"factor must lie in \(1, inf\)"),
        ({"deviations": 0}, "deviations must lie in"),
        ({"least": 2}, "least must lie in"),
        ({"by": ["moleculle"]}, "'moleculle' is not a column; did you mean 'molecule'"),
    ],
)
def test_refusals(options, says):
    with pytest.raises(CostModelError, match=says):
        implausible(listed(1.0, 2.0), **options)


def test_nothing_to_judge():
    with pytest.raises(PriceError, match="has no rows"):
        implausible(listed(1.0).select(currency="CAD"))


def test_order_is_kept(medicaid):
    shuffled = type(medicaid)(medicaid.frame.sample(frac=1, random_state=1), "shuffled")
    found = implausible(shuffled)
    assert found.index.tolist() == shuffled.frame.index.tolist()
    pd.testing.assert_frame_equal(found.sort_index(), implausible(medicaid).sort_index())
