"""NDCs in all their forms: normalised to 11 digits, or refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.prices.official.ndc import NdcColumn, ndc_answers, normalise_ndc, product_ndc


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00093321301", "00093321301"),
        (" 00093321301 ", "00093321301"),
        ("0093-3213-01", "00093321301"),
        ("72603-308-01", "72603030801"),
        ("61269-0620-1", "61269062001"),
        ("61269-0620-10", "61269062010"),
    ],
)
def test_every_form_that_has_one_reading(text, code):
    assert normalise_ndc(text) == code


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("6126906201", "06126906201, 61269006201 or 61269062001"),
        ("6.126906201E+10", "lost digits: import the column as text"),
        ("9.33213E+07", "lost digits"),
        ("93321301.0", "made it a number"),
        ("93321301", "of 11 digits, not 8"),
        ("000933213011", "of 11 digits, not 12"),
        ("0093-3213-1", "not 4-4-1"),
        ("00093-321-1", "not 5-3-1"),
        ("1-2-3", "not 1-1-1"),
        ("00093-3213", "three parts with hyphens"),
        ("0009332130A", "NDC of 11 digits"),
        ("٠٠٠٩٣٣٢١٣٠١", "NDC of 11 digits"),
        ("", "NDC of 11 digits"),
    ],
)
def test_what_has_none_or_several_is_refused(text, says):
    with pytest.raises(CostModelError, match=says.replace("+", r"\+")):
        normalise_ndc(text)


digits = st.text("0123456789", min_size=11, max_size=11)


@given(digits, st.sampled_from([(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)]))
def test_written_in_any_form_and_read_back(code, form):
    """A form of ten digits leaves one leading zero of one part out; it can be written only of such codes."""
    parts = [code[:5], code[5:9], code[9:]]
    short = next(
        (at for at, (full, width) in enumerate(zip((5, 4, 2), form, strict=True)) if width < full), None
    )
    if short is not None:
        parts[short] = "0" + parts[short][1:]
    whole = "".join(parts)
    written = "-".join(part[-width:] for part, width in zip(parts, form, strict=True))
    assert normalise_ndc(written) == whole
    assert normalise_ndc(whole) == whole
    assert product_ndc("-".join(written.split("-")[:2])) == whole[:9]


@given(st.lists(digits, min_size=1, max_size=30))
def test_zeros_lost_by_a_spreadsheet_come_back_or_are_refused(codes):
    stripped = [str(int(code)) for code in codes]
    answers = ndc_answers([(text,) for text in stripped])
    for code, text, read, fault in zip(codes, stripped, answers["ndc"], answers["fault"], strict=True):
        assert read in (code, "")
        assert (read == "") == bool(fault)
        if len(text) == 11:
            assert read == code
    if any(len(text) == 11 for text in stripped):
        assert all(read for read, text in zip(answers["ndc"], stripped, strict=True) if len(text) >= 9)


def test_a_short_code_that_begins_with_zero_shows_that_none_was_lost():
    column = NdcColumn.of(["61269062010", "0093321301"])
    with pytest.raises(CostModelError, match="does not show where a zero is missing"):
        column.read("0093321301")


def test_a_column_of_ten_digits_only_is_refused():
    with pytest.raises(CostModelError, match="does not show"):
        NdcColumn.of(["6126906201"]).read("6126906201")


def test_hyphens_where_the_publisher_writes_none():
    with pytest.raises(CostModelError, match="without hyphens"):
        NdcColumn.of(["61269062010"]).read("61269-0620-10")
    assert NdcColumn.of(["61269-0620-10"], hyphens=True).read("61269-0620-10") == "61269062010"


@pytest.mark.parametrize("text", ["72603308", "72603-3-1", "7260-308", "", "x-y", "72603-30800"])
def test_a_products_code_needs_its_hyphen(text):
    with pytest.raises(CostModelError, match="4-4, 5-3 or 5-4"):
        product_ndc(text)
