"""costmodel new: a study that runs as copied, made whole or not at all, and never over another."""

import shutil

import pytest

import costmodel as cm
from costmodel.cli import main, template
from costmodel.errors import CostModelError


def run(arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(item) for item in arguments])
    return ended.value.code


def test_the_copy_runs_with_the_templates_numbers_and_a_title_of_its_own(tmp_path, capsys):
    assert run(["new", "lamotrigine-us", "--directory", tmp_path]) == 0
    said = capsys.readouterr().out
    made = tmp_path / "lamotrigine-us"
    for step in (
        "edit tables/prices.csv",
        *(f"costmodel {word} {made}" for word in ("run", "verify", "report")),
    ):
        assert step in said
    study = cm.read_study(made)
    assert study.spec.title == "Generic versus brand: lamotrigine-us"
    outcomes = study.run()
    cost = dict(zip(outcomes.strategies, outcomes.cost("all_payers", segment="insured")[:, 0], strict=True))
    # 365 x 60 / 30 + 365 / 30 x 5 = 730 + 60.83; 365 x 6 / 30 + 60.83 = 73 + 60.83; 30 % of the brand between
    assert cost["brand"] == pytest.approx(730 + 365 / 6)
    assert cost["generic"] == pytest.approx(73 + 365 / 6)
    assert cost["current_mix"] == pytest.approx(0.3 * 730 + 0.7 * 73 + 365 / 6)
    patient = outcomes.cost("patient", segment="insured")[:, 0]
    assert patient == pytest.approx([0.2 * value for value in cost.values()])
    assert outcomes.cost("plan", segment="uninsured")[:, 0] == pytest.approx([0, 0, 0])


def test_the_copy_differs_from_the_template_in_its_title_alone(tmp_path):
    made = template.new_study("a_study", tmp_path)
    original = cm.read_study(template.TEMPLATE).folder
    files = sorted(path.relative_to(original) for path in original.rglob("*") if path.is_file())
    assert sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file()) == files
    for name in files:
        before, after = (folder / name for folder in (original, made))
        changed = [
            new
            for old, new in zip(before.read_text().splitlines(), after.read_text().splitlines(), strict=True)
            if old != new
        ]
        assert changed == (['title = "Generic versus brand: a_study"'] if name.name == "study.toml" else [])


def test_the_template_says_everywhere_that_it_is_hypothetical():
    study = cm.read_study(template.TEMPLATE)
    assert all(bound.flags == ("hypothetical price",) for bound in study.bound.values())
    assert {row.locator for row in (study.parameters[name] for name in study.bound)} == {"HYPOTHETICAL"}
    assert "hypothetical" in study.spec.report.cautions[0]


def test_a_new_study_passes_its_verification(tmp_path):
    found = cm.verify(cm.read_study(template.new_study("one", tmp_path)), n=64)
    assert found.ok, str(found)


def test_what_is_there_is_never_replaced(tmp_path, capsys):
    there = tmp_path / "mine"
    there.mkdir()
    (there / "notes.txt").write_text("kept")
    assert run(["new", "mine", "-d", tmp_path]) == 1
    said = capsys.readouterr().err
    assert "exists and is not empty" in said
    assert "Traceback" not in said
    assert [path.name for path in there.iterdir()] == ["notes.txt"]
    (tmp_path / "file").write_text("kept")
    assert run(["new", "file", "-d", tmp_path]) == 1
    assert run(["new", "mine", "-d", tmp_path / "file"]) == 1
    assert "is a file: --directory names a folder" in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "file").read_text() == "kept"


def test_an_empty_folder_is_taken_and_missing_ones_are_made(tmp_path):
    (tmp_path / "empty").mkdir()
    assert (template.new_study("empty", tmp_path) / "study.toml").is_file()
    assert (template.new_study("deep", tmp_path / "a" / "b") / "tables" / "prices.csv").is_file()


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "two words", 'quote"', "-dash", "new\nline"])
def test_a_name_is_a_folder_name(tmp_path, name):
    with pytest.raises(CostModelError, match="letters, digits, hyphens and underscores"):
        template.new_study(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    bundled = tmp_path / "data" / "studies" / template.TEMPLATE
    shutil.copytree(cm.read_study(template.TEMPLATE).folder, bundled)
    (bundled / "study.toml").write_bytes(b"\xff")
    monkeypatch.setenv("COSTMODEL_DATA", str(tmp_path / "data"))
    target = tmp_path / "studies"
    with pytest.raises(UnicodeDecodeError):
        template.new_study("half", target)
    assert not list(target.iterdir())


def test_a_missing_template_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("COSTMODEL_DATA", str(tmp_path))
    with pytest.raises(CostModelError, match=r"the template was not found at .*install costmodel again"):
        template.new_study("one", tmp_path / "studies")
    assert not list((tmp_path / "studies").iterdir())
