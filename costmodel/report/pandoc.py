"""Markdown to HTML or Typst by pandoc; what goes wrong is told in the words of the notebook's author."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.report.sources import bibliography_keys, prepare

TEMPLATES = Path(__file__).parent / "templates"

Target = Literal["html", "typst"]

_MARKDOWN = (
    "markdown"
    # What Jupyter's Markdown knows and pandoc's does not, and the other way round.
    "+lists_without_preceding_blankline-blank_before_header-blank_before_blockquote"
    "-fancy_lists-example_lists-subscript-superscript-implicit_figures"
    # Text must not reach HTML or Typst unescaped, nor change the document's settings.
    "-raw_html-raw_tex-raw_attribute-markdown_in_html_blocks-native_divs-native_spans-latex_macros"
    "-yaml_metadata_block-pandoc_title_block"
)

_OPTIONS: dict[Target, tuple[str, ...]] = {
    "html": ("--standalone", "--toc", "--toc-depth=3", "--mathml", "--section-divs"),
    "typst": (),
}

_WRITERS: dict[Target, str] = {"html": "html5", "typst": "typst"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A document for pandoc: Markdown, the records that stand in it, and its metadata.

    Attributes
    ----------
    markdown : str
        Text with a named block where each record stands.
    records : mapping of str to str
        Each record by its id, as source of the target language.
    labels : mapping of str to str
        ``{"fig-price": "Figure 1"}``.
    metadata : mapping
        Fields of the template, as Markdown.
    bibliography : Path or None
        BibTeX, or CSL as JSON or YAML.
    """

    markdown: str
    records: Mapping[str, str]
    labels: Mapping[str, str]
    metadata: Mapping[str, Any]
    bibliography: Path | None


def convert(source: Source, target: Target, folder: Path) -> str:
    """Return the document in the target language.

    Parameters
    ----------
    source : Source
    target : {"html", "typst"}
        A whole HTML page, or the body of a Typst document.
    folder : Path
        A temporary folder for what passes between this function and pandoc's filter.

    Raises
    ------
    CostModelError
        Names every citation, cross reference, link and image that cannot be set, or the formula or the
        construct that pandoc cannot convert.
    """
    import pypandoc

    context = {"records": dict(source.records), "labels": dict(source.labels)}
    (folder / "context.json").write_text(json.dumps(context), encoding="utf-8")
    (folder / "metadata.json").write_text(json.dumps(dict(source.metadata)), encoding="utf-8")
    problems = folder / "problems.json"
    problems.unlink(missing_ok=True)
    try:
        text: str = pypandoc.convert_text(
            source.markdown,
            _WRITERS[target],
            format=_MARKDOWN,
            extra_args=_arguments(source, target, folder),
            cworkdir=str(folder),
            verify_format=False,
        )
    except RuntimeError as error:
        if problems.is_file():
            found = json.loads(problems.read_text(encoding="utf-8"))
            raise CostModelError(_explain(found, source)) from None
        raise CostModelError(f"the report's text cannot be set: {_shortened(str(error), folder)}") from error
    return text


def _arguments(source: Source, target: Target, folder: Path) -> list[str]:
    arguments = [
        "--metadata-file=metadata.json",
        f"--lua-filter={TEMPLATES / 'filter.lua'}",
        "--citeproc",
        f"--csl={TEMPLATES / 'vancouver.csl'}",
        "--metadata=link-citations:true",
        "--fail-if-warnings",
        "--wrap=preserve",
        *_OPTIONS[target],
    ]
    if target == "html":
        arguments.append(f"--template={TEMPLATES / 'report.html'}")
    if source.bibliography is not None:
        arguments.append(f"--bibliography={prepare(source.bibliography, folder)}")
    return arguments


def _explain(problems: list[dict[str, str]], source: Source) -> str:
    lines = [_sentence(problem["kind"], problem["name"], source) for problem in problems]
    return "the report's text cannot be set:\n" + "\n".join(f"  {line}" for line in dict.fromkeys(lines))


def _sentence(kind: str, name: str, source: Source) -> str:
    if kind == "reference":
        return f"cross reference @{name}: there is no such figure, table or section; " + did_you_mean(
            name, list(source.labels)
        )
    if kind == "source":
        if source.bibliography is None:
            return f"citation @{name}: no bibliography was given; give a file of references"
        remedy = did_you_mean(name, bibliography_keys(source.bibliography))
        return f"citation @{name}: not in {source.bibliography.name}; {remedy}"
    sentences = {
        "mixed": f"{name} mixes cross references and citations; write them in brackets of their own",
        "heading": f"heading '{name}' is of the first level, which is the title; write ## for a section",
        "image": f"image {name} stands in the text; show_figure gives it a number and a description",
        "link": f"link #{name} leads nowhere in this report",
        "address": f"link {name} leads to a file beside the report; give an address with https://",
    }
    return sentences[kind]


def _shortened(message: str, folder: Path) -> str:
    """Return what pandoc said, without the frame around it and the name of the temporary folder."""
    found = re.search(r"during conversion: (.*)", message, flags=re.DOTALL)
    text = (found[1] if found else message).replace("Failing because there were warnings.", "")
    return " ".join(text.replace(f"{folder}/", "").split())[:600]
