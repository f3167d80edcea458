"""Study folders as people really keep them: copied, edited with spreadsheets, written, interrupted."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.datasets import data_root
from costmodel.study.write import write_study

VALID = Path(__file__).parent / "valid"
US = data_root() / "studies" / "clonazepam-us-prices"


def copied(source, target):
    shutil.copytree(source, target)
    return target


def same(one, other):
    assert one.parameters == other.parameters
    assert one.segments == other.segments
    assert (one.run().discounted == other.run().discounted).all()


@pytest.mark.parametrize("source", [VALID, US], ids=["small", "clonazepam-us-prices"])
def test_a_copy_elsewhere_gives_the_same(source, tmp_path):
    same(cm.read_study(source), cm.read_study(copied(source, tmp_path / "elsewhere with blanks")))


def spreadsheet(text, *, delimiter=","):
    """Save a table as a spreadsheet program does: BOM, CRLF, trailing blanks and empty rows and columns."""
    lines = [line + " ," if delimiter == "," else line.replace(",", ";") + ";" for line in text.splitlines()]
    return b"\xef\xbb\xbf" + "\r\n".join([*lines, delimiter * 5, ""]).encode()


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_a_spreadsheet_program_leaves_behind_reads_right(tmp_path, delimiter):
    folder = copied(VALID, tmp_path / "s")
    for name in ("parameters.csv", "segments.csv"):
        (folder / name).write_bytes(spreadsheet((VALID / name).read_text(), delimiter=delimiter))
    same(cm.read_study(VALID), cm.read_study(folder))


def test_windows_line_ends_and_a_mark_in_the_other_files_read_right(tmp_path):
    folder = copied(VALID, tmp_path / "s")
    for name in ("study.toml", "references.bib"):
        text = (VALID / name).read_text().replace("\n", "\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    same(cm.read_study(VALID), cm.read_study(folder))


def test_decimal_commas_in_a_semicolon_file_read_right(tmp_path):
    folder = copied(VALID, tmp_path / "s")
    text = (VALID / "parameters.csv").read_text().replace("price_brand,4,", "price_brand,4.5,")
    (folder / "parameters.csv").write_text(text.replace(",", ";").replace("4.5", "4,5"))
    assert cm.read_study(folder).parameters["price_brand"].value == 4.5


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"1,234.50"', 1234.5),
        ('"1,234,567"', 1234567),
        ("1e3", 1000),
        (" 12 ", 12),
        ('"12,345"', None),
        ("1.234,5", None),
    ],
)
def test_thousands_separators_read_right_or_are_refused(tmp_path, cell, value):
    folder = copied(VALID, tmp_path / "s")
    text = (VALID / "parameters.csv").read_text()
    (folder / "parameters.csv").write_text(text.replace("price_brand,4,", f"price_brand,{cell},"))
    if value is None:
        with pytest.raises(cm.DataError, match=r"parameters\.csv, row 2"):
            cm.read_study(folder)
    else:
        assert cm.read_study(folder).parameters["price_brand"].value == value


@pytest.mark.parametrize("source", [VALID, US], ids=["small", "clonazepam-us-prices"])
def test_written_and_read_again_is_the_same_study(source, tmp_path):
    study = cm.read_study(source)
    written = write_study(study, tmp_path / "copy")
    again = cm.read_study(written)
    same(study, again)
    assert again.spec == study.spec
    for scenario in study.spec.scenarios:
        assert (again.run(scenario).discounted == study.run(scenario).discounted).all()


def test_nothing_that_is_no_study_is_overwritten(tmp_path):
    study = cm.read_study(VALID)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("three years of work")
    for overwrite in (False, True):
        with pytest.raises(cm.CostModelError, match="exists"):
            write_study(study, tmp_path / "mine", overwrite=overwrite)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "three years of work"


def test_overwriting_replaces_the_whole_study(tmp_path):
    study = cm.read_study(VALID)
    target = write_study(study, tmp_path / "s")
    (target / "tables").mkdir()
    (target / "tables" / "old.csv").write_text("a,b\n1,2\n")
    write_study(study, target, overwrite=True)
    assert not (target / "tables").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_failure_while_writing_leaves_the_old_study(tmp_path, monkeypatch):
    study = cm.read_study(VALID)
    target = write_study(study, tmp_path / "s")
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def full_disk(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("costmodel.study.write.write_segments", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_study(study, target, overwrite=True)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


WRITER = """
import sys
from costmodel.files import write_atomic
while True:
    for letter in "ab":
        write_atomic(sys.argv[1], letter * 3_000_000)
"""


def test_a_killed_process_leaves_a_whole_file(tmp_path):
    target = tmp_path / "table.csv"
    for delay in (0.15, 0.2, 0.27):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(target)])
        while not target.exists():
            time.sleep(0.01)
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        text = target.read_text()
        assert len(text) == 3_000_000
        assert len(set(text)) == 1


def test_a_study_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(cm.CostModelError, match="did you mean 'clonazepam-us-prices'"):
        cm.read_study("clonazepam-us-price")


def test_a_folder_without_a_study_says_so(tmp_path):
    with pytest.raises(cm.CostModelError, match=r"holds no study\.toml"):
        cm.read_study(tmp_path)


def test_price_and_data_bindings_read_a_studys_own_tables(tmp_path):
    folder = copied(VALID, tmp_path / "s")
    (folder / "tables").mkdir()
    (folder / "tables" / "people.csv").write_text("group,year,units\nall,2025,300\nall,2026,365\n")
    rows = (VALID / "parameters.csv").read_text().splitlines()
    (folder / "parameters.csv").write_text("\n".join(row for row in rows if "units_year" not in row) + "\n")
    with (folder / "study.toml").open("a") as stream:
        stream.write(
            '\n[data.units_year]\ntable = "people"\ncolumn = "units"\nyear = 2026\nunit = "units/year"\n'
        )
    same_run = cm.read_study(folder).run()
    assert (same_run.discounted == cm.read_study(VALID).run().discounted).all()
