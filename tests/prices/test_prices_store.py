"""The store: once, whole, equal to reading the files, and honest about what overlaps or contradicts."""

import csv
import json
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices import (
    PriceError,
    PriceTable,
    add_file,
    prices,
    read_nadac,
    read_stored,
    remove_stored,
    spending,
    stored,
)
from costmodel.prices.official.sdud import read_sdud
from costmodel.prices.store.location import store_folder, table_folder
from costmodel.prices.store.manifest import read_manifest

HEADER = (
    "NDC Description,NDC,NADAC Per Unit,Effective Date,Pricing Unit,Pharmacy Type Indicator,OTC,"
    "Explanation Code,Classification for Rate Setting,Corresponding Generic Drug NADAC Per Unit,"
    "Corresponding Generic Drug Effective Date,As of Date"
)
SDUD_HEADER = (
    "Utilization Type,State,NDC,Labeler Code,Product Code,Package Size,Year,Quarter,Suppression Used,"
    "Product Name,Units Reimbursed,Number of Prescriptions,Total Amount Reimbursed,"
    "Medicaid Amount Reimbursed,Non Medicaid Amount Reimbursed"
)
MOLECULES = {"clonazepam": ["clonazepam", "klonopin"]}


def line(product, ndc, price, as_of="04/29/2026", *, date="04/22/2026", unit="EA", class_="G"):
    return f"{product},{ndc},{price},{date},{unit},C/I,N,1,{class_},,,{as_of}"


ONE = line("CLONAZEPAM 1 MG TABLET", "00093083301", "0.03000")
TWO = line("CLONAZEPAM 2 MG TABLET", "00093083401", "0.04000")
BRAND = line("KLONOPIN 2 MG TABLET", "61269062010", "4.26033", class_="B")
OTHER = line("ALPRAZOLAM 1 MG TABLET", "00093083501", "0.02000")
VIAL = line("CLONAZEPAM 1 MG/ML SOLUTION", "00093083601", "0.50000", unit="ML")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def nadac_file(tmp_path):
    def write(*lines, name="nadac.csv"):
        path = tmp_path / name
        path.write_text("\n".join([HEADER, *lines]) + "\n")
        return path

    return write


@pytest.fixture
def sdud_file(tmp_path):
    def write(*rows, name="sdud.csv"):
        path = tmp_path / name
        path.write_text("\n".join([SDUD_HEADER, *rows]) + "\n")
        return path

    return write


def add(path, root, **options):
    return add_file(path, store=root, progress=False, **options)


