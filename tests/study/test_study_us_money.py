"""Money of clonazepam-us: amounts of other years reach 2026 by printed indices, not by typed factors."""

import pytest
from changed import changed

import costmodel as cm
from costmodel.formulas import parse
from costmodel.model.values import environments


@pytest.fixture(scope="module")
def study(american):
    return american


def base(study, name):
    found = environments(study.model(), study.draws(), [name])["generic"]
    return found.evaluate(parse(name), name).item()


# CPI-U all items as printed: 2009 214.537, 2012 229.594, 2018 251.107, 2019 255.657, 2021 270.970; changes of
# 2013, 2014, 2022 and 2023: 1.5, 1.6, 8.0 and 4.1 %. 2.9 % a year is assumed from 2023 to 2026.
# 2023: 270.970 x 1.08 x 1.041 = 304.6462; 2026: x 1.029**3 (1.0895474) = 331.9264.
# 2014: 229.594 x 1.015 x 1.016 = 236.7665; the average of 236.736 that BLS printed was not in what was read.
@pytest.mark.parametrize(
    ("name", "nominal", "factor"),
    [
        ("c_controlled", 5511, 331.9264 / 214.537),
        ("c_fall", 9500, 331.9264 / 229.594),
        ("c_hip", 50508, 331.9264 / 236.7665),
        ("c_use_disorder", 15640, 331.9264 / 251.107),
        ("c_crash", 6900, 331.9264 / 255.657),
        ("c_panic_plain_6m", 3220, 331.9264 / 236.7665 / 0.752),
    ],
)
def test_costs_are_brought_to_2026_by_the_indices_as_printed(study, name, nominal, factor):
    assert study.parameters[name].value == nominal
    assert base(study, name) == pytest.approx(nominal * factor, rel=1e-6)


def test_every_step_of_a_conversion_is_traced_to_the_table_it_was_read_from(study):
    tree = "\n".join(cm.trace(study, "c_hip").lines())
    for step in ("cpi_2012 = 229.594", "inflation_2014 = 1.6", "economics/us_inflation_annual_pct"):
        assert step in tree


def test_more_inflation_makes_care_dearer_and_leaves_the_price_of_tablets_alone(study):
    before, after = study.run(), changed(study, annual_inflation=0.05).run()
    for measure in ("injuries", "epilepsy_care", "panic_care"):
        assert (after.total(measure) > before.total(measure)).all(), measure
    assert study.parameters["price_brand"].value == 4.26033
