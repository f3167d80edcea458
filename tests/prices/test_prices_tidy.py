import pytest
from strategies_prices import HEADER, row

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices import read_prices


def faults_of(path):
    with pytest.raises(DataError) as caught:
        read_prices(path)
    return caught.value.faults


def test_bundled_nadac(nadac):
    frame = nadac.frame
    assert len(nadac) == 85
    assert frame["class"].value_counts().to_dict() == {"generic": 82, "brand": 3}
    assert set(frame["price_type"]) == {"acquisition"}
    assert frame.loc[frame["product_id"] == "61269062010", "price"].tolist() == [4.26033]


@pytest.mark.parametrize(
    "table_id",
    [
        "us/nadac_history",
        "us/nadac_other_molecules",
        "intl/prices",
        "gb/drug_tariff",
        "tw/nhi_history",
        "za/sep",
    ],
)
def test_every_bundled_price_table_is_read_whole(table_id):
    path = dataset_path(table_id)
    assert len(read_prices(path)) == len(path.read_text("utf-8").splitlines()) - 1


def test_codes_keep_their_zeros_and_blank_text_stays_text(save):
    table = read_prices(save([row(), row(product_id="", date="2026-03-01")]))
    assert table.frame["product_id"].tolist() == ["00093321301", ""]
    assert table.frame["flag"].tolist() == ["", ""]


def test_index_is_the_line_of_the_file(save):
    path = save([row(), row(date="2026-03-01")])
    path.write_text(path.read_text().replace("\n", "\n\n", 1))
    assert read_prices(path).frame.index.tolist() == [3, 4]


def test_columns_in_any_order_with_others_kept_and_optional_ones_absent(save):
    columns = ["supplier", *reversed(HEADER)]
    columns = [name for name in columns if name not in ("product_id", "flag", "note")]
    frame = read_prices(save([row(supplier="Teva")], columns=columns)).frame
    assert list(frame.columns) == [*HEADER, "supplier"]
    assert frame["supplier"].tolist() == ["Teva"]
    assert frame["note"].tolist() == [""]


def test_semicolons_and_decimal_commas_have_one_reading(save):
    frame = read_prices(save([row(price="38,81", strength_mg="0,5")], delimiter=";")).frame
    assert frame[["price", "strength_mg"]].iloc[0].tolist() == [38.81, 0.5]


def test_list_may_be_undated(save):
    assert read_prices(save([row(as_of="")])).frame["as_of"].isna().all()


BROKEN = {
    "negative price": ({"price": "-3.881"}, "price", "above 0", "one pack"),
    "price of nothing": ({"price": "0"}, "price", "above 0", "one pack"),
    "zero pack": ({"pack_size": "0"}, "pack_size", "above 0", "box of 100"),
    "zero strength": ({"strength_mg": "0"}, "strength_mg", "above 0", "milligrams"),
    "price in words": ({"price": "three"}, "price", "must be a number", ""),
    "price with its sign": ({"price": "$3.88"}, "price", "currency sign", ""),
    "decimal comma": ({"price": "3,88"}, "price", "write 3.88", ""),
    "day before month": ({"date": "22/04/2026"}, "date", "YYYY-MM-DD", ""),
    "day that is not": ({"as_of": "2026-02-30"}, "as_of", "day that exists", ""),
    "lower-case currency": ({"currency": "usd"}, "currency", "three capital letters", "write USD"),
    "currency sign": ({"currency": "$"}, "currency", "three capital letters", "for example USD"),
    "two-letter country": ({"country": "US"}, "country", "ISO 3166-1", "for example USA"),
    "unknown class": ({"class": "genric"}, "class", "did you mean 'generic'", "branded generic"),
    "unknown price type": ({"price_type": "aquisition"}, "price_type", "did you mean 'acquisition'", ""),
    "no unit": ({"unit": ""}, "unit", "must have a value", "tablet, ml, g"),
    "no strength": ({"strength_mg": ""}, "strength_mg", "must have a value", ""),
    "no form": ({"form": ""}, "form", "must have a value", ""),
    "no pack": ({"pack_size": ""}, "pack_size", "must have a value", ""),
    "no currency": ({"currency": ""}, "currency", "must have a value", "USD"),
    "no date": ({"date": ""}, "date", "must have a value", ""),
    "no price type": ({"price_type": ""}, "price_type", "must have a value", ""),
    "no source": ({"source": ""}, "source", "must have a value", ""),
}


