import pandas as pd
import pytest

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices import PriceError, compare_prices, read_nadac
from costmodel.prices.official import nadac
from costmodel.prices.schema import NAMES

NAMED = {"clonazepam": ["clonazepam", "klonopin"]}
HEADER = (
    '"NDC Description",NDC,"NADAC Per Unit","Effective Date","Pricing Unit","Pharmacy Type Indicator",OTC,'
    '"Explanation Code","Classification for Rate Setting","Corresponding Generic Drug NADAC Per Unit",'
    '"Corresponding Generic Drug Effective Date","As of Date"'
)
ROWS = [
    '"CLONAZEPAM 2 MG TABLET",00093321301,0.03881,04/22/2026,EA,C/I,N,1,G,,,04/29/2026',
    '"CLONAZEPAM 2 MG ODT",00093929419,0.88152,04/22/2026,EA,C/I,N,"1, 6",G,,,04/29/2026',
    '"KLONOPIN 2 MG TABLET",61269062010,4.26033,04/01/2026,EA,C/I,N,2,B,0.03881,04/22/2026,04/29/2026',
    '"LORAZEPAM 2 MG/ML VIAL",00641604425,1.77696,04/22/2026,ML,C/I,N,"1, 5, 6",G,,,04/29/2026',
    '"LEVETIRACETAM ER 500 MG TABLET",68180011716,0.14210,04/22/2026,EA,C/I,N,"4, 5",G,,,04/29/2026',
    "CLOMID 50 MG TABLET,00713088509,11.16454,04/22/2026,EA,C/I,N,4,B-ANDA,6.11525,04/22/2026,04/29/2026",
    '"BIOLOGIC 5 MG CAPSULE",61314024063,1536.31809,04/22/2026,EA,C/I,N,"1, 5",B-BIO,,,04/29/2026',
]


@pytest.fixture
def publish(tmp_path):
    """Write a file in the publisher's layout; some rows or the header may be changed."""

    def write(rows=ROWS, *, header=HEADER, end="\n", encoding="utf-8"):
        path = tmp_path / "nadac.csv"
        path.write_bytes((end.join([header, *rows]) + end).encode(encoding))
        return path

    return write


def faults_of(path, **options):
    with pytest.raises(DataError) as caught:
        read_nadac(path, **options)
    return caught.value.faults


def test_composed_excerpt(publish):
    table = read_nadac(publish())
    frame = table.frame
    assert repr(table) == "PriceTable(nadac.csv: 6 prices, 1 unparsed)"
    assert list(frame.columns) == [*NAMES, "otc", "explanation_code"]
    assert frame["product_id"].iloc[0] == "00093321301"
    assert frame["molecule"].tolist() == [
        "clonazepam",
        "clonazepam",
        "klonopin",
        "levetiracetam",
        "clomid",
        "biologic",
    ]
    assert frame["class"].tolist() == ["generic", "generic", "brand", "generic", "branded generic", "brand"]
    assert frame["form"].tolist() == [
        "tablet",
        "orally disintegrating tablet",
        "tablet",
        "extended-release tablet",
        "tablet",
        "capsule",
    ]
    assert frame["unit"].tolist() == ["tablet"] * 5 + ["capsule"]
    assert frame["price"].tolist() == [0.03881, 0.88152, 4.26033, 0.1421, 11.16454, 1536.31809]
    assert frame["explanation_code"].tolist() == ["1", "1, 6", "2", "4, 5", "4", "1, 5"]
    assert frame["note"].tolist() == ["", "", "", "", "", "biological product (B-BIO)"]
    assert frame.index.tolist() == [2, 3, 4, 6, 7, 8]
    constant = frame[["pack_size", "currency", "price_type", "country", "source"]].drop_duplicates()
    assert constant.to_numpy().tolist() == [
        [1.0, "USD", "acquisition", "USA", "CMS NADAC, file as of 2026-04-29"]
    ]


