"""The references of format, formulas, tables and tests, written from the code itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from costmodel.datasets import describe, list_datasets
from costmodel.files import write_atomic
from costmodel.formulas import BUILT_IN, FUNCTIONS
from costmodel.study.schema import StudySpec

_BUILT_IN = {
    "cycle": "number of the cycle boundary, from 0",
    "years": "years since the start",
    "age": "age in years; known when `[time] start_age` is given",
    "years_in_state": "years spent in the present state, as far as its tunnel remembers",
    "cycles_in_state": "the same in cycles",
    "cycle_years": "length of a cycle in years",
}


def study_format() -> str:
    """Return the reference of study.toml as Markdown, one table per section."""
    parts = [
        "# The keys of study.toml",
        "",
        "Written from the schema by `make docs`. Unknown keys are errors that name the nearest spelling.",
        "A *formula* is a number or a text in the [formula language](formula-language.md).",
        "",
        *_section("Root", StudySpec),
    ]
    parts += _sections(StudySpec, "")
    return "\n".join(parts) + "\n"


def _sections(schema: Any, path: str) -> Iterator[str]:
    """Yield a table for each section inside a schema, and for the sections inside those."""
    for name, field in schema.model_fields.items():
        section, many = _inner(field.annotation)
        if section is not None:
            place = f"{path}{name}"
            title = {"": f"`[{place}]`", "list": f"`[[{place}]]`"}.get(many, f"`[{place}.NAME]`")
            yield from _section(title, section)
            yield from _sections(section, f"{place}.")


def _inner(annotation: Any) -> tuple[Any, str]:
    """Return the schema class inside an annotation, and whether it stands in a list or a table."""
    if hasattr(annotation, "model_fields"):
        return annotation, ""
    many = {list: "list", dict: "table"}.get(get_origin(annotation), "")
    for argument in get_args(annotation):
        if hasattr(argument, "model_fields"):
            return argument, many
    return None, ""


def _section(title: str, section: Any) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield " ".join((section.__doc__ or "").split())
    yield ""
    yield "| key | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, field in section.model_fields.items():
        default = "required" if field.is_required() else _default(field)
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{field.alias or name}` | {_type(field.annotation)} | {default} | {meaning} |"
    yield ""


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value in ("", None, {}, []):
        return ""
    return f"`{value}`"


def _type(annotation: Any) -> str:
    if hasattr(annotation, "model_fields"):
        return "table"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return {"str": "text", "int": "whole number", "float": "number", "NoneType": "", "Any": "value"}.get(
            getattr(annotation, "__name__", str(annotation)), str(annotation)
        )
    if str(origin) == "typing.Literal":
        return " or ".join(f"`{value}`" for value in arguments)
    if hasattr(annotation, "__metadata__"):
        return "formula" if "formula" in str(annotation.__metadata__) else _type(arguments[0])
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        inner = _type(arguments[1])
        return "tables by name" if inner == "table" else f"{inner} by name"
    return " or ".join(filter(None, dict.fromkeys(_type(argument) for argument in arguments)))


def formula_language() -> str:
    """Return the reference of the formula language as Markdown."""
    parts = [
        "# The formula language",
        "",
        "Written from the registry of functions by `make docs`.",
        "",
        "Python's expression syntax, and Python's meaning, for every draw, segment and cycle at once:",
        "numbers, names, `+ - * / **`, comparisons (also chained), `and or not`, `a if condition else b`,",
        "and the functions below. Nothing else is understood, and nothing is ever executed. What Python",
        "refuses is refused: dividing by zero, the logarithm of a negative number, a number too large. The",
        "branch that a condition does not choose may divide by zero. Probabilities come from rates by",
        "1 − exp(−r·t), never by the linear shortcut.",
        "",
        "## Built-in names",
        "",
        "| name | meaning |",
        "| --- | --- |",
        *(f"| `{name}` | {_BUILT_IN[name]} |" for name in BUILT_IN),
        "",
        "## Functions",
        "",
        "| function | meaning |",
        "| --- | --- |",
        *(
            f"| `{item.signature}` | {item.summary.replace('|', chr(92) + '|')} |"
            for item in FUNCTIONS.values()
        ),
    ]
    return "\n".join(parts) + "\n"


def bundled_tables() -> str:
    """Return the list of bundled tables, with their dates, licences and stated faults, as Markdown."""
    parts = [
        "# The bundled tables",
        "",
        "Written from the `datapackage.json` files of `data/` by `make docs`. A study binds a parameter to a",
        "table by its id; `costmodel data check` checks them all. Rows with a stated fault carry a `flag`.",
        "",
    ]
    for row in list_datasets().itertuples():
        info = describe(str(row.id))
        parts += [
            f"## `{info.id}`",
            "",
            f"{info.title}. {info.rows} rows, as of {info.as_of or 'several dates'}.",
            "",
        ]
        parts += [f"- Source: {line}" for line in info.source.splitlines()] + [f"- Licence: {info.licence}"]
        parts += [f"- {fault}" for fault in info.known_faults] + [""]
    return "\n".join(parts)


def verification() -> str:
    """Return the list of verification tests as Markdown, one table per group."""
    from costmodel.study.verification import all_tests

    parts = [
        "# The tests of `costmodel verify`",
        "",
        "Written from the registry of tests by `make docs`. `costmodel verify STUDY`, or `cm.verify(study)`,",
        "runs them on any study and prints what was changed, what should happen and what did. A test that a",
        "study gives nothing to run on says why. The tests are those of TECH-VER (Büyükkaramikli and others,",
        "PharmacoEconomics 2019), AdViSHE (Vemer and others, PharmacoEconomics 2016) and the ISPOR-SMDM task",
        "force on validation (Eddy and others, Value in Health 2012) that a program can run. They read names",
        "as the field writes them: `p_ r_ hr_ rr_ or_ c_ u_ du_ e_ price_`. The dead are the states that are",
        "called or labelled dead, death, died or deceased; if none is, those that are never left and earn no",
        "life-years or QALYs.",
        "",
        "A test that passes shows that the model does what it says, not that what it says is right.",
        "",
    ]
    tests = all_tests()
    for group in dict.fromkeys(test.group for test in tests.values()):
        rows = [test for test in tests.values() if test.group == group]
        parts += [f"## {group}", "", "| test | changed | expected |", "| --- | --- | --- |"]
        parts += [f"| {test.title} (`{test.key}`) | {test.changed} | {test.expected} |" for test in rows]
        parts += [""]
    return "\n".join(parts)


def write_docs(folder: Path) -> list[Path]:
    """Write the references into ``folder``."""
    return [
        write_atomic(folder / "study-format.md", study_format()),
        write_atomic(folder / "formula-language.md", formula_language()),
        write_atomic(folder / "data.md", bundled_tables()),
        write_atomic(folder / "verification.md", verification()),
    ]


if __name__ == "__main__":
    for path in write_docs(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