@pytest.mark.parametrize(("change", "column", "rule", "remedy"), BROKEN.values(), ids=BROKEN)
def test_one_broken_cell_is_one_fault(save, change, column, rule, remedy):
    faults = faults_of(save([row(product_id="1"), row(product_id="2", **change)]))
    assert len(faults) == 1
    fault = faults.iloc[0]
    assert (fault["file"], fault["row"], fault["column"]) == ("prices.csv", 3, column)
    assert rule in fault["rule"]
    assert remedy in fault["remedy"]


def test_forty_faults_are_forty_rows(save):
    bad = {"price": "-1", "pack_size": "0", "currency": "usd", "unit": ""}
    faults = faults_of(save([row(product_id=str(n), **bad) for n in range(10)]))
    assert len(faults) == 40
    assert faults.groupby("column").size().to_dict() == dict.fromkeys(bad, 10)
    assert sorted(set(faults["row"])) == list(range(2, 12))


@pytest.mark.parametrize("name", [name for name in HEADER if name not in ("product_id", "flag", "note")])
def test_missing_column_is_named(save, name):
    faults = faults_of(save([row()], columns=[column for column in HEADER if column != name]))
    assert faults["column"].tolist() == [name]
    assert faults["rule"].tolist() == ["column is missing"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("Pack Size", "pack_size"), ("prices", "price"), ("Notes", "note"), ("ASOF", "as_of")],
)
def test_column_spelt_otherwise_is_to_be_renamed(save, wrong, right):
    columns = [wrong if name == right else name for name in HEADER]
    faults = faults_of(save([row() | {wrong: "5"}], columns=columns))
    assert len(faults) == 1
    assert "rename" in faults["remedy"][0]
    assert f"'{right}'" in faults["remedy"][0]


def test_same_product_date_and_type_twice(save):
    faults = faults_of(save([row(), row(price="4"), row()]))
    assert faults["row"].tolist() == [3, 4]
    assert "row 2" in faults["found"][0]
    assert "3.881 there, 4.0 here" in faults["found"][0]
    assert "the same price" in faults["found"][1]


@pytest.mark.parametrize(
    "change",
    [
        {"date": "2026-03-22"},
        {"as_of": "2026-05-06"},
        {"price_type": "retail"},
        {"pack_size": "500"},
        {"product_id": "9"},
        {"country": "CAN"},
    ],
    ids=str,
)
def test_what_tells_two_prices_of_a_product_apart(save, change):
    assert len(read_prices(save([row(), row(**change)]))) == 2


def test_products_without_code_are_told_apart_by_name(save):
    assert len(read_prices(save([row(product_id=""), row(product_id="", product="Other")]))) == 2
    assert len(faults_of(save([row(product_id=""), row(product_id="")]))) == 1


@pytest.mark.parametrize(
    ("name", "other"), [("form", "Tablet"), ("unit", "TABLET"), ("molecule", "Clonazepam")]
)
def test_one_word_in_two_spellings(save, name, other):
    faults = faults_of(save([row(product_id="1"), row(product_id="2", **{name: other})]))
    assert faults[["row", "column"]].to_numpy().tolist() == [[3, name]]
    assert "as in row 2" in faults["remedy"][0]


def test_file_without_rows(save):
    assert "at least one price" in faults_of(save([]))["rule"][0]


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(CostModelError, match="does not exist"):
        read_prices(tmp_path / "none.csv")
