"""Numbers as text, and a figure style that leaves no trace."""

import math
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Decimal

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from costmodel.errors import CostModelError
from costmodel.report.style import (
    DASH,
    HATCHES,
    LINE_STYLES,
    MINUS,
    PALETTE,
    bar_style,
    is_missing,
    money,
    number,
    percent,
    significant,
    use_style,
)

finite = st.floats(min_value=-1e12, max_value=1e12)


def _read(text):
    return float(text.replace(",", "").replace(MINUS, "-"))


@given(finite, st.integers(0, 6))
def test_number_is_the_exact_value_rounded_half_to_even(value, decimals):
    exact = Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    assert Decimal(number(decimals)(value).replace(",", "").replace(MINUS, "-")) == exact


@given(finite, st.integers(0, 4))
def test_number_separates_thousands_and_signs_what_is_below_zero(value, decimals):
    text = number(decimals)(value)
    whole = text.lstrip(MINUS).split(".")[0].split(",")
    assert all(len(group) == 3 for group in whole[1:])
    assert 1 <= len(whole[0]) <= 3
    assert text.startswith(MINUS) == (_read(text) < 0)


@given(st.floats(min_value=1e-6, max_value=1e12), st.integers(1, 8), st.sampled_from([1, -1]))
def test_significant_keeps_digits_and_never_rounds_units_away(size, digits, sign):
    value = sign * size
    error = abs(_read(significant(digits)(value)) - value)
    unit = 10.0 ** (math.floor(math.log10(size)) - digits + 1)
    assert error <= 0.5 * min(max(unit, 1e-12), 1) * (1 + 1e-9) + 1e-15 * size


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (money(2, "$"), -1234.5, f"{MINUS}$1,234.50"),
        (money(), 999_999.5, "1,000,000"),
        (percent(), -0.1234, f"{MINUS}12.3%"),
        (percent(0), 1, "100%"),
        (number(2), -0.001, "0.00"),
        (number(1, after=" mg"), 2, "2.0 mg"),
        (significant(3), 9.9996, "10"),
        (significant(3), -2e-9, f"{MINUS}2e{MINUS}09"),
        (significant(3), 0, "0"),
        (significant(3), 1_234_567.8, "1,234,568"),
    ],
)
def test_formatters_by_example(show, value, text):
    assert show(value) == text
    assert show(value, 3) == text


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
@pytest.mark.parametrize("show", [number(), money(2), percent(), significant()])
def test_a_missing_value_is_a_dash(show, missing):
    assert show(missing) == DASH
    assert is_missing(missing)


@pytest.mark.parametrize("show", [number(), percent(), significant()])
def test_an_infinite_value_is_refused(show):
    with pytest.raises(CostModelError, match="number to be shown"):
        show(math.inf)


def _luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", PALETTE)
def test_every_colour_has_a_contrast_of_three_on_white(colour):
    assert 1.05 / (_luminance(colour) + 0.05) >= 3


def test_series_differ_in_more_than_their_colour():
    assert len(set(PALETTE)) == len(set(LINE_STYLES)) == len(set(HATCHES)) == 5
    assert len({bar_style(at)["hatch"] for at in range(5)}) == 5
    assert bar_style(7) == bar_style(2)


def test_the_style_holds_inside_its_block_only():
    before = dict(mpl.rcParams)
    with use_style({"figure.figsize": (4, 2)}):
        fig, ax = plt.subplots()
        assert not ax.spines["top"].get_visible()
        assert tuple(fig.get_size_inches()) == (4, 2)
        lines = [ax.plot([0, 1], [at, 1])[0] for at in range(5)]
        plt.close(fig)
    assert dict(mpl.rcParams) == before
    assert [line.get_color() for line in lines] == list(PALETTE)
    assert len({str(line.get_linestyle()) for line in lines}) >= 4


def test_the_style_does_not_depend_on_the_settings_of_the_machine():
    with mpl.rc_context({"font.size": 30, "axes.grid": True}), use_style():
        assert mpl.rcParams["font.size"] == 9
        assert not mpl.rcParams["axes.grid"]


def test_an_unknown_setting_is_refused_with_the_nearest():
    with pytest.raises(CostModelError, match=r"figure\.figsize"), use_style({"figure.figsise": (1, 1)}):
        pass


def test_importing_the_package_imports_nothing_heavy():
    heavy = "{'matplotlib', 'pandas', 'numpy', 'nbformat', 'papermill', 'pypandoc', 'typst', 'IPython'}"
    names = "r.use_style, r.render, r.execute"
    code = f"import sys, costmodel.report as r; {names}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