def test_unparsed_row_keeps_its_price_and_its_reason(publish):
    unparsed = read_nadac(publish()).unparsed
    assert unparsed.index.tolist() == [5]
    assert unparsed["reason"].tolist() == ["a concentration or a rate: 2 MG/ML VIAL"]
    assert unparsed[["molecule", "price", "pricing_unit"]].to_numpy().tolist() == [
        ["lorazepam", 1.77696, "ML"]
    ]


def test_official_excerpt_is_read_whole():
    table = read_nadac(dataset_path("us/nadac_official_excerpt"))
    assert (len(table), len(table.unparsed)) == (47, 49)
    assert table.unparsed["reason"].ne("").all()
    lines = sorted([*table.frame.index, *table.unparsed.index])
    assert lines == list(range(2, 98))


def test_official_excerpt_against_the_rows_entered_by_hand(nadac):
    """The same weekly file, read by two ways: 21 of the 85 rows stand in the excerpt."""
    table = read_nadac(dataset_path("us/nadac_official_excerpt"), molecules=NAMED)
    names = [
        "product_id",
        "product",
        "class",
        "strength_mg",
        "form",
        "unit",
        "pack_size",
        "price",
        "date",
        "as_of",
    ]
    mine = table.frame[names].set_index("product_id")
    truth = nadac.frame[names].set_index("product_id").loc[mine.index]
    assert len(mine) == 21
    pd.testing.assert_frame_equal(mine, truth)


def test_official_excerpt_gives_the_published_comparison():
    table = read_nadac(dataset_path("us/nadac_official_excerpt"), molecules=NAMED)
    result = compare_prices(table).query("basis == 'unit'")
    assert result["ratio"].round(2).tolist() == [133.78, 123.14, 109.77]


def test_molecules_gather_brand_and_generic_names(publish):
    table = read_nadac(publish(), molecules=NAMED | {"lorazepam": ["lorazepam"]})
    assert table.frame["molecule"].tolist() == ["clonazepam"] * 3
    assert table.unparsed["molecule"].tolist() == ["lorazepam"]


def test_names_are_whole_words_and_the_longest_wins(publish):
    rows = [ROWS[0], ROWS[0].replace("CLONAZEPAM", "CLONAZEPAM-X").replace("3301", "3302"), ROWS[1]]
    table = read_nadac(
        publish(rows), molecules={"clonazepam": ["Clonazepam"], "other": ["clonazepam 2 mg odt"]}
    )
    assert table.frame["molecule"].tolist() == ["clonazepam", "other"]


@pytest.mark.parametrize(
    ("molecules", "says"),
    [
        (
            {"clonazepam": ["clonazepan"]},
            "no description begins with a name of 'clonazepam'.*did you mean 'clonazepam'",
        ),
        ({"clonazepam": "clonazepam"}, "a list of names"),
        ({"clonazepam": []}, "a list of names"),
        ({}, "molecules names none"),
        ({"a": ["klonopin"], "b": ["KLONOPIN"]}, "a name of both 'a' and 'b'"),
    ],
)
def test_molecules_that_cannot_be_meant(publish, molecules, says):
    with pytest.raises(CostModelError, match=says):
        read_nadac(publish(), molecules=molecules)


def test_only_the_rows_asked_for_are_checked(publish):
    rows = [*ROWS[:3], ROWS[3].replace("1.77696", "free")]
    assert len(read_nadac(publish(rows), molecules=NAMED)) == 3
    assert len(faults_of(publish(rows))) == 1


@pytest.mark.parametrize(
    "header",
    [
        HEADER.replace(" ", "_").replace('"', ""),
        HEADER.lower(),
        HEADER.upper(),
        HEADER.replace("NDC Description", "NDC_Description").replace("NADAC Per Unit", "NADAC_Per_Unit"),
    ],
)
def test_older_headers(publish, header):
    pd.testing.assert_frame_equal(read_nadac(publish(header=header)).frame, read_nadac(publish()).frame)


