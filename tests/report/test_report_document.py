"""A notebook, executed for real, as HTML and PDF: valid, accessible, self-contained, reproducible."""

import subprocess
import sys
import tempfile
from itertools import pairwise

import html5lib
import nbformat
import nbformat.v4 as nbf
import pikepdf
import pypdf
import pytest

from costmodel.report import ReportMetadata, execute, render

HOSTILE = (
    "$5 #1 <script>alert(1)</script> @nobody |x| `tick` \\n *b* _i_ \"q\" [a](b) ~s~ 100% ^[no] {.x} 'end'"
)

REFERENCES = """
@book{briggs2006, author={Briggs, Andrew and Claxton, Karl}, title={Decision Modelling for Part D},
  publisher={OUP}, year={2006}}
@misc{nadac2026, author={{Centers for Medicare \\& Medicaid Services}}, title={{NADAC}}, year={2026},
  url={https://data.example.org/nadac}, urldate={2026-04-30}}
"""

METHODS = r"""# Title in the notebook

::: {.keyresults}
- The brand costs **74 times** as much (@fig-price).
:::

## Methods {#sec-methods}
The cohort is $\mathbf{s}_t$[^note] and prices are those of [@nadac2026; @briggs2006, chapter 4]:

$$C = \sum_{t=0}^{T} \frac{\mathbf{s}_t^{\top}\mathbf{c}}{(1+r)^{t}}$$

- a list without a blank line
- costs in @tbl-cost; see [@fig-price; @fig-share] and @sec-methods

[^note]: A footnote, with *emphasis* and $\lambda = 30\,000$ zł.

::: {.caution title="Mind the rebates"}
Net prices are confidential.
:::

### Details

| Item | Where |
|:-----|------:|
| Title | p. 1 |
"""

DRAW = """
import pandas as pd
from matplotlib import pyplot as plt
from costmodel.report import bar_style, escape_markdown, money, show_figure, show_table, show_text, use_style
print("printed noise")
with use_style():
    fig, ax = plt.subplots()
    ax.bar(["Generic α", "Brand"], [0.031, 12.5], **bar_style(1))
    ax.set_yscale("log")
show_figure(fig, id="fig-price", caption="Price & dose " + hostile,
            alt="Bars: brand above generic " + hostile)
with use_style({"figure.figsize": (6.3, 2.5)}):
    fig, ax = plt.subplots()
    for step in range(5):
        ax.plot([0, 1, 2], [1, 1 / (step + 2), 0.1], label=f"uptake {step}")
    ax.legend()
show_figure(fig, id="fig-share", caption="Share", alt="Five falling lines.")
"""

TABULATE = """
frame = pd.DataFrame({
    "Kind": ["Prices"] * 2 + ["Use"], "Name": ["generic", hostile, "όλα żółć"],
    "Value": [0.031, -1234.5, None],
    "Source": ["nadac2026", None, "briggs2006; nadac2026"], "Note": ["long text " * 12] * 3})
show_table(frame, id="tbl-input", caption="Inputs " + hostile, group="Kind", cite="Source",
           note="Note " + hostile, formats={"Value": ",.2f"}, widths={"Note": 1})
cost = pd.DataFrame({"Group": [f"Group {n}" for n in range(12)], "Cost": range(1000, 13000, 1000)})
show_table(cost, id="tbl-cost", caption="Costs", formats={"Cost": money(0, "$")}, total=True)
show_text(f"Data say {escape_markdown(hostile)} with {draws} draws.")
"""

