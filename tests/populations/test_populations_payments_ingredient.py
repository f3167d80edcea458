"""Gross amounts by basis: hand-computed fills, the lower-of rule, spread; what is no basis is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_populations import few

from costmodel.errors import CostModelError
from costmodel.populations.payments import BASES, Basis, gross_amount, spread


@pytest.mark.parametrize(
    ("basis", "ingredient", "gross"),
    [
        (Basis("nadac", 4.26033), 127.8099, 138.3099),  # 30 x 4.26033, and a fee of 10.50
        (Basis("wac", 4.50, less=0.02), 132.30, 142.80),  # 30 x 4.41
        (Basis("awp", 5.40, less=0.15), 137.70, 148.20),  # 30 x 4.59
        (Basis("mac", 0.05), 1.50, 12.00),
        (Basis("tariff", 0.0513), 1.539, 12.039),
        (Basis("usual_and_customary", 15.0), 15.0, 15.0),  # the fee is in the price
    ],
)
def test_each_basis_by_hand(basis, ingredient, gross):
    found = gross_amount(30, basis, dispensing_fee=10.50)
    assert found.ingredient[0] == pytest.approx(ingredient, rel=1e-12)
    assert found.gross[0] == pytest.approx(gross, rel=1e-12)
    assert found.gross[0] == found.ingredient[0] + found.dispensing[0]


def test_the_lowest_basis_pays_fee_and_all():
    bases = [
        Basis("nadac", [0.03881, 4.26033]),
        Basis("wac", 4.5, less=0.1),
        Basis("usual_and_customary", 11.0),
    ]
    found = gross_amount([30, 30], bases, dispensing_fee=10.50)
    # 1.1643 + 10.50 = 11.6643 is more than 11.00; 127.81 + 10.50 is more than 11.00 too
    assert found.basis.tolist() == ["usual_and_customary"] * 2
    without = gross_amount([30, 30], bases[:2], dispensing_fee=10.50)
    assert without.basis.tolist() == ["nadac", "wac"]  # 4.05 a tablet is below 4.26033
    assert without.frame()["gross"].tolist() == pytest.approx([11.6643, 132.0])


def test_equal_bases_go_to_the_first():
    assert gross_amount(1, [Basis("mac", 1.0), Basis("nadac", 1.0)]).basis.tolist() == ["mac"]


@given(
    st.lists(st.floats(0, 50), min_size=2, max_size=2),
    st.floats(0.5, 400),
    st.floats(0, 20),
    st.floats(0, 10),
)
@few
def test_another_basis_raises_no_amount_and_a_price_lowers_none(prices, units, fee, more):
    one = gross_amount(units, Basis("nadac", prices[0]), dispensing_fee=fee)
    both = gross_amount(units, [Basis("nadac", prices[0]), Basis("mac", prices[1])], dispensing_fee=fee)
    assert both.gross[0] <= one.gross[0]
    assert gross_amount(units, Basis("nadac", prices[0] + more), dispensing_fee=fee).gross[0] >= one.gross[0]


def test_spread_of_ohio():
    # 31 % of what was billed for generics stayed with the manager (Ohio Auditor of State, 2018)
    assert spread(20.0, 20.0 * 0.69)[0] == pytest.approx(6.2)
    assert spread(20.0, 21.0)[0] == -1  # a loss is shown


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Basis("fair", 1.0), "basis of payment: 'fair' is unknown"),
        (lambda: Basis("awp", 1.0, less=1.0), r"must lie in \[0, 1\)"),
        (lambda: Basis("nadac", 1.0, less=0.1), "only wac and awp carry a share off"),
        (lambda: Basis("mac", -1.0), "price of basis 'mac' must be a finite number of at least 0; found -1"),
        (lambda: gross_amount(0, Basis("mac", 1.0)), "units per fill must be above 0"),
        (lambda: gross_amount(1, []), "at least one basis"),
        (lambda: gross_amount(1, Basis("mac", 1.0), dispensing_fee=-1), "dispensing fee"),
        (lambda: gross_amount(np.nan, Basis("mac", 1.0)), "units per fill must be a finite number"),
    ],
)
def test_what_is_no_basis_is_refused(make, words):
    with pytest.raises(CostModelError, match=words):
        make()


def test_every_basis_is_explained():
    assert set(BASES) == {"nadac", "wac", "awp", "mac", "tariff", "usual_and_customary"}