def test_iso_dates_windows_lines_byte_order_mark_and_blank_lines(publish):
    plain = read_nadac(publish()).frame
    rows = [line.replace("04/22/2026", "2026-04-22").replace("04/29/2026", "2026-04-29") for line in ROWS]
    rows = [*rows[:2], "", ",,,,,,,,,,,", *rows[2:]]
    other = read_nadac(publish(rows, end="\r\n", encoding="utf-8-sig")).frame
    assert other.index.tolist() == [2, 3, 6, 8, 9, 10]
    pd.testing.assert_frame_equal(other.reset_index(drop=True), plain.reset_index(drop=True))


def test_order_of_columns_is_free(publish):
    frame = pd.read_csv(publish(), dtype=str, keep_default_na=False)
    plain = read_nadac(publish()).frame
    path = publish()
    frame[frame.columns[::-1]].to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_nadac(path).frame, plain)


def test_leading_zeros_come_back_where_the_column_shows_the_loss(publish):
    rows = [ROWS[2], ROWS[5].replace("00713088509", "713088509")]
    frame = read_nadac(publish(rows)).frame
    assert frame["product_id"].tolist() == ["61269062010", "00713088509"]
    assert frame["note"].tolist() == ["", "leading zeros of the NDC restored"]


def test_ten_digits_everywhere_may_be_another_kind_of_code(publish):
    faults = faults_of(publish([ROWS[2].replace("61269062010", "6126906201")]))
    assert "does not show where a zero is missing" in faults["rule"][0]


def test_short_code_that_begins_with_zero_has_lost_none(publish):
    faults = faults_of(publish([ROWS[2], ROWS[0].replace("00093321301", "0093321301")]))
    assert faults["row"].tolist() == [3]


BROKEN = {
    "price in words": ("0.03881", "n/a", "NADAC Per Unit", "must be a number"),
    "price of zero": ("0.03881", "0.00000", "NADAC Per Unit", "above 0"),
    "negative price": ("0.03881", "-0.03881", "NADAC Per Unit", "above 0"),
    "infinite price": ("0.03881", "inf", "NADAC Per Unit", "must be a number"),
    "no price": ("0.03881", "", "NADAC Per Unit", "must be a number"),
    "day before month": ("04/22/2026", "22/04/2026", "Effective Date", "day that exists"),
    "serial date": ("04/22/2026", "46134", "Effective Date", "YYYY-MM-DD"),
    "no list date": ("04/29/2026", "", "As of Date", "YYYY-MM-DD"),
    "unknown class": (",G,", ",GENERIC,", "Classification for Rate Setting", "is unknown"),
    "no class": (",G,", ",,", "Classification for Rate Setting", "is unknown"),
    "unknown unit": (",EA,", ",EACH,", "Pricing Unit", "did you mean 'EA'"),
    "short code": ("00093321301", "93321301", "NDC", "NDC of 11 digits"),
    "long code": ("00093321301", "000933213011", "NDC", "NDC of 11 digits"),
    "code with hyphens": ("00093321301", "00093-3213-01", "NDC", "NDC of 11 digits"),
    "code as a float": ("00093321301", "9.33213E+07", "NDC", "NDC of 11 digits"),
    "no description": ('"CLONAZEPAM 2 MG TABLET"', '""', "NDC Description", "must have a value"),
}


@pytest.mark.parametrize(("right", "wrong", "column", "rule"), BROKEN.values(), ids=BROKEN)
def test_one_broken_cell_is_one_fault(publish, right, wrong, column, rule):
    faults = faults_of(publish([ROWS[2], ROWS[0].replace(right, wrong)]))
    assert len(faults) == 1
    assert faults.iloc[0][["file", "row", "column"]].tolist() == ["nadac.csv", 3, column]
    assert rule in faults["rule"][0]
    assert faults["remedy"][0]


def test_all_faults_are_raised_at_once(publish):
    bad = (
        ROWS[0]
        .replace("0.03881", "x")
        .replace("04/22/2026", "x")
        .replace(",G,", ",x,")
        .replace(",EA,", ",x,")
    )
    lines = [bad.replace("00093321301", f"0009332130{n}") for n in range(10)]
    assert len(faults_of(publish(lines))) == 40


