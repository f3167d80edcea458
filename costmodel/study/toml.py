"""Reads study.toml into its typed form; every fault names its key and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from costmodel.checks import did_you_mean
from costmodel.errors import Faults
from costmodel.study.schema import DataBinding, PriceBinding, StudySpec

if TYPE_CHECKING:
    from pydantic import BaseModel

FILE = "study.toml"
Spec = TypeVar("Spec", bound="BaseModel")


def read_spec(path: Path, faults: Faults) -> StudySpec | None:
    """Read study.toml; note every fault and return None when it cannot be used.

    Unknown keys are faults with the nearest spelling: a misspelt `discouting` would otherwise leave
    the rate at its default without a word.
    """
    content = parse_toml(path, faults)
    if content is None:
        return None
    return validate_spec(content, faults, text=path.read_text("utf-8-sig"))


def parse_toml(path: Path, faults: Faults) -> dict[str, Any] | None:
    """Read a TOML file; note why it cannot be read, and return None then."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        faults.add("must be UTF-8 text", file=path.name, remedy="save the file as UTF-8")
    except tomllib.TOMLDecodeError as problem:
        found = re.search(r"at line (\d+)", str(problem))
        faults.add(
            "must be valid TOML",
            file=path.name,
            row=int(found[1]) if found else None,
            found=problem,
            remedy='put text between quotation marks: key = "text"; a table starts with [name]',
        )
    return None


def validate_spec(content: Mapping[str, Any], faults: Faults, *, text: str = "") -> StudySpec | None:
    """Check the content of study.toml against the schema."""
    return validate(StudySpec, content, faults, text=text)


def validate(
    schema: type[Spec], content: Mapping[str, Any], faults: Faults, *, text: str = "", file: str = FILE
) -> Spec | None:
    """Check the content of a TOML file against a schema; note every fault with its key and line."""
    from pydantic import ValidationError

    try:
        return schema.model_validate(content)
    except ValidationError as problem:
        for error in problem.errors(include_url=False):
            _note(error, faults, text, schema, file)
    return None


def _note(error: Mapping[str, Any], faults: Faults, text: str, schema: type[BaseModel], file: str) -> None:
    path = [part for part in error["loc"] if not _is_branch(part)]
    if error["type"] == "extra_forbidden":
        rule = f"is not a key of {'the study format' if file == FILE else file}"
        remedy = did_you_mean(str(path[-1]), _keys(path, schema))
        found: object = path[-1]
    else:
        rule = _sentence(error)
        remedy = _described(path, schema)
        found = "" if error["type"] == "missing" else repr(error.get("input"))
    key = ".".join(str(part) for part in path)
    if any(item.column == key and item.file == file for item in faults):
        return
    faults.add(rule, file=file, row=line_of(text, path), column=key, found=found, remedy=remedy)


def _is_branch(part: object) -> bool:
    """Tell whether a part of a location is pydantic's name for a member of a union, not a key."""
    return isinstance(part, str) and (part in {"str", "float", "[key]"} or "[" in part)


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "missing":
        return "key is missing"
    message = str(error["msg"]).replace("Input should be", "must be").replace("String should", "must")
    return message[0].lower() + message[1:]


def _section(path: list[Any], schema: type[BaseModel]) -> Any:
    """Return the schema class of the section that holds the last key of ``path``."""
    kind: Any = schema
    for part in path[:-1]:
        if isinstance(part, int) or not hasattr(kind, "model_fields"):
            continue
        declared = kind.model_fields.get(part)
        if declared is None:
            continue
        kind = _inner(declared.annotation)
    return kind


def _inner(annotation: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    for candidate in (annotation, *arguments[::-1]):
        if hasattr(candidate, "model_fields"):
            return candidate
    return annotation


def _keys(path: list[Any], schema: type[BaseModel]) -> list[str]:
    fields = getattr(_section(path, schema), "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _described(path: list[Any], schema: type[BaseModel]) -> str:
    key = path[-1] if path else ""
    for name, field in getattr(_section(path, schema), "model_fields", {}).items():
        if key == (field.alias or name):
            return field.description or ""
    return ""


def line_of(text: str, path: list[Any]) -> int | None:
    r"""Return the line of study.toml on which a key stands, as well as it can be told.

    Examples
    --------
    >>> line_of("title = 1\n[time]\nhorizon = 2\n", ["time", "horizon"])
    3
    """
    if not path:
        return None
    key = str(path[-1])
    numbers = [part for part in path[:-1] if isinstance(part, int)]
    parents = [str(part) for part in path[:-1] if not isinstance(part, int)]
    header, seen = "", -1
    heading: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if found:
            seen = seen + 1 if found[1] == header else 0
            header = found[1]
            if header == ".".join([*parents, key]):
                return number
            if header == ".".join(parents) and (not numbers or seen == numbers[-1]):
                heading = number
        inside = not numbers or seen == numbers[-1]
        if inside and header == ".".join(parents) and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number
        if header == ".".join(parents[:-1]) and parents:
            inline = rf"\s*{re.escape(parents[-1])}\s*=.*\b{re.escape(key)}\b"
            if re.match(inline, line):
                return number
    return heading


def filters(binding: PriceBinding | DataBinding) -> dict[str, Any]:
    """Return the keys of a binding that are filters on the table's columns."""
    return dict(binding.model_extra or {})
