"""The wheel, installed into an environment of its own, runs a bundled study from another folder."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command, cwd):
    done = subprocess.run(
        [str(item) for item in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_data_notebooks_and_templates(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "costmodel/_bundle/data/prices/us/nadac.csv",
        "costmodel/_bundle/data/prices/datapackage.json",
        "costmodel/_bundle/data/studies/clonazepam-us/study.toml",
        "costmodel/_bundle/data/studies/clonazepam-brazil/study.toml",
        "costmodel/_bundle/data/studies/clonazepam-england/study.toml",
        "costmodel/_bundle/data/studies/template-generic-vs-brand/study.toml",
        "costmodel/_bundle/data/studies/template-generic-vs-brand/tables/prices.csv",
        "costmodel/_bundle/notebooks/report.ipynb",
        "costmodel/report/templates/report.html",
        "costmodel/py.typed",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.mark.slow
def test_an_installed_wheel_runs_the_study_from_another_folder(wheel, tmp_path):
    environment = tmp_path / "env"
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=tmp_path)
    binaries = environment / ("Scripts" if sys.platform == "win32" else "bin")
    site = run(
        binaries / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path
    ).strip()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    installed = run(
        sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path
    )
    (Path(site) / "dependencies.pth").write_text(installed)
    code = (
        "import costmodel, pathlib, sys; "
        f"assert pathlib.Path(costmodel.__file__).is_relative_to({site!r}), costmodel.__file__; "
        "from costmodel.cli import main; main(['run', 'clonazepam-us-prices', '--json'])"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    found = json.loads(run(binaries / "python", "-c", code, cwd=elsewhere))
    assert found["strategies"]["brand"]["payoffs"]["ingredient"]["undiscounted"] == pytest.approx(1555.02045)
    report = (
        "from costmodel.report import build_report; "
        "build_report('clonazepam-us-prices', progress=False, formats=('html',))"
    )
    run(binaries / "python", "-c", report, cwd=elsewhere)
    assert "Klonopin" in (elsewhere / "build" / "clonazepam-us-prices" / "report.html").read_text()
