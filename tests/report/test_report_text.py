"""Text from data appears literally, in whichever language it is put."""

import json
import random
import re
import unicodedata

import pypandoc
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.report.pandoc import _MARKDOWN
from costmodel.report.text import clean, escape_html, escape_markdown, fence, typst_string

HOSTILE = [
    "# heading",
    "1. list",
    "1986) list",
    "(1) list",
    "- item",
    "+ item",
    "* item",
    "> quote",
    "    code",
    "~~~",
    "```",
    "$5 and $6",
    "a $x$ b",
    "@key and [@key]",
    "[^note]",
    "![a](b.png)",
    "[a](http://x.test)",
    "<b>x</b>",
    "<!-- c -->",
    "::: {.keyresults}",
    "| a | b |",
    "a | b",
    "Table: caption",
    ": caption",
    "term\n: definition",
    "a_b_c __d__ _e_",
    "*a* **b**",
    "`code`",
    "H~2~O",
    "x^2^",
    "~~gone~~",
    "\"quoted\" 'single' it's",
    "a -- b --- c",
    "wait...",
    "...",
    "Mr. Smith et al. 2006, p. 3",
    "&amp; &lt; &#65;",
    "\\newcommand{\\x}{y} \\x",
    "a\\",
    "\\",
    "{=html}",
    "===",
    "---",
    "% title",
    "2026-04-29",
    "-5",
    "0.031",
    "12:30",
    "https://x.test/a_b?c=d&e=f#g",
    "mail a@b.test",
    "{#id .class}",
    "\ue000nadac\ue001",
    "#set text(red)",
    '#read("/etc/passwd")',
    "<script>alert(1)</script>",
    "日本語 αβγ ẞ",
    "é",
]

ALPHABET = "\\`*_{}[]()#+-.!|<>$@^~&\"'=:;,%/? \nab1éα"


def _fuzz(count):
    chooser = random.Random(20260429)
    texts = ("".join(chooser.choices(ALPHABET, k=chooser.randint(1, 14))) for _ in range(count))
    return [text for text in texts if clean(text)]


def _plain(inlines):
    """The text of pandoc's inlines when there is nothing but text; anything else is named."""
    words = {"Space": " ", "SoftBreak": "\n"}
    return "".join(
        item["c"] if item["t"] == "Str" else words.get(item["t"], f"⟦{item['t']}⟧") for item in inlines
    )


def test_escaped_markdown_is_read_as_the_very_text():
    texts = HOSTILE + _fuzz(1500)
    source = "\n\n".join(escape_markdown(text) for text in texts)
    document = json.loads(pypandoc.convert_text(source, "json", format=_MARKDOWN))
    read = [_plain(block["c"]) if block["t"] == "Para" else block["t"] for block in document["blocks"]]
    assert read == [clean(text) for text in texts]


def test_escaped_markdown_stays_inside_a_cell_and_a_heading():
    texts = HOSTILE + _fuzz(300)
    rows = "\n".join(f"| {escape_markdown(text)} | x |" for text in texts)
    source = f"| a | b |\n|---|---|\n{rows}\n"
    document = json.loads(pypandoc.convert_text(source, "json", format=_MARKDOWN))
    (table,) = document["blocks"]
    body = table["c"][4][0][3]
    read = ["".join(_plain(block["c"]) for block in row[1][0][4]) for row in body]
    assert read == [clean(text) for text in texts]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=20, max_size=60))
def test_a_typst_literal_means_the_very_text(texts):
    source = f"#metadata(({', '.join(map(typst_string, texts))},)) <it>"
    read = json.loads(typst.query(source.encode(), "<it>", field="value", one=True))
    assert read == [clean(text) for text in texts]


@given(st.text())
def test_cleaned_text_is_one_line_that_any_document_may_hold(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not {unicodedata.category(mark) for mark in cleaned} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned


@given(st.text(alphabet="<>&\"'ab "))
def test_escaped_html_holds_no_markup(text):
    assert not re.search("[<>\"']|&(?!(amp|lt|gt|quot|#x27);)", escape_html(text))


def test_cleaning_keeps_what_people_write():
    kept = "Zażółć gęślą jaźń, ß → ≥ 30 € (α = 5%) 日本語 عربي"
    assert clean(kept) == kept


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\u202e", "\ud800", "\ue000", "\uffff", "\U0010ffff"])
def test_an_unprintable_character_is_shown_as_replaced(bad):
    assert clean(f"a{bad}b") == "a\N{REPLACEMENT CHARACTER}b"


@given(st.text(alphabet="`a\n"))
def test_a_fence_is_closed_by_its_own_end_only(body):
    first, *inner, last = fence("text", body).split("\n")
    assert first == last + "text"
    assert not any(line.startswith(last) for line in inner)
