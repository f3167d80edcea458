"""Every broken study gives an error whose key words name the place, the rule and the remedy."""

import shutil
from pathlib import Path

import pytest

import costmodel as cm

HERE = Path(__file__).parent
BROKEN = sorted(path for path in (HERE / "broken").iterdir() if path.is_dir())


def lines(folder):
    """Return the key words of a broken study's message, and the number of faults where it is not one."""
    return (folder / "expected.txt").read_text().splitlines()


def test_the_study_that_the_broken_ones_come_from_is_valid():
    outcomes = cm.read_study(HERE / "valid").run()
    assert outcomes.cost("payer", segment="young")[:, 0].tolist() == [365 * 4 + 50, 365 + 50]
    assert outcomes.cost("payer", segment="old")[:, 0].tolist() == [365 * 4 + 80, 365 + 80]


@pytest.mark.parametrize("folder", BROKEN, ids=lambda path: path.name)
def test_broken_study(folder):
    expected = [line for line in lines(folder) if not line.startswith("faults: ")]
    with pytest.raises(cm.CostModelError) as caught:
        cm.read_study(folder)
    message = str(caught.value)
    missing = [words for words in expected if words not in message]
    assert not missing, f"{missing} not in:\n{message}"


@pytest.mark.parametrize("folder", BROKEN, ids=lambda path: path.name)
def test_one_fault_is_reported_once_and_blames_nothing_else(folder):
    count = next((int(line[8:]) for line in lines(folder) if line.startswith("faults: ")), 1)
    with pytest.raises(cm.DataError) as caught:
        cm.read_study(folder)
    assert len(caught.value.faults) == count, str(caught.value)


def test_faults_of_all_files_are_collected(tmp_path):
    shutil.copytree(HERE / "valid", tmp_path / "s")
    study = tmp_path / "s"
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text(text.replace("units_year * price", "unit_year * price"))
    rows = (study / "parameters.csv").read_text()
    (study / "parameters.csv").write_text(rows.replace("price_brand,4", "price_brand,four"))
    cells = (study / "segments.csv").read_text()
    (study / "segments.csv").write_text(cells.replace("100", "many people"))
    with pytest.raises(cm.DataError) as caught:
        cm.read_study(study)
    assert {"study.toml", "parameters.csv", "segments.csv"} <= set(caught.value.faults["file"])
