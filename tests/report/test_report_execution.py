"""A notebook runs with checked parameters, and a failure is told in a few lines."""

import os
import sys

import nbformat
import nbformat.v4 as nbf
import pytest

from costmodel.errors import CostModelError
from costmodel.report import execute
from costmodel.report.execution import check_parameters, declared_parameters

DECLARED = (
    "draws = 1000\nrate = 0.03\ncountry = 'Poland'\nstrategies = ['brand']\nwhole = True\nany_value = None"
)


def written(path, *sources):
    cells = [nbf.new_markdown_cell("# Title"), nbf.new_code_cell(DECLARED, metadata={"tags": ["parameters"]})]
    notebook = nbf.new_notebook(cells=cells + [nbf.new_code_cell(source) for source in sources])
    nbformat.write(notebook, path)
    return path


def printed(notebook):
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))


@pytest.mark.slow
def test_a_notebook_runs_with_its_parameters_in_this_interpreter(tmp_path, capfd):
    path = written(
        tmp_path / "run {x}.ipynb",
        "import os, sys\nprint(draws, rate, country, strategies)",
        "print(sys.executable)\nprint(os.getcwd())",
        "print(os.path.exists(os.environ['IPYTHONDIR'] + '/../kernel.json'))",
    )
    before = path.read_bytes()
    given = {"draws": 7, "rate": 1, "country": 'Fr"an\\ce', "strategies": ["a", "b"]}
    executed = execute(path, parameters=given, out=tmp_path / "out" / "done.ipynb")
    assert printed(executed).splitlines() == [
        "7 1 Fr\"an\\ce ['a', 'b']",
        sys.executable,
        os.path.realpath(tmp_path),
        "True",
    ]
    assert path.read_bytes() == before
    assert printed(nbformat.read(tmp_path / "out" / "done.ipynb", 4)) == printed(executed)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_failing_cell_is_told_in_a_few_lines_and_the_notebook_is_kept(tmp_path, capfd):
    path = written(
        tmp_path / "run.ipynb", "x = 1", "# Prices\ndef price():\n    return {}['brand']\nprice()", "print(2)"
    )
    with pytest.raises(CostModelError) as caught:
        execute(path, parameters={"draws": 5}, out=tmp_path / "done.ipynb", progress=True)
    message = str(caught.value)
    assert "run.ipynb: cell 4 (In [4], line 3) failed" in message
    assert "# Prices" in message
    assert "KeyError: 'brand'" in message
    assert str(tmp_path / "done.ipynb") in message
    assert len(message.splitlines()) <= 5
    kept = nbformat.read(tmp_path / "done.ipynb", 4)
    assert any(output.output_type == "error" for cell in kept.cells for output in cell.get("outputs", []))
    out, err = capfd.readouterr()
    assert out == ""
    assert "Executing" in err


@pytest.mark.slow
def test_a_kernel_that_dies_is_told(tmp_path):
    path = written(tmp_path / "run.ipynb", "import os; os._exit(3)")
    with pytest.raises(CostModelError, match=r"run\.ipynb: the kernel's process ended"):
        execute(path, out=tmp_path / "done.ipynb")
    assert not (tmp_path / "done.ipynb").exists()


def test_parameters_are_the_assignments_of_the_tagged_cell():
    cell = nbf.new_code_cell(
        "a = 1\nb: float = 2.5\nc = d = 'x'\ne = len('abc')\nprint(a)", metadata={"tags": ["parameters"]}
    )
    assert declared_parameters(nbf.new_notebook(cells=[cell])) == {
        "a": 1,
        "b": 2.5,
        "c": "x",
        "d": "x",
        "e": ...,
    }
    assert declared_parameters(nbf.new_notebook(cells=[nbf.new_code_cell("a = 1")])) == {}


def test_two_cells_of_parameters_are_refused():
    cells = [nbf.new_code_cell("a = 1", metadata={"tags": ["parameters"]}) for _ in range(2)]
    with pytest.raises(CostModelError, match="cells 1 and 2 both declare parameters"):
        declared_parameters(nbf.new_notebook(cells=cells))


def test_a_cell_of_parameters_that_is_not_python_is_refused():
    cell = nbf.new_code_cell("%matplotlib inline", metadata={"tags": ["parameters"]})
    with pytest.raises(CostModelError, match="cell 1, which declares the parameters, is not Python"):
        declared_parameters(nbf.new_notebook(cells=[cell]))


DEFAULTS = {
    "draws": 1000,
    "rate": 0.03,
    "country": "Poland",
    "strategies": ["brand"],
    "whole": True,
    "free": None,
}


@pytest.mark.parametrize(
    "given",
    [
        {"rate": 0},
        {"rate": 1e-3, "draws": 0},
        {"strategies": ()},
        {"whole": False},
        {"free": {"a": [1]}},
        {"free": "x"},
    ],
)
def test_fitting_values_pass_unchanged(given):
    assert check_parameters(DEFAULTS, given) == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"drws": 5}, "'drws' is unknown; did you mean 'draws'"),
        ({"draws": 2.5}, r"'draws' must be a whole number like its default 1000; found 2\.5"),
        ({"draws": True}, "'draws' must be a whole number"),
        ({"rate": "3%"}, "'rate' must be a number like its default 0.03; found '3%'"),
        ({"rate": False}, "'rate' must be a number"),
        ({"country": 5}, "'country' must be text like its default 'Poland'"),
        ({"strategies": "brand"}, "'strategies' must be a list"),
        ({"whole": 1}, "'whole' must be True or False"),
        ({"free": {1, 2}}, "'free' must be text, a number"),
        ({"free": [object()]}, "'free' must be text, a number"),
    ],
)
def test_unfitting_values_are_refused(given, words):
    with pytest.raises(CostModelError, match=words):
        check_parameters(DEFAULTS, given)


def test_all_faults_are_told_at_once(tmp_path):
    path = written(tmp_path / "run.ipynb")
    with pytest.raises(CostModelError) as caught:
        execute(path, parameters={"drws": 5, "rate": "x"}, out=tmp_path / "done.ipynb")
    assert all(name in str(caught.value) for name in ("'drws'", "'rate'"))
    assert not (tmp_path / "done.ipynb").exists()
