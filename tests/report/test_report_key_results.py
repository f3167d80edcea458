"""Headline results: sentences that follow the numbers, and their way to the title page."""

from pathlib import Path

import nbformat
import pytest

import costmodel as cm
from costmodel.report import Findings, ReportMetadata, headlines, render
from costmodel.report.records import HEADLINES_MIME
from costmodel.report.show import show_headlines
from costmodel.study.sample import Sample

STUDY = Path(__file__).parents[1] / "study" / "savings"


@pytest.fixture(scope="module")
def found():
    return Findings.of(cm.read_study(STUDY))


def test_each_comparison_that_the_study_names_is_a_sentence(found):
    first, second, *_ = headlines(found)
    assert first == (
        "Everyone: Generic costs 200.00 USD per person and year against 1,000.00 for Brand; it saves "
        "800.00 (80.0%)."
    )
    # 2 visits of 100 for 0.005 QALY: 200 / 0.005
    assert second == (
        "Everyone: Careful against Cheaper still costs 200 more and gains 0.005 QALY: 40,000 per QALY gained "
        "(USD 2026, per person)."
    )


def test_what_the_programme_takes_of_the_savings_closes_them(found):
    *_, made, left = headlines(found)
    assert "Careful spends 200.00, 25% of the 800.00 saved (USD 2026) by Generic against Brand" in made
    assert "it spends 200.00, 20.0 times the 10.00 saved" in left


def test_with_draws_the_share_has_an_interval(found):
    *_, made, _ = headlines(found, Sample.of(found.study))
    assert "25% (20% to 30%) of the 800.00 saved" in made


def test_a_share_of_nothing_is_not_given(tmp_path):
    (tmp_path / "study.toml").write_text(
        'title = "Two courses"\ncurrency = "USD"\nprice_year = 2026\n'
        "strategies = { first = { set = { c_drug = 0 } }, second = { set = { c_drug = 5 } } }\n"
        'payoffs = [{ measure = "drug", kind = "cost", value = "c_drug" }]\n'
    )
    (sentence,) = (text for text in headlines(Findings.of(cm.read_study(tmp_path))) if text)
    assert sentence.endswith("against 0.00 for First; it costs 5.00 more.")


def test_without_a_choice_the_last_strategy_is_compared_with_the_comparator():
    sentences = headlines(Findings.of(cm.read_study("template-generic-vs-brand")))
    assert "All generic" in sentences[1]
    assert "already makes" in sentences[2]


def notebook(outputs):
    cell = nbformat.v4.new_code_cell("1", execution_count=1, outputs=outputs)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Text"), cell])


def shown(data):
    return nbformat.v4.new_output("display_data", data=data)


def test_headlines_stand_on_the_title_page_and_not_in_the_text(tmp_path):
    data = {HEADLINES_MIME: ["Saves <5> a year."], "text/markdown": "- Saves 5 a year."}
    written = render(
        notebook([shown(data)]),
        out_dir=tmp_path,
        metadata=ReportMetadata(title="T", date="2026-01-01"),
        formats=("html", "md"),
    )
    page = written.paths["html"].read_text(encoding="utf-8")
    assert page.count("Saves &lt;5&gt; a year.") == 1
    assert "Saves" not in written.paths["md"].read_text(encoding="utf-8")
    assert written.headlines == ("Saves <5> a year.",)


def test_a_summary_of_the_metadata_comes_first(tmp_path):
    data = {HEADLINES_MIME: ["From the notebook."], "text/markdown": "x"}
    metadata = ReportMetadata(title="T", date="2026-01-01", summary=("Given.",))
    written = render(notebook([shown(data)]), out_dir=tmp_path, metadata=metadata, formats=("html",))
    assert written.headlines == ("Given.",)


@pytest.mark.parametrize("wrong", ["one text", [], ["a", " "]])
def test_headlines_must_be_sentences(wrong):
    with pytest.raises(cm.CostModelError, match="list of sentences"):
        show_headlines(wrong)
