"""One molecule straight from a file is what reading the whole file gives."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices import read_molecules, read_nadac
from costmodel.prices.store import direct

HEADER = (
    "NDC Description,NDC,NADAC Per Unit,Effective Date,Pricing Unit,OTC,Explanation Code,"
    "Classification for Rate Setting,As of Date"
)
ROW = "{},{},{},04/22/2026,EA,N,1,G,04/29/2026"
MOLECULES = {"clonazepam": ["clonazepam", "Klonopin"]}


@pytest.fixture
def write(tmp_path):
    def save(*rows, end="\n", last=True):
        path = tmp_path / "nadac.csv"
        text = end.join([HEADER, *rows]) + (end if last else "")
        path.write_bytes(text.encode())
        return path

    return save


def same(path, molecules=MOLECULES):
    direct_, whole = read_molecules(path, molecules), read_nadac(path, molecules=molecules)
    pd.testing.assert_frame_equal(direct_.frame, whole.frame)
    pd.testing.assert_frame_equal(direct_.unparsed, whole.unparsed)
    return direct_


def lines(path, molecules=MOLECULES):
    """Return whether the lines alone were enough."""
    return direct._from_lines(path, molecules, direct._recognised(path)) is not None


def test_the_excerpt_is_read_the_same():
    path = dataset_path("us/nadac_official_excerpt")
    assert len(same(path)) == len(read_nadac(path, molecules=MOLECULES))
    assert lines(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_last_line_without_one(write, end, last):
    path = write(
        ROW.format("ALPRAZOLAM 1 MG TABLET", "00093083501", "0.02"),
        ROW.format("clonazepam 1 mg tablet", "00093083301", "0.03"),
        ROW.format("KLONOPIN 2 MG TABLET", "61269062010", "4.26"),
        end=end,
        last=last,
    )
    assert same(path).frame.index.tolist() == [3, 4]
    assert lines(path)


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 18])
def test_the_size_of_a_block_changes_nothing(write, monkeypatch, block):
    monkeypatch.setattr(direct, "_BLOCK", block)
    path = write(
        *(ROW.format(f"DRUG{at} 1 MG TABLET", f"{at:011d}", "0.5") for at in range(20)),
        ROW.format("CLONAZEPAM 1 MG TABLET", "00093083301", "0.03"),
        *(ROW.format(f"DRUG{at} 2 MG TABLET", f"{at:011d}", "0.5") for at in range(20, 40)),
        ROW.format("CLONAZEPAM 2 MG TABLET", "00093083401", "0.04"),
    )
    assert same(path).frame.index.tolist() == [22, 43]
    assert lines(path)


def test_a_name_elsewhere_in_a_line_or_in_a_longer_word_is_no_row(write):
    path = write(
        ROW.format("NOT CLONAZEPAM 1 MG TABLET", "00093083501", "0.02"),
        ROW.format("CLONAZEPAMINE 1 MG TABLET", "00093083601", "0.02"),
        ROW.format("CLONAZEPAM 1 MG TABLET", "00093083301", "0.03"),
    )
    assert same(path).frame.index.tolist() == [4]


def test_a_cell_of_several_lines_sends_it_to_the_whole_file(write):
    path = write(
        ROW.format('"CLONAZEPAM 1 MG\n TABLET"', "00093083301", "0.03"),
        ROW.format("CLONAZEPAM 2 MG TABLET", "00093083401", "0.04"),
    )
    assert not lines(path)
    assert len(read_molecules(path, MOLECULES)) == len(read_nadac(path, molecules=MOLECULES))


def test_codes_that_lost_their_zeros_are_restored_by_the_whole_file(write):
    path = write(
        ROW.format("ALPRAZOLAM 1 MG TABLET", "61269083501", "0.02"),
        ROW.format("CLONAZEPAM 1 MG TABLET", "93083301", "0.03"),
        ROW.format("CLONAZEPAM 2 MG TABLET", "093083401", "0.03"),
    )
    assert not lines(path)
    try:
        expected = read_nadac(path, molecules=MOLECULES)
    except DataError as problem:
        with pytest.raises(DataError) as caught:
            read_molecules(path, MOLECULES)
        pd.testing.assert_frame_equal(caught.value.faults, problem.faults)
    else:
        pd.testing.assert_frame_equal(read_molecules(path, MOLECULES).frame, expected.frame)


def test_faults_name_the_lines_of_the_file(write):
    path = write(
        ROW.format("ALPRAZOLAM 1 MG TABLET", "00093083501", "0.02"),
        ROW.format("CLONAZEPAM 1 MG TABLET", "00093083301", "free"),
    )
    with pytest.raises(DataError) as caught:
        read_molecules(path, MOLECULES)
    assert caught.value.faults["row"].tolist() == [3]


def test_what_is_not_there_is_said(write, tmp_path):
    path = write(ROW.format("ALPRAZOLAM 1 MG TABLET", "00093083501", "0.02"))
    with pytest.raises(CostModelError, match="no description begins with a name of 'clonazepam'"):
        read_molecules(path, MOLECULES)
    with pytest.raises(CostModelError, match="does not exist"):
        read_molecules(tmp_path / "none.csv", MOLECULES)


DRUGS = st.sampled_from(
    ["CLONAZEPAM", "Klonopin", "ALPRAZOLAM", "XCLONAZEPAM", "CLONAZEPAM ODT", "KLONOPINE", '"CLONAZEPAM"']
)


@given(
    st.lists(st.tuples(DRUGS, st.sampled_from(["0.5", "1", "2"])), min_size=1, max_size=12),
    st.integers(1, 90),
)
@settings(max_examples=25, deadline=None)
def test_any_file_is_read_the_same(tmp_path_factory, drugs, block):
    rows = [ROW.format("CLONAZEPAM 1 MG TABLET", "99999999999", "0.03")]
    rows += [
        ROW.format(
            f"{drug} {mg} MG TABLET".replace('" ', " ") + ('"' if drug[0] == '"' else ""), f"{at:011d}", "0.5"
        )
        for at, (drug, mg) in enumerate(drugs, start=1)
    ]
    path = tmp_path_factory.mktemp("any") / "nadac.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    before = direct._BLOCK
    direct._BLOCK = block
    try:
        same(
            path,
            {"clonazepam": ["clonazepam", "klonopin"]}
            if "KLONOPIN " in path.read_text().upper()
            else {"clonazepam": ["clonazepam"]},
        )
    finally:
        direct._BLOCK = before
