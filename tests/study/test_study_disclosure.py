"""Assumptions and inventories: kept by writing, optional, and complete in the bundled study that has one."""

import doctest
import shutil
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.datasets import data_root
from costmodel.study.check_disclosure import SECTORS
from costmodel.study.write import write_study

HERE = Path(__file__).parent
OWN = HERE / "disclosure"
DOCUMENT = HERE.parents[1] / "docs" / "assumptions.md"
BUNDLED = sorted(path.parent.name for path in (data_root() / "studies").glob("*/study.toml"))


@pytest.mark.parametrize("source", [OWN, *BUNDLED], ids=lambda source: Path(source).name)
def test_what_is_written_reads_the_same(source, tmp_path):
    study = cm.read_study(source)
    again = cm.read_study(write_study(study, tmp_path / "s"))
    assert study.spec.assumptions
    assert again.spec.assumptions == study.spec.assumptions
    assert again.spec.inventory == study.spec.inventory


def test_saying_nothing_about_oneself_is_allowed():
    spec = cm.read_study(HERE / "valid").spec
    assert (spec.assumptions, spec.inventory) == ([], [])


def test_they_change_no_result(tmp_path):
    folder = shutil.copytree(OWN, tmp_path / "s")
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text[: text.index("[[assumptions]]")])
    one, other = cm.read_study(OWN).run(), cm.read_study(folder).run()
    assert (one.discounted == other.discounted).all()


def test_a_parameter_whose_own_row_is_at_fault_is_not_blamed_as_unknown(tmp_path):
    folder = shutil.copytree(OWN, tmp_path / "s")
    rows = (folder / "parameters.csv").read_text()
    (folder / "parameters.csv").write_text(rows.replace("price_generic,1,", "price_generic,one,"))
    with pytest.raises(cm.DataError) as caught:
        cm.read_study(folder)
    assert caught.value.faults["file"].tolist() == ["parameters.csv"]


def test_a_measure_taken_out_of_the_inventory_is_missed(tmp_path):
    source = data_root() / "studies" / "clonazepam-us"
    folder = shutil.copytree(source, tmp_path / "s")
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text.replace('measures = ["lost_production"]\n', ""))
    with pytest.raises(cm.CostModelError, match="measure 'lost_production' is in no line of the inventory"):
        cm.read_study(folder)


def test_the_american_inventory_has_a_line_for_every_sector_and_every_measure(american):
    lines = american.spec.inventory
    assert {line.sector for line in lines} == set(SECTORS)
    assert {name for line in lines for name in line.measures} == set(american.base_model.measures)


def test_the_document_shows_what_the_study_says():
    failed, tried = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert (failed, tried) == (0, 5)
