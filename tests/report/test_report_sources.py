"""Titles keep their capitals, and nothing else of a bibliography changes."""

import json

import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.report.sources import bibliography_keys, prepare, with_titles_kept

BIBTEX = r"""
% the title = {of a comment is never closed
@misc{a, title = {Medicare Part D: {NADAC} and the \{odd\} Case}, note = {a note}}
@article{b, author = {Roe, A}, title="The Drug Tariff of {"}England{"}", journal = {Value}, year = 2024}
@incollection{c, booktitle = {The Handbook}, Title = {{Already In Braces}}, year = {2020}}
"""


def _titles(text):
    entries = json.loads(pypandoc.convert_text(text, "csljson", format="biblatex"))
    return {
        entry["id"]: entry["title"].replace('<span class="nocase">', "").replace("</span>", "")
        for entry in entries
    }


def test_titles_are_read_as_they_are_written():
    assert _titles(with_titles_kept(BIBTEX)) == {
        "a": "Medicare Part D: NADAC and the {odd} Case",
        "b": 'The Drug Tariff of "England"',
        "c": "Already In Braces",
    }
    assert "medicare part d" in _titles(BIBTEX)["a"].lower()
    assert "Medicare Part D" not in _titles(BIBTEX)["a"]


@given(st.text(alphabet='title={}"\\ ,\n@a', max_size=60))
def test_only_braces_are_added(text):
    kept = with_titles_kept(text)
    assert [mark for mark in kept if mark not in "{}"] == [mark for mark in text if mark not in "{}"]
    assert kept.count("{") - text.count("{") == kept.count("}") - text.count("}") >= 0


def test_keys_of_every_form(tmp_path):
    (tmp_path / "a.bib").write_text(BIBTEX, encoding="utf-8")
    (tmp_path / "b.json").write_text('[{"id": "who2024", "type": "book", "title": "T"}]', encoding="utf-8")
    assert bibliography_keys(tmp_path / "a.bib") == ["a", "b", "c"]
    assert bibliography_keys(tmp_path / "b.json") == ["who2024"]
    assert prepare(tmp_path / "b.json", tmp_path) == tmp_path / "b.json"


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "old.bib").write_bytes("@misc{a, title={Zażółć}}".encode("cp1250"))
    with pytest.raises(CostModelError, match=r"old\.bib is not UTF-8 at byte \d+"):
        prepare(tmp_path / "old.bib", tmp_path / "copy")
