"""Finding, reading and checking the bundled tables; a damaged copy is found out."""

import json
import shutil
import time

import pandas as pd
import pytest

from costmodel import datasets
from costmodel.datasets import (
    bundle,
    check_datasets,
    data_root,
    dataset_path,
    describe,
    list_datasets,
    read_dataset,
    update_hashes,
)
from costmodel.errors import CostModelError, DataError

TABLE = "id,value,seen\n00012,1.5,2020-01-31\n00013,,\n00014,3,2021-02-28\n"
FIELDS = [
    {"name": "id", "type": "string", "constraints": {"required": True, "pattern": r"\d{5}"}},
    {"name": "value", "type": "number", "unit": "mg", "constraints": {"minimum": 0, "maximum": 10}},
    {"name": "seen", "type": "date"},
]


@pytest.fixture
def root(tmp_path):
    """Return a data root with one package, ``drugs``, of one sound table, ``small``."""
    folder = tmp_path / "data" / "drugs"
    folder.mkdir(parents=True)
    (folder / "small.csv").write_text(TABLE, encoding="utf-8")
    describe_as(folder, fields=FIELDS)
    update_hashes(tmp_path / "data")
    return tmp_path / "data"


def describe_as(folder, *, fields):
    resource = {
        "name": "small",
        "type": "table",
        "path": "small.csv",
        "format": "csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, "missingValues": [""], "primaryKey": ["id"]},
    }
    package = {"name": "drugs", "resources": [resource]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


def rules(report):
    return " | ".join(f"{fault.rule} {fault.found} {fault.column}" for fault in report.items)


def test_bundled_tables_are_sound_and_the_check_is_quick():
    start = time.perf_counter()
    report = check_datasets()
    assert report.ok, str(report)
    assert time.perf_counter() - start < 20
    assert report.faults.empty
    assert set(report.tables["id"]) == set(list_datasets()["id"])
    assert int(report.tables["rows"].sum()) == int(list_datasets()["rows"].sum())
    assert str(report).endswith("no fault")


def test_a_sound_package_passes(root):
    report = check_datasets(root)
    assert report.ok, str(report)
    assert report.tables.to_dict("records") == [
        {"id": "drugs/small", "rows": 3, "flagged_rows": 0, "faults": 0}
    ]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("1.5", "1.6", "hash must be"),
        ("1.5", "99", '"maximum" is "10"'),
        ("1.5", "-1", '"minimum" is "0"'),
        ("1.5", "one", "number"),
        ("00012", "12", "pattern"),
        ("00012", "", "required"),
        ("00013", "00012", "PrimaryKey"),
        ("2020-01-31", "31/01/2020", "date"),
        ("id,value,seen", "id,worth,seen", "Label"),
        (",1.5,2020-01-31", ",1.5", "Missing Cell"),
    ],
)
def test_an_edited_table_is_found(root, old, new, word):
    file = root / "drugs" / "small.csv"
    file.write_text(file.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    report = check_datasets(root)
    assert not report.ok
    assert word in rules(report)
    assert "hash must be" in rules(report)
    assert report.tables["faults"].item() == len(report.items)
    assert "small.csv" in str(report)


def test_a_lost_column_is_found(root):
    file = root / "drugs" / "small.csv"
    lines = [line.rsplit(",", 1)[0] for line in file.read_text("utf-8").splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    update_hashes(root)
    report = check_datasets(root)
    assert "Missing Label" in rules(report)
    assert "seen" in rules(report)


def test_a_lost_row_is_found_by_the_size(root):
    file = root / "drugs" / "small.csv"
    file.write_text(file.read_text("utf-8").replace("00013,,\n", ""), encoding="utf-8")
    assert {"hash", "bytes"} == {fault.rule.split()[0] for fault in check_datasets(root).items}


def test_a_lost_table_and_a_stray_file_are_found(root):
    (root / "drugs" / "small.csv").rename(root / "drugs" / "other.csv")
    report = check_datasets(root)
    assert "is described and must exist" in rules(report)
    assert "must be described" in rules(report)
    assert report.tables["rows"].item() == 0


def test_a_number_column_without_a_unit_is_found(root):
    describe_as(root / "drugs", fields=[FIELDS[0], {**FIELDS[1], "unit": ""}, FIELDS[2]])
    update_hashes(root)
    report = check_datasets(root)
    assert [(fault.rule, fault.column) for fault in report.items] == [("must state its unit", "value")]


@pytest.mark.parametrize("text", ["{", "{}", '{"name": "x", "resources": [{"name": "a"}]}'])
def test_a_broken_description_is_a_fault_and_not_a_crash(root, text):
    (root / "drugs" / "datapackage.json").write_text(text, encoding="utf-8")
    assert "must hold a valid datapackage.json" in rules(check_datasets(root))


def test_a_schema_that_is_not_one_is_a_fault(root):
    describe_as(root / "drugs", fields=[{"name": "id", "type": "nonsense"}])
    update_hashes(root)
    assert "must hold a valid datapackage.json" in rules(check_datasets(root))


def test_a_folder_without_a_description_is_a_fault(root):
    (root / "loose").mkdir()
    (root / "loose" / "prices.csv").write_text(TABLE, encoding="utf-8")
    (root / "studies" / "mine").mkdir(parents=True)
    report = check_datasets(root)
    assert [fault.file for fault in report.items] == [str(root / "loose")]


def test_a_file_that_is_not_text_is_found(root):
    (root / "drugs" / "small.csv").write_bytes(b"id,value,seen\n\xff\xfe\x00,1,2020-01-31\n")
    report = check_datasets(root)
    assert not report.ok
    assert report.tables["rows"].item() == 0


def test_a_damaged_copy_of_the_real_tables_is_found(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(data_root() / "evidence", copy / "evidence")
    file = copy / "evidence" / "parameters.csv"
    file.write_text(file.read_text("utf-8").replace(",recalled,", ",guessed,", 1), encoding="utf-8")
    report = check_datasets(copy)
    assert set(report.faults["column"]) == {"", "status"}
    assert "guessed" in rules(report)


def test_hashes_are_brought_up_to_date_once(root):
    file = root / "drugs" / "small.csv"
    file.write_text(file.read_text("utf-8").replace("1.5", "1.6"), encoding="utf-8")
    before = (root / "drugs" / "datapackage.json").read_text("utf-8")
    assert update_hashes(root) == ["drugs/small"]
    assert check_datasets(root).ok
    after = (root / "drugs" / "datapackage.json").read_text("utf-8")
    assert after != before
    assert update_hashes(root) == []
    assert (root / "drugs" / "datapackage.json").read_text("utf-8") == after


def test_bundled_hashes_need_no_update(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(data_root(), copy, ignore=shutil.ignore_patterns("studies"))
    assert update_hashes(copy) == []


def test_root_from_the_environment(root, monkeypatch):
    monkeypatch.setenv("COSTMODEL_DATA", str(root))
    assert data_root() == root
    assert list(list_datasets()["id"]) == ["drugs/small"]
    monkeypatch.setenv("COSTMODEL_DATA", str(root / "nowhere"))
    with pytest.raises(CostModelError, match=r"COSTMODEL_DATA names '.*nowhere'"):
        data_root()


def test_bundle_prefers_the_checkout_and_says_where_it_looked(tmp_path, monkeypatch):
    package = tmp_path / "costmodel"
    package.mkdir()
    monkeypatch.setattr(datasets, "__file__", str(package / "datasets.py"))
    with pytest.raises(CostModelError, match="_bundle"):
        bundle("notebooks")
    (package / "_bundle" / "notebooks").mkdir(parents=True)
    assert bundle("notebooks") == package / "_bundle" / "notebooks"
    (tmp_path / "notebooks").mkdir()
    assert bundle("notebooks") == package / "_bundle" / "notebooks"
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    assert bundle("notebooks") == tmp_path / "notebooks"


@pytest.mark.parametrize("table_id", ["us/nadac", "prices/us/nadac"])
def test_prices_may_be_left_out_of_an_id(table_id):
    assert dataset_path(table_id) == data_root() / "prices" / "us" / "nadac.csv"
    assert describe(table_id).id == "us/nadac"


@pytest.mark.parametrize(
    "table_id", ["", "..", "../us/nadac", "us/../us/nadac", "/etc/passwd", "us/nadac.csv"]
)
def test_an_id_is_no_path(table_id, tmp_path):
    (tmp_path / "tables").mkdir()
    with pytest.raises(CostModelError, match="is unknown"):
        dataset_path(table_id, study=tmp_path)


def test_unknown_id_names_the_nearest():
    with pytest.raises(CostModelError, match="did you mean 'us/part_d_spending'"):
        read_dataset("us/part_d_spendings")


def test_codes_keep_their_zeros_and_types_are_as_described():
    table = read_dataset("us/nadac")
    assert table["product_id"].str.startswith("00093").any()
    assert table["price"].dtype == "float64"
    assert pd.api.types.is_datetime64_any_dtype(table["date"])
    assert (table["flag"] == "").all()
    orange = read_dataset("us/orange_book")
    assert set(orange["product_no"].str.len()) == {3}
    assert read_dataset("us/utilisation")["claims"].dtype == "int64"
    assert read_dataset("us/utilisation")["beneficiaries"].dtype == "Int64"


def test_reading_agrees_with_the_text(root, monkeypatch):
    monkeypatch.setenv("COSTMODEL_DATA", str(root))
    table = read_dataset("drugs/small")
    assert table["id"].tolist() == ["00012", "00013", "00014"]
    assert table["value"].isna().tolist() == [False, True, False]
    assert table["seen"].tolist()[0] == pd.Timestamp("2020-01-31")


def test_reading_a_damaged_table_tells_all_faults(root, monkeypatch):
    file = root / "drugs" / "small.csv"
    file.write_text(TABLE.replace("1.5", "one").replace("2021-02-28", "2021-02-30"), encoding="utf-8")
    monkeypatch.setenv("COSTMODEL_DATA", str(root))
    with pytest.raises(DataError) as caught:
        read_dataset("drugs/small")
    assert caught.value.faults[["row", "column"]].to_numpy().tolist() == [[2, "value"], [4, "seen"]]


def test_a_studys_own_table_comes_first_and_is_typed_like_the_bundled_one(tmp_path):
    own = tmp_path / "tables" / "us"
    own.mkdir(parents=True)
    (own / "nadac.csv").write_text("product_id,price,mine\n00001,0.5,007\n", encoding="utf-8")
    assert dataset_path("us/nadac", study=tmp_path) == own / "nadac.csv"
    table = read_dataset("us/nadac", study=tmp_path)
    assert table.to_dict("records") == [{"product_id": "00001", "price": 0.5, "mine": "007"}]
    assert len(read_dataset("us/meps", study=tmp_path)) == 6


def test_a_studys_own_description_is_used(root, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(root / "drugs", study / "tables")
    table = read_dataset("small", study=study)
    assert table["value"].dtype == "float64"
    assert table["id"].tolist()[0] == "00012"
    (study / "tables" / "datapackage.json").unlink()
    assert read_dataset("small", study=study)["value"].tolist() == ["1.5", "", "3"]


def test_list_and_describe_agree():
    listed = list_datasets().set_index("id")
    info = describe("us/medicaid_spending")
    assert listed.loc[info.id, "rows"] == info.rows == 91
    assert listed.loc[info.id, "flagged_rows"] == 39
    assert info.units["total_spending_usd"] == "USD, nominal"
    assert any("impossible unit prices" in fault for fault in info.known_faults)
    assert "commit" in info.source
