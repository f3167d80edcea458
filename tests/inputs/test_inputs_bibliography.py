"""Bibliographies: what is read, how it is written out, and what is refused."""

from __future__ import annotations

import pytest

from costmodel.errors import CostModelError, DataError
from costmodel.inputs import Bibliography, read_bibliography


def read(folder, text):
    file = folder / "references.bib"
    file.write_text(text, encoding="utf-8")
    return read_bibliography(file)


def faults_of(folder, text):
    with pytest.raises(DataError) as problem:
        read(folder, text)
    return problem.value.faults


ENTRIES = {
    "@article{k, author={Fenwick, Elisabeth and Claxton, Karl and Sculpher, Mark}, title={Representing"
    " uncertainty: the role of curves}, journal={Health Economics}, volume={10}, number={8},"
    " pages={779--787}, year={2001}, doi={10.1002/hec.635}}": (
        "Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of curves. "
        "Health Economics 2001;10(8):779\u2013787. doi:10.1002/hec.635"
    ),
    "@book{k, author={Briggs, Andrew}, title={Decision Modelling}, publisher={Oxford University Press},"
    " address={Oxford}, year={2006}}": "Briggs A. Decision Modelling. Oxford: Oxford University Press; 2006.",
    "@article{k, author={Sullivan, Sean D. and others}, title={Budget impact analysis---principles}, "
    "journal={Value in Health}, year=2014}": (
        "Sullivan SD, et al. Budget impact analysis\u2014principles. Value in Health 2014."
    ),
    "@article{k, author={A, Aa and B, Bb and C, Cc and D, Dd and E, Ee and F, Ff and G, Gg}, title={Seven?}, "
    "journal={J}, volume=3, pages={e12}, year=2020}": (
        "A A, B B, C C, D D, E E, F F, et al. Seven? J 2020;3:e12."
    ),
    r"@misc{k, author={{Centers for Medicare \& Medicaid Services}}, title={{NADAC} 2026}, year=2026,"
    r" url={https://data.medicaid.gov/x\_y%20z}}": (
        "Centers for Medicare & Medicaid Services. NADAC 2026. 2026. https://data.medicaid.gov/x_y%20z"
    ),
    r"@article{k, author={van der Berg, Jan-Willem and Smith, Jr, J.P. and Val{\'e}ncio, Jos{\'e}},"
    r" title={\emph{In vivo} 5\% of {\"O}l}, journal={J}, year=1999}": (
        "van der Berg JW, Smith JP Jr, Valéncio J. In vivo 5% of Öl. J 1999."
    ),
    "@incollection{k, author={Roe, R}, title={A chapter}, booktitle={The book}, publisher={House},"
    " year=2001, pages={1-9}}": "Roe R. A chapter. In: The book. House; 2001. p. 1\u20139.",
    "@techreport{k, title={A report}, institution={WHO}, note={Geneva}}": "A report. WHO. Geneva.",
    "@misc{k, title={Only a title}, doi={https://doi.org/10.1/ab_c}}": "Only a title. doi:10.1/ab_c",
    "@string{vih = {Value in Health}}\n@article{k, title={T}, journal=vih, year=2022}": (
        "T. Value in Health 2022."
    ),
}


@pytest.mark.parametrize(("entry", "text"), ENTRIES.items(), ids=[text[:20] for text in ENTRIES.values()])
def test_references_are_written_in_vancouver_style(tmp_path, entry, text):
    assert read(tmp_path, entry)["k"].text == text


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ("doi={10.1/x}", "https://doi.org/10.1/x"),
        ("doi={https://dx.doi.org/10.1/x}, url={https://a.org}", "https://doi.org/10.1/x"),
        (r"url={\url{https://a.org/b_c}}", "https://a.org/b_c"),
        ("url={javascript:alert(1)}", ""),
        ("year=2000", ""),
    ],
)
def test_the_address_is_that_of_the_doi_or_of_the_web(tmp_path, fields, url):
    assert read(tmp_path, f"@misc{{k, title={{T}}, {fields}}}")["k"].url == url


def test_a_bibliography_is_a_mapping_in_the_order_of_the_file(tmp_path):
    sources = read(
        tmp_path, "\ufeff% a note\r\n@misc{beta1, title={B}}\r\n\r\nfree text\r\n@misc{alpha1, title={A}}\r\n"
    )
    assert list(sources) == ["beta1", "alpha1"]
    assert (len(sources), "alpha1" in sources, sources.get("c1")) == (2, True, None)
    with pytest.raises(CostModelError, match="there is no reference 'alpha2'; did you mean 'alpha1'"):
        sources["alpha2"]


def test_missing_keys_are_named_once_and_tables_are_none():
    sources = Bibliography({})
    assert sources.missing(["b", "", "table:us/nadac", "a", "b"]) == ("b", "a")


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("@misc{a, title={A}}\n\n@misc{a, title={B}}\n", 3, ["only once", "row 1 has it too", "rename"]),
        ("@misc{a, title={A}}\n@misc{A, title={B}}\n", 2, ["only once"]),
        (
            "@misc{a, title={A}}\n@misc{b,\n title={B} year=1999}\n",
            3,
            ["must be BibTeX", "expected", "row 2", "comma"],
        ),
        (
            "@misc{a, title={A}}\n@misc{b, title={B\n\n@misc{c, title={C}}\n",
            4,
            ["must be BibTeX", "row 2", "brace"],
        ),
        ("@misc{a, title={A},\n title={B}}\n", 1, ["field may stand only once", "title"]),
        ("\n@article{a, title={A}, journal=nejm}\n", 2, ["not defined", "nejm", "@string"]),
        ("\n\n@misc{a, title={A}, author={A, B, C, D}}\n", 3, ["names", "separated by 'and'"]),
        ("\n@misc{a, year=2000}\n", 2, ["must have a title", "title = {…}"]),
        ("\n@misc{a, title={}}\n", 2, ["must have a title"]),
    ],
)
def test_what_is_no_bibtex_is_refused_with_its_line(tmp_path, text, row, words):
    faults = faults_of(tmp_path, text)
    assert len(faults) == 1
    assert faults.loc[0, "file"] == "references.bib"
    assert faults.loc[0, "row"] == row
    said = " ".join(faults.loc[0, ["rule", "found", "remedy"]])
    for word in words:
        assert word in said


def test_all_faults_are_collected_at_once(tmp_path):
    text = (
        "@misc{a, title={A}}\n@misc{a, title={B}}\n@misc{c, year=1}\n@article{d, title={D}, journal=nejm}\n"
    )
    assert sorted(faults_of(tmp_path, text)["row"]) == [2, 3, 4]


def test_a_file_that_is_not_text(tmp_path):
    file = tmp_path / "references.bib"
    file.write_bytes(b"@misc{a,\n title={Caf\xe9}}\n")
    with pytest.raises(DataError, match=r"row 2: must be UTF-8 text; found byte 0xe9"):
        read_bibliography(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CostModelError, match=r"references\.bib does not exist"):
        read_bibliography(tmp_path / "references.bib")
    with pytest.raises(CostModelError, match="cannot be read"):
        read_bibliography(tmp_path)