METADATA = ReportMetadata(
    title="Generic & brand <1> $2",
    subtitle="Who pays #what",
    authors=("A. Analyst", "Ż. Ekonomistka"),
    date="2026-04-29",
    description="What a medicine costs",
    keywords=("generic", "brand"),
    summary=(f"Headline {HOSTILE}", "Second result."),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    cells = [
        nbf.new_markdown_cell(METHODS),
        nbf.new_code_cell(f"draws = 10\nhostile = {HOSTILE!r}", metadata={"tags": ["parameters"]}),
        nbf.new_markdown_cell("## Results"),
        nbf.new_code_cell(DRAW),
        nbf.new_code_cell(TABULATE),
    ]
    nbformat.write(nbf.new_notebook(cells=cells), folder / "study.ipynb")
    (folder / "references.bib").write_text(REFERENCES, encoding="utf-8")
    return folder


def rendered(folder, executed, name):
    return render(
        executed,
        out_dir=folder / name,
        metadata=METADATA,
        bibliography=folder / "references.bib",
        formats=("html", "pdf", "md"),
    ).paths


@pytest.fixture(scope="module")
def elsewhere(folder):
    """The same notebook, run meanwhile by another process; its result is a file."""
    done = folder / "elsewhere.ipynb"
    call = f"execute({str(folder / 'study.ipynb')!r}, parameters={{'draws': 20}}, out={str(done)!r})"
    with subprocess.Popen([sys.executable, "-c", f"from costmodel.report import execute; {call}"]) as process:
        yield process, done


@pytest.fixture(scope="module")
def paths(folder, elsewhere):  # noqa: ARG001 - the other run starts first
    return rendered(folder, execute(folder / "study.ipynb", parameters={"draws": 20}), "first")


@pytest.fixture(scope="module")
def page(paths):
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(paths["html"].read_bytes(), transport_encoding="utf-8")


@pytest.fixture(scope="module")
def words(paths):
    reader = pypdf.PdfReader(paths["pdf"])
    return " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())


def _text(element):
    return " ".join("".join(element.itertext()).split())


pytestmark = pytest.mark.slow


def test_only_the_report_is_written(paths):
    assert sorted(path.name for path in paths["html"].parent.iterdir()) == [
        "report.html",
        "report.md",
        "report.pdf",
    ]


def test_the_same_notebook_gives_the_same_bytes_when_it_is_run_again(folder, paths, elsewhere):
    process, done = elsewhere
    assert process.wait(timeout=120) == 0
    again = rendered(folder, done, "second")
    assert {form: path.read_bytes() for form, path in again.items()} == {
        form: path.read_bytes() for form, path in paths.items()
    }


def test_the_page_asks_for_nothing_from_elsewhere(page, paths):
    sources = [element.get("src") for element in page.iter() if element.get("src")]
    assert len(sources) == 2
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert [
        element.tag for element in page.iter() if element.tag in {"link", "script", "iframe", "object"}
    ] == []
    style = _text(page.find(".//style"))
    assert "url(" not in style
    assert "@import" not in style
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    assert "default-src 'none'" in policy
    links = {a.get("href") for a in page.iter("a") if not a.get("href").startswith("#")}
    assert links == {"https://data.example.org/nadac"}
    assert tempfile.gettempdir() not in paths["html"].read_text(encoding="utf-8")


def test_the_page_can_be_read_by_everyone(page):
    assert page.get("lang") == "en-GB"
    assert page.find(".//title").text == METADATA.title
    assert all(image.get("alt") for image in page.iter("img"))
    assert [head for head in page.iter("th") if head.get("scope") not in {"col", "row", "rowgroup"}] == []
    assert [_text(heading) for heading in page.iter("h1")] == [METADATA.title]
    levels = [int(heading.tag[1]) for heading in page.iter() if heading.tag in {"h1", "h2", "h3", "h4"}]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    identifiers = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))
    targets = {a.get("href")[1:] for a in page.iter("a") if a.get("href").startswith("#")}
    assert targets <= set(identifiers)
    for box in page.iterfind(".//div[@role='region']"):
        assert box.get("tabindex") == "0"
        assert box.get("aria-label") or box.get("aria-labelledby") in identifiers


