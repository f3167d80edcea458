"""The command line as a user meets it: results, exit codes, errors without tracebacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

VALID = Path(__file__).parents[1] / "study" / "valid"
BROKEN = Path(__file__).parents[1] / "study" / "broken"


def costmodel(*arguments, cwd=None):
    command = [sys.executable, "-c", "from costmodel.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_run_prints_costs_and_increments():
    done = costmodel("run", VALID)
    assert done.returncode == 0
    assert "1,510.00" in done.stdout
    said = " ".join(done.stdout.split())
    assert "at equal effects (cost-minimisation)" in said
    assert "1 cycle of 12 months; within cycles: trapezoid; discounted 0 (costs) and 0 (effects)" in said


def test_run_json_from_another_folder(tmp_path):
    done = costmodel("run", "clonazepam-us-prices", "--json", cwd=tmp_path)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["segments"]["medicaid"]["strategies"]["brand"]["costs"]["all_payers"] == pytest.approx(
        1682.77045
    )


def test_a_scenario_and_draws():
    done = costmodel(
        "run", "clonazepam-us-prices", "--scenario", "strength_05mg", "--draws", "64", "--seed", "0", "--json"
    )
    found = json.loads(done.stdout)
    assert found["draws"] == 64
    assert found["strategies"]["brand"]["payoffs"]["ingredient"]["undiscounted"] == pytest.approx(
        2.67965 * 365
    )


def test_prices_compare_as_table_and_as_json():
    done = costmodel("prices", "compare", "--molecule", "clonazepam", "--country", "usa")
    assert done.returncode == 0
    assert "109.8" in done.stdout
    assert "compare ratios, not levels" in done.stdout
    rows = json.loads(costmodel("prices", "compare", "--molecule", "clonazepam", "--json").stdout)
    ratio = {row["strength_mg"]: row["ratio"] for row in rows if row["country"] == "USA" and row["ratio"]}
    assert ratio[2.0] == pytest.approx(4.26033 / 0.03881, rel=1e-12)
    assert {row["reason"] for row in rows if row["country"] == "GBR"} == {"no brand row in this list"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "clonazepm-us-prices"], 1, "did you mean 'clonazepam-us-prices'"),
        (["run", "clonazepam-us-prices", "--scenario", "two_tablet"], 1, "did you mean 'two_tablets'"),
        (["trace", "clonazepam-us-prices", "price_bland"], 1, "did you mean 'price_brand'"),
        (["run", "clonazepam-us-prices", "--draws", "0"], 2, "draws"),
        (["run", "clonazepam-us-prices", "--jsn"], 2, "--json"),
        (["run", str(BROKEN / "formula_circular")], 1, "a -> b -> c -> a"),
        (["data", "lst"], 2, "list"),
        (["prices", "compare", "--molecule", "clonazpam"], 1, "did you mean 'clonazepam'"),
        (["prices", "compare"], 2, "--molecule"),
    ],
)
def test_errors_teach_and_show_no_traceback(arguments, code, words):
    done = costmodel(*arguments)
    assert done.returncode == code
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback():
    done = costmodel("run", "nowhere", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_trace_prints_a_tree_down_to_the_source():
    done = costmodel("trace", "clonazepam-us-prices", "gross_year_brand")
    assert done.returncode == 0
    assert "└─" in done.stdout
    assert "us/nadac where molecule = clonazepam" in done.stdout
    assert "CMS NADAC weekly file as of 2026-04-29" in done.stdout
    assert "value is recalled" in done.stdout


def test_data_list_and_check():
    listed = costmodel("data", "list", "--json")
    assert any(row["id"] == "us/nadac" and row["rows"] == 85 for row in json.loads(listed.stdout))
    checked = costmodel("data", "check")
    assert checked.returncode == 0
    assert "no faults" in checked.stdout


def test_version():
    import costmodel as cm

    assert costmodel("--version").stdout.strip() == cm.__version__