def tree(root):
    """Return every file below a folder with its bytes, the lock apart."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_the_store_gives_what_reading_and_selecting_gives(root):
    file = dataset_path("us/nadac_official_excerpt")
    added = add(file, root)
    table, read = read_stored("us/nadac", store=root), read_nadac(file)
    assert (added.rows, added.file.unparsed) == (len(read), len(read.unparsed)) == (47, 49)
    pd.testing.assert_frame_equal(table.frame.drop(columns="file"), read.frame)
    pd.testing.assert_frame_equal(table.unparsed.drop(columns="file"), read.unparsed)
    for filters in (
        {"molecule": "clonazepam"},
        {"molecule": ["clonazepam", "klonopin"], "strength_mg": "2", "form": "tablet"},
        {"class_": "brand"},
        {"date": "2026-04-22", "price_type": "acquisition"},
        {"product_id": 61269062010},
        {"price": 4.26033},
        {"price": 4.2603300001},
        {"molecule": "nothing"},
    ):
        some = read_stored("us/nadac", store=root, **filters)
        pd.testing.assert_frame_equal(some.frame.drop(columns="file"), read.select(**filters).frame)
    assert len(read_stored("us/nadac", store=root, price=4.26033)) == 1


def test_spending_comes_back_as_spending(root, sdud_file):
    rows = [
        "FFSU,AK,00093083301,00093,0833,01,2023,1,false,CLONAZEPAM,300.000,12,25.50,25.50,0.00",
        "MCOU,AK,00093083301,00093,0833,01,2023,1,true,CLONAZEPAM,,,,,",
        "FFSU,XX,61269062010,61269,0620,10,2023,2,false,KLONOPIN,60,11,255.00,255.00,0.00",
        "FFSU,AL,00093083501,00093,0835,01,2022,4,false,ALPRAZOLAM,90,20,4.00,4.00,0.00",
    ]
    file = sdud_file(*rows)
    added = add(file, root, molecules=MOLECULES)
    assert (added.file.first, added.file.last) == ("2022-10-01", "2023-06-30")
    found = spending("us/sdud", store=root, molecule="clonazepam", year=2023)
    pd.testing.assert_frame_equal(
        found.frame.drop(columns="file"), read_sdud(file, molecules=MOLECULES).frame, check_dtype=True
    )
    assert len(spending("us/sdud", store=root, year="2022")) == 1
    assert spending("us/sdud", store=root, unit="billing unit", units=300).frame["spending"].tolist() == [
        25.5
    ]
    with pytest.raises(PriceError, match="holds no prices"):
        prices("us/sdud", store=root)


def test_names_longer_than_the_file_cuts_them(root, sdud_file):
    file = sdud_file("FFSU,AK,00093083301,00093,0833,01,2023,1,false,ESCITALOPR,300,12,25.50,25.50,0.00")
    add(file, root, molecules={"escitalopram": ["Lexapro"]})
    assert read_stored("us/sdud", store=root).frame["molecule"].tolist() == ["escitalopram"]


def test_a_row_says_which_file_and_line_it_is_from(root, nadac_file):
    added = add(nadac_file(OTHER, TWO), root)
    table = prices("us/nadac", source="store", store=root, molecule="clonazepam")
    assert table.frame.index.tolist() == [3]
    assert table.frame["file"].tolist() == [f"nadac.csv sha256:{added.file.sha256[:12]}"]
    assert added.file.sha256[:12] in table.origin
    assert added.file.added[:10] in table.origin


def test_the_same_file_twice_changes_nothing(root, nadac_file):
    file = nadac_file(ONE, TWO, VIAL)
    first, before = add(file, root), tree(root)
    again = add(file, root)
    assert again.already
    assert (again.new, again.rows, again.file) == (0, 2, first.file)
    assert "nothing was done" in str(again)
    copy = file.with_name("copy.csv")
    copy.write_bytes(file.read_bytes())
    assert add(copy, root).already
    assert tree(root) == before


def test_files_that_overlap_are_counted_once(root, nadac_file):
    week = line("CLONAZEPAM 1 MG TABLET", "00093083301", "0.03100", "05/06/2026", date="05/06/2026")
    add(nadac_file(ONE, TWO, name="april.csv"), root)
    added = add(nadac_file(TWO, week, ONE, OTHER, name="may.csv"), root)
    assert (added.rows, added.new, added.file.repeated) == (4, 2, 2)
    frame = read_stored("us/nadac", store=root).frame
    assert sorted(frame["price"]) == [0.02, 0.03, 0.031, 0.04]
    assert frame["file"].str.split().str[0].tolist() == ["april.csv", "april.csv", "may.csv", "may.csv"]
    assert frame.index.tolist() == [2, 3, 3, 5]
    assert stored(root)["repeated"].tolist() == [0, 2]


def test_removing_a_file_gives_back_what_it_shared(root, nadac_file):
    april = add(nadac_file(ONE, TWO, name="april.csv"), root)
    add(nadac_file(TWO, OTHER, name="may.csv"), root)
    with pytest.raises(CostModelError, match=r"has no file 'april'; did you mean 'april\.csv'"):
        remove_stored("us/nadac", file="april", store=root)
    assert remove_stored("us/nadac", file=april.file.sha256[:12], store=root) == ["april.csv"]
    assert read_stored("us/nadac", store=root).frame["price"].tolist() == [0.04, 0.02]
    assert stored(root)["repeated"].tolist() == [0]
    assert remove_stored("us/nadac", store=root) == ["may.csv"]
    assert tree(root) == {}
    with pytest.raises(CostModelError, match="has no table 'us/nadac'"):
        read_stored("us/nadac", store=root)


def test_a_contradiction_names_both_files_and_adds_nothing(root, nadac_file):
    add(nadac_file(ONE, TWO, name="april.csv"), root)
    before = tree(root)
    with pytest.raises(DataError, match="contradicts what the store has in us/nadac") as caught:
        add(nadac_file(OTHER, ONE.replace("0.03000", "0.09"), name="wrong.csv"), root)
    fault = caught.value.faults.iloc[0]
    assert (fault["file"], fault["row"], fault["column"]) == ("wrong.csv", 3, "price")
    assert fault["found"] == "0.09, where april.csv has 0.03 in row 2"
    assert "costmodel data remove" in fault["remedy"]
    assert tree(root) == before


def test_another_release_of_spending_is_a_contradiction(root, sdud_file):
    row = "FFSU,AK,00093083301,00093,0833,01,2023,1,false,CLONAZEPAM,300,12,{},25.50,0.00"
    add(sdud_file(row.format("25.50"), name="first.csv"), root)
    with pytest.raises(DataError, match=r"26\.5, where first\.csv has 25\.5"):
        add(sdud_file(row.format("26.50"), name="second.csv"), root)


def test_a_file_with_faults_is_refused_whole_with_all_of_them(root, nadac_file):
    file = nadac_file(ONE, TWO.replace("0.04000", "free"), OTHER.replace("00093083501", "12x"))
    with pytest.raises(DataError, match=r"nadac\.csv was not added, because it has faults") as caught:
        add(file, root)
    assert caught.value.faults["row"].tolist() == [3, 4]
    assert tree(root) == {}
    with pytest.raises(CostModelError, match=r"on_fault: 'ignore' is unknown; one of: refuse, set_aside"):
        add(file, root, on_fault="ignore")


def test_rows_with_faults_can_be_set_aside_but_never_silently(root, nadac_file):
    twice = [BRAND, BRAND.replace("4.26033", "4.30")]
    file = nadac_file(ONE, TWO.replace("0.04000", "free"), OTHER.replace("00093083501", "12x"), *twice)
    added = add(file, root, on_fault="set_aside")
    assert (added.rows, added.rejected) == (1, 4)
    assert "4 set aside because of faults" in str(added)
    assert set(added.faults["row"]) == {3, 4, 6}
    assert read_stored("us/nadac", store=root).frame["price"].tolist() == [0.03]
    folder = table_folder(root, "us/nadac")
    rejects = pd.read_parquet(folder / added.file.rejects_part).set_index("line").sort_index()
    assert rejects.index.tolist() == [3, 4, 5, 6]
    assert "found 'free'" in rejects.loc[3, "reason"]
    assert "12x" in rejects.loc[4, "reason"]
    assert rejects.loc[5, "reason"] == "another row has the same key and other figures"
    assert stored(root)["rejected"].tolist() == [4]


def test_rows_that_do_not_say_what_they_price_are_kept_and_narrowed_by_the_filters(root, nadac_file):
    odd = line("ALPRAZOLAM 1 MG/ML SOLUTION", "00093083701", "0.60", unit="ML")
    added = add(nadac_file(ONE, VIAL, odd), root)
    assert added.file.unparsed == 2
    found = read_stored("us/nadac", store=root, molecule="clonazepam", strength_mg=1)
    assert found.unparsed["product"].tolist() == ["CLONAZEPAM 1 MG/ML SOLUTION"]


def test_names_of_a_molecule_are_read_as_the_molecule(root, nadac_file):
    file = nadac_file(ONE, BRAND, OTHER)
    add(file, root, molecules=MOLECULES)
    found = read_stored("us/nadac", store=root, molecule="clonazepam")
    pd.testing.assert_frame_equal(
        found.frame.drop(columns="file"), read_nadac(file, molecules=MOLECULES).frame
    )
    assert len(read_stored("us/nadac", store=root)) == 3
    with pytest.raises(CostModelError, match="remove it first to read it with other names"):
        add(file, root)
    with pytest.raises(CostModelError, match=r"has no row of 'diazepam' .*; did you mean"):
        add(nadac_file(TWO, OTHER, name="other.csv"), root, molecules={"diazepam": ["clonazepan"]})


def test_columns_and_values_are_checked_before_anything_is_read(root, nadac_file):
    add(nadac_file(ONE), root)
    with pytest.raises(PriceError, match="did you mean 'strength_mg'"):
        read_stored("us/nadac", store=root, strenght_mg=1)
    with pytest.raises(PriceError, match="strength_mg must be a finite number"):
        read_stored("us/nadac", store=root, strength_mg=True)
    with pytest.raises(PriceError, match=r"date = 'May' must be a date"):
        read_stored("us/nadac", store=root, date="May")
    with pytest.raises(PriceError, match="the list of values is empty"):
        read_stored("us/nadac", store=root, molecule=[])


def test_a_quotation_mark_in_a_value_is_no_sql(root, nadac_file):
    add(nadac_file(ONE), root)
    assert len(read_stored("us/nadac", store=root, molecule="x' OR '1'='1")) == 0


def test_too_many_rows_are_not_read_into_memory(root, nadac_file, monkeypatch):
    monkeypatch.setattr("costmodel.prices.store.reading._MOST", 1)
    add(nadac_file(ONE, TWO), root)
    with pytest.raises(PriceError, match=r"2 rows of us/nadac meet the filters.*name a molecule"):
        read_stored("us/nadac", store=root)
    assert len(read_stored("us/nadac", store=root, strength_mg=1)) == 1


def test_an_id_that_only_the_store_has_is_found_there(root, nadac_file, monkeypatch):
    monkeypatch.setenv("COSTMODEL_STORE", str(root))
    add_file(nadac_file(ONE), dataset="my/prices", progress=False)
    table = prices("my/prices", molecule="clonazepam")
    assert isinstance(table, PriceTable)
    assert table.frame["price"].tolist() == [0.03]
    assert table.origin.startswith("store my/prices")
    add_file(nadac_file(TWO, name="b.csv"), progress=False)
    assert prices("us/nadac", strength_mg=2, class_="brand").frame["price"].tolist() == [4.26033]
    assert prices("us/nadac", source="bundled", strength_mg=2).origin == "nadac.csv"
    assert prices("us/nadac", source="store").frame["price"].tolist() == [0.04]
    with pytest.raises(CostModelError, match="did you mean 'us/nadac'"):
        prices("us/nadak")
    with pytest.raises(CostModelError, match="did you mean 'my/prices'"):
        prices("my/price", source="store")
    with pytest.raises(CostModelError, match="source: 'shop' is unknown"):
        prices("us/nadac", source="shop")


def test_the_folder_of_the_store(monkeypatch, tmp_path):
    monkeypatch.setenv("COSTMODEL_STORE", str(tmp_path))
    assert store_folder() == tmp_path
    assert store_folder("given") == Path("given")
    monkeypatch.delenv("COSTMODEL_STORE")
    assert store_folder().parts[-2:] == ("costmodel", "store")


def test_what_cannot_be_added_says_why(root, tmp_path):
    with pytest.raises(CostModelError, match="does not exist or is no file"):
        add(tmp_path / "none.csv", root)
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CostModelError, match="no file that is known by its header"):
        add(tmp_path / "odd.csv", root)
    with pytest.raises(CostModelError, match="cannot be the id of a table"):
        add(dataset_path("us/nadac_official_excerpt"), root, dataset="../x")
    assert not root.exists()


def test_a_table_holds_rows_of_one_kind(root, nadac_file, sdud_file):
    add(nadac_file(ONE), root)
    with pytest.raises(CostModelError, match="us/nadac holds rows of price, and a file of State Drug"):
        add(
            sdud_file("FFSU,AK,00093083301,00093,0833,01,2023,1,false,CLONAZEPAM,300,12,25.50,25.50,0.00"),
            root,
            dataset="us/nadac",
        )


def test_a_later_file_may_have_more_columns(root, nadac_file, tmp_path):
    old = tmp_path / "old.csv"
    with nadac_file(ONE, name="full.csv").open() as stream:
        rows = [[cell for at, cell in enumerate(row) if at != 6] for row in csv.reader(stream)]
    old.write_text("\n".join(",".join(row) for row in rows) + "\n")
    add(old, root)
    add(nadac_file(ONE, TWO, name="new.csv"), root)
    frame = read_stored("us/nadac", store=root).frame
    assert frame["otc"].tolist() == ["", "N"]
    assert frame["price"].tolist() == [0.03, 0.04]


def test_a_manifest_that_is_damaged_or_newer_says_so(root, nadac_file):
    add(nadac_file(ONE), root)
    path = table_folder(root, "us/nadac") / "manifest.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "format": 99}))
    with pytest.raises(CostModelError, match="is of format 99; this costmodel reads 1"):
        read_stored("us/nadac", store=root)
    found["files"][0]["part"] = "../../evil.parquet"
    path.write_text(json.dumps(found))
    with pytest.raises(CostModelError, match="is damaged"):
        read_stored("us/nadac", store=root)


def test_provenance_of_a_fetched_file_goes_with_it(root, nadac_file):
    from costmodel.files import sha256

    file = nadac_file(ONE)
    noted = {"sha256": sha256(file), "url": "https://example.org/a.csv", "licence": "public", "member": ""}
    file.with_name("nadac.csv.json").write_text(json.dumps(noted))
    added = add(file, root)
    assert added.file.fetched == {"url": "https://example.org/a.csv", "licence": "public"}
    assert read_manifest(root, "us/nadac").files[0] == added.file


def test_every_part_carries_its_provenance_and_is_sorted_by_molecule(root, tmp_path, monkeypatch):
    import pyarrow.parquet as pq

    monkeypatch.setattr("costmodel.prices.store.writing.ROW_GROUP", 2_048)
    rows = [line(f"DRUG{at % 7:02d} 1 MG TABLET", f"{at:011d}", "0.5") for at in range(1, 14_001)]
    (tmp_path / "big.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    added = add(tmp_path / "big.csv", root)
    part = pq.ParquetFile(table_folder(root, "us/nadac") / added.file.part)
    about = part.metadata.metadata
    assert about[b"sha256"].decode() == added.file.sha256
    assert about[b"file"] == b"big.csv"
    at = part.schema_arrow.names.index("molecule")
    ranges = [
        (
            part.metadata.row_group(i).column(at).statistics.min,
            part.metadata.row_group(i).column(at).statistics.max,
        )
        for i in range(part.num_row_groups)
    ]
    assert len(ranges) > 5
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))


KILLED = """
import os, signal, sys
from costmodel.prices.store import importing, writing
from costmodel.prices import add_file
target, name = {target!r}.rsplit(".", 1)
module = {{"importing": importing, "writing": writing}}[target]
setattr(module, name, lambda *given, **more: os.kill(os.getpid(), signal.SIGKILL))
add_file({path!r}, store={root!r}, progress=False)
"""


@pytest.mark.parametrize(
    "where", ["importing.write_manifest", "importing.note_contradictions", "writing.keep"]
)
def test_an_import_that_is_killed_leaves_the_store_as_it_was(root, nadac_file, where):
    add(nadac_file(ONE, name="first.csv"), root)
    before, file = tree(root), nadac_file(TWO, VIAL, name="second.csv")
    code = KILLED.format(target=where, path=str(file), root=str(root))
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert tree(root) != before
    assert read_stored("us/nadac", store=root).frame["price"].tolist() == [0.03]
    assert add(file, root).new == 1
    left = set(tree(root))
    assert {name for name in left if name.startswith("work")} == set()
    assert len([name for name in left if name.endswith(".parquet")]) == 3
    assert read_stored("us/nadac", store=root).frame["price"].tolist() == [0.03, 0.04]


def test_two_imports_at_once_follow_each_other(root, nadac_file):
    files = [nadac_file(ONE, name="a.csv"), nadac_file(TWO, name="b.csv")]
    code = (
        "import sys; from costmodel.prices import add_file; "
        "add_file(sys.argv[1], store=sys.argv[2], progress=False)"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(file), str(root)]) for file in files]
    assert [one.wait(60) for one in running] == [0, 0]
    assert sorted(read_stored("us/nadac", store=root).frame["price"]) == [0.03, 0.04]


def test_a_store_in_use_is_refused_after_waiting(root, nadac_file):
    from costmodel.prices.store.location import writing

    file = nadac_file(ONE)
    with writing(root, wait=0), pytest.raises(CostModelError, match="is in use by another process"):
        add(file, root, wait=0)


def test_a_fault_in_the_midst_leaves_nothing(root, nadac_file, monkeypatch):
    def broken(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("costmodel.prices.store.importing.write_manifest", broken)
    with pytest.raises(OSError, match="no space"):
        add(nadac_file(ONE), root)
    monkeypatch.undo()
    assert stored(root).empty
    assert add(nadac_file(TWO, name="b.csv"), root).new == 1
    assert len([name for name in tree(root) if name.endswith(".parquet")]) == 1