def test_text_from_data_stands_in_the_page_literally(page):
    assert page.find(".//img").get("alt") == f"Bars: brand above generic {HOSTILE}"
    assert _text(page.find(".//figcaption")) == f"Figure 1. Price & dose {HOSTILE}"
    table = page.find(".//div[@id='tbl-input']")
    assert _text(table.find(".//caption")) == f"Table 1. Inputs {HOSTILE}"
    rows = [[_text(cell) for cell in row][:3] for row in table.iterfind(".//tbody/tr")]
    minus, dash = "\N{MINUS SIGN}", "\N{EN DASH}"
    assert rows == [
        ["Prices"],
        ["generic", "0.03", "[1]"],
        [HOSTILE, f"{minus}1,234.50", dash],
        ["Use"],
        ["όλα żółć", dash, "[1,2]"] if rows[-1][2] == "[1,2]" else ["όλα żółć", dash, "[2,1]"],
    ]
    assert f"Data say {HOSTILE} with 20 draws." in _text(page.find(".//main"))
    assert _text(page.find(".//main//li")) == f"Headline {HOSTILE}"


def test_text_from_data_stands_in_the_pdf_literally(words):
    squeezed = words.replace(" ", "")
    for text in (
        f"Data say {HOSTILE}",
        f"Price & dose {HOSTILE}",
        f"Inputs {HOSTILE}",
        f"Headline {HOSTILE}",
    ):
        assert text.replace(" ", "") in squeezed


def test_references_lead_to_figures_tables_sections_and_sources(page):
    shown = {a.get("href"): _text(a).replace("\xa0", " ") for a in page.find(".//main").iter("a")}
    expected = {
        "#fig-price": "Figure 1",
        "#fig-share": "Figure 2",
        "#tbl-cost": "Table 2",
        "#sec-methods": "Section 1",
    }
    assert {place: shown[place] for place in expected} == expected
    assert {"#ref-briggs2006", "#ref-nadac2026"} <= set(shown)
    entries = [_text(entry) for entry in page.find(".//div[@id='refs']")]
    assert any("Briggs A, Claxton K. Decision Modelling for Part D. OUP; 2006." in entry for entry in entries)
    assert any("https://data.example.org/nadac (accessed 30 April 2026)." in entry for entry in entries)


def test_panels_maths_and_footnotes_are_set(page, words):
    panels = [panel.get("aria-label") for panel in page.iterfind(".//div[@role='note']")]
    assert panels == ["Key results", "Key results", "Mind the rebates"]
    assert len(page.findall(".//{http://www.w3.org/1998/Math/MathML}math") or page.findall(".//math")) == 3
    assert "A footnote, with emphasis" in _text(page.find(".//section[@role='doc-endnotes']"))
    for text in (
        "Mind the rebates",
        "A footnote, with emphasis",
        "Page 3 of",
        "Contents",
        "References",
        "Details",
    ):
        assert text in words


def test_neither_code_nor_prints_reach_the_report(paths, words):
    for form in ("html", "md"):
        text = paths[form].read_text(encoding="utf-8")
        assert "printed noise" not in text
        assert "import pandas" not in text
    assert "printed noise" not in words
    assert "Title in the notebook" not in words


def _tags(pdf):
    found, seen = [], set()
    waiting = [pdf.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(node)
        elif isinstance(node, pikepdf.Dictionary) and node.objgen not in seen:
            seen.update({node.objgen} - {(0, 0)})
            found.append(node)
            waiting.extend([node.K] if "/K" in node else [])
    return [node for node in found if "/S" in node]


def test_the_pdf_is_tagged_titled_and_archival(paths):
    with pikepdf.open(paths["pdf"]) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/Outlines" in pdf.Root
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["dc:title"] == METADATA.title
            assert metadata["xmp:CreateDate"].startswith("2026-04-29T00:00:00")
        tags = _tags(pdf)
        figures, formulas = (
            [str(tag.Alt) for tag in tags if kind == tag.S] for kind in ("/Figure", "/Formula")
        )
        described = {f"Bars: brand above generic {HOSTILE}", "Five falling lines."}
        assert set(figures) - described == described - set(figures) == set()
        assert len(formulas) == 3
        assert "\\mathbf{s}_t" in formulas
        heads = [tag for tag in tags if tag.S == "/TH"]
        assert len(heads) >= 4 + 2 + 2
        assert all("/Scope" in repr(tag.A) for tag in heads)


def test_the_readable_text_holds_the_tables(paths):
    text = paths["md"].read_text(encoding="utf-8")
    assert "**Table 2.** Costs" in text
    assert "| Group 11 | \\$12,000 |" in text
