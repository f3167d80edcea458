"""The store on the command line."""

import pytest

from costmodel.cli import main
from costmodel.datasets import dataset_path


def test_add_list_and_remove(tmp_path, capsys):
    file, store = str(dataset_path("us/nadac_official_excerpt")), str(tmp_path)
    main_ok(["data", "add", file, "--store", store, "--quiet"])
    assert "us/nadac: nadac_official_excerpt.csv added: 47 rows, 47 of them new" in capsys.readouterr().out
    main_ok(["data", "add", file, "--store", store, "--quiet"])
    assert "nothing was done" in capsys.readouterr().out
    main_ok(["data", "store", "--store", store])
    assert "1 files in" in capsys.readouterr().out
    main_ok(["data", "store", "--store", store, "--json"])
    assert '"dataset":"us\\/nadac"' in capsys.readouterr().out
    main_ok(["data", "remove", "us/nadac", "--store", store])
    assert "removed" in capsys.readouterr().out


def test_faults_end_with_exit_code_1(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["data", "fetch", "us/nadak", "--quiet"])
    assert ended.value.code == 1
    assert "did you mean 'us/nadac'" in capsys.readouterr().err


def main_ok(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
