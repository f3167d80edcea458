"""Arguments, options and exit codes that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

EXIT_FAULT = 1
EXIT_INTERNAL = 3
EXIT_INTERRUPTED = 130

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="A study folder, or a bundled study such as clonazepam-us.")
]
ScenarioOption = Annotated[str | None, typer.Option("--scenario", help="A scenario of the study.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
