"""What cannot be set is named, all of it at once, and nothing is written."""

import nbformat.v4 as nbf
import pytest

from costmodel.errors import CostModelError
from costmodel.report import ReportMetadata, render

METADATA = ReportMetadata(title="A report", date="2026-04-29")


@pytest.fixture
def bibliography(tmp_path):
    path = tmp_path / "references.bib"
    path.write_text(
        "@book{briggs2006, author={Briggs, A}, title={Modelling}, year={2006}}\n", encoding="utf-8"
    )
    return path


def make(tmp_path, text, **options):
    notebook = nbf.new_notebook(cells=[nbf.new_markdown_cell(text)])
    chosen = {"out_dir": tmp_path / "out", "metadata": METADATA, "formats": ("html",), **options}
    return render(notebook, **chosen)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("See [@brigs2006].", r"citation @brigs2006: not in references\.bib; did you mean 'briggs2006'"),
        ("See @who-2024 and [@who-2024].", "citation @who-2024"),
        ("See @fig-price.", "cross reference @fig-price: there is no such figure"),
        ("## Methods {#sec-methods}\n\nSee @sec-method.", "cross reference @sec-method"),
        ("## A {#sec-a}\n\nSee [@sec-a; @briggs2006].", "mixes cross references and citations"),
        ("## A\n\n# Second title\n", "heading 'Second title' is of the first level"),
        ("![a figure](figure.png)", r"image figure\.png stands in the text"),
        ("[there](#nowhere)", "link #nowhere leads nowhere"),
        ("[file](data.csv)", r"link data\.csv leads to a file"),
        ("[run](javascript:alert)", "link javascript:alert"),
        (r"The formula $\nosuchmacro{x}$.", "nosuchmacro"),
        ("::: {.keyresults}\n- never closed", "Div"),
        ("Text[^a].", "cannot be set|\\[\\^a\\]"),
    ],
)
def test_what_cannot_be_set_is_named(tmp_path, bibliography, text, words):
    if "[^a]" in text:
        paths = make(tmp_path, text).paths
        assert "[^a]" in paths["html"].read_text(encoding="utf-8")
        return
    with pytest.raises(CostModelError, match=words):
        make(tmp_path, text, bibliography=bibliography)
    assert not (tmp_path / "out").exists()


def test_all_problems_are_named_at_once(tmp_path, bibliography):
    with pytest.raises(CostModelError) as caught:
        make(tmp_path, "@fig-a @tbl-b [@one; @two] @fig-a", bibliography=bibliography)
    lines = str(caught.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == [
        "cross reference @fig-a",
        "cross reference @tbl-b",
        "citation @one",
        "citation @two",
    ]


def test_a_citation_without_a_bibliography_says_so(tmp_path):
    with pytest.raises(CostModelError, match=r"citation @briggs2006: no bibliography was given"):
        make(tmp_path, "See [@briggs2006].")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bibliography": "none.bib"}, r"there is no bibliography none\.bib"),
        ({"formats": ("html", "docx")}, r"format of a report: 'docx' is unknown"),
        ({"formats": ("pdf",), "fonts": ["no-such-folder"]}, "fonts: there is no folder no-such-folder"),
    ],
)
def test_an_option_that_cannot_be_met_is_refused(tmp_path, options, words):
    with pytest.raises(CostModelError, match=words):
        make(tmp_path, "Text.", **options)
    assert not (tmp_path / "out").exists()


def test_a_broken_bibliography_is_told(tmp_path):
    broken = tmp_path / "broken.bib"
    broken.write_text("@book{briggs2006, title={open\n", encoding="utf-8")
    with pytest.raises(CostModelError, match=r"broken\.bib"):
        make(tmp_path, "See [@briggs2006].", bibliography=broken)


def test_a_character_that_no_font_has_is_named_and_leaves_the_old_report(tmp_path):
    make(tmp_path, "Old text.")
    before = (tmp_path / "out" / "report.html").read_bytes()
    with pytest.raises(CostModelError, match=r"cannot show '日' \(U\+65E5\).*fonts="):
        make(tmp_path, "Kosten: 日 α.", formats=("html", "pdf"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.html"]
    assert (tmp_path / "out" / "report.html").read_bytes() == before
    assert "日 α" in make(tmp_path, "Kosten: 日 α.").paths["html"].read_text(encoding="utf-8")


def test_markup_of_another_language_is_text(tmp_path):
    text = "Raw <b>x</b> and \\textbf{y}.\n\n```{=html}\n<script>alert(1)</script>\n```\n"
    page = make(tmp_path, text).paths["html"].read_text(encoding="utf-8")
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "heading", ["Fig-price", "Main", "Refs", "Report body", "日本", "Same\n\n## Same", "'\"<&>"]
)
def test_no_heading_breaks_the_report(tmp_path, bibliography, heading):
    text = f"Said [@briggs2006].\n\n## {heading}\n\nText."
    formats = ("html",) if "日" in heading else ("html", "pdf")
    paths = make(tmp_path, text, bibliography=bibliography, formats=formats).paths
    assert set(paths) == set(formats)