def test_unquoted_comma_is_told_as_such(publish):
    faults = faults_of(publish([ROWS[0], ROWS[1].replace('"1, 6"', "1, 6")]))
    assert len(faults) == 1
    assert faults["rule"][0] == "must have 12 cells, as the header has"
    assert "quotation marks" in faults["remedy"][0]


def test_row_cut_short_is_told_as_such(publish):
    faults = faults_of(publish([ROWS[0], "CLONAZEPAM 1 MG TABLET,00093321201,0.02488"]))
    assert faults[["row", "found"]].to_numpy().tolist() == [[3, "3 cells"]]


@pytest.mark.parametrize(
    "name", ["NADAC Per Unit", "As of Date", "Classification for Rate Setting", "NDC Description"]
)
def test_missing_column(publish, name):
    faults = faults_of(publish(header=HEADER.replace(f'"{name}"', "X").replace("NDC Description,", "X,")))
    assert faults[["column", "rule"]].to_numpy().tolist() == [[name, "column is missing"]]


def test_column_that_stands_twice(publish):
    faults = faults_of(publish(header=HEADER.replace("OTC", "As_of_Date")))
    assert faults["rule"].tolist() == ["a column name may stand only once"]


def test_repeated_row_is_set_aside_and_counted(publish):
    table = read_nadac(publish([ROWS[0], ROWS[2], ROWS[0]]))
    assert len(table) == 2
    assert table.unparsed["reason"].to_dict() == {4: "repeats an earlier row in every cell"}


def test_two_prices_of_one_code_at_one_date(publish):
    faults = faults_of(publish([ROWS[2], ROWS[0], ROWS[0].replace("0.03881", "0.04")]))
    assert faults["row"].tolist() == [4]
    assert "00093321301 again, as in row 3" in faults["found"][0]


def test_same_code_in_the_next_week(publish):
    assert len(read_nadac(publish([ROWS[0], ROWS[0].replace("04/29/2026", "05/06/2026")]))) == 2


def test_tablet_priced_by_volume_is_set_aside(publish):
    table = read_nadac(publish([ROWS[0], ROWS[1].replace(",EA,", ",ML,")]))
    assert table.unparsed["reason"].tolist() == ["a tablet or capsule priced per ML"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "column is missing"),
        (HEADER.encode() + b"\n", "at least one price"),
        (HEADER.encode() + b'\n"CLONAZEPAM 2 MG TABLET,1\n', "well-formed CSV"),
        (HEADER.encode() + b"\nCLONAZ\xc9PAM,1,1,1,1,1,1,1,1,1,1,1\n", "UTF-8"),
    ],
)
def test_file_that_is_no_nadac_file(tmp_path, data, says):
    path = tmp_path / "nadac.csv"
    path.write_bytes(data)
    assert says in faults_of(path)["rule"][0]


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(CostModelError, match="does not exist"):
        read_nadac(tmp_path / "none.csv")
    with pytest.raises(CostModelError, match="cannot be read"):
        read_nadac(tmp_path)


def test_strengths_that_disagree_are_not_pooled(publish):
    table = read_nadac(publish(), molecules=NAMED)
    with pytest.raises(PriceError, match="no brand shares"):
        compare_prices(table.select(form=["orally disintegrating tablet"]))


def test_a_million_rows_cost_one_reading_per_description(publish, monkeypatch):
    calls = []
    read = nadac.read_description
    monkeypatch.setattr(nadac, "read_description", lambda text: calls.append(text) or read(text))
    rows = [
        ROWS[n % 3].replace("04/29/2026", f"{d:%m/%d/%Y}")
        for n, d in enumerate(pd.date_range("2020-01-01", periods=3000))
    ]
    assert len(read_nadac(publish(rows))) == 3000
    assert len(calls) == 3
