"""Documents that come from the code say what the code says; notebooks run and are kept without outputs."""

import json
import re
import shutil
from pathlib import Path

import pytest

from costmodel.datasets import bundle
from costmodel.report import ReportMetadata, execute, render
from costmodel.study.describe import write_docs

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(bundle("notebooks").glob("*.ipynb"))


def test_generated_documents_are_up_to_date(tmp_path):
    for path in write_docs(tmp_path):
        assert (ROOT / "docs" / path.name).read_text() == path.read_text(), f"run make docs: {path.name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path):
    for cell in json.loads(path.read_text())["cells"]:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


@pytest.fixture
def few_draws(tmp_path):
    """A copy of the American study whose report takes fewer draws; `make report` takes them all."""
    folder = tmp_path / "clonazepam-us"
    shutil.copytree(bundle("data") / "studies" / "clonazepam-us", folder)
    text = (folder / "study.toml").read_text()
    assert "draws = 5000\n" in text
    (folder / "study.toml").write_text(text.replace("draws = 5000\n", "draws = 1024\n"))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_run_and_render(path, tmp_path, few_draws):
    executed = execute(path, parameters={"study": str(few_draws)} if path.name == "report.ipynb" else None)
    assert any(cell.get("outputs") for cell in executed.cells)
    book = bundle("data") / "studies" / "clonazepam-us" / "references.bib"
    metadata = ReportMetadata(title=path.stem, date="2026-11-25")
    rendered = render(executed, out_dir=tmp_path, metadata=metadata, bibliography=book, formats=("pdf",))
    assert all(made.stat().st_size > 10_000 for made in rendered.paths.values())


def test_links_of_the_documents_lead_somewhere():
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_dependency_has_a_reason_and_a_lower_bound():
    text = (ROOT / "pyproject.toml").read_text()
    block = text[text.index("dependencies = [") : text.index("[project.scripts]")]
    for line in block.splitlines()[1:]:
        if '"' in line:
            assert re.search(r'"[\w\-]+>=[\d.]+",\s+# \w+', line), line


def test_the_pinned_set_names_no_address():
    text = (ROOT / "constraints.txt").read_text()
    assert "://" not in text
    assert "jupyter==" in text
