"""The command line. Errors come without tracebacks; --debug shows them."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.errors import CostModelError, DataError

if TYPE_CHECKING:
    import pandas as pd

EXIT_FAULT = 1
EXIT_INTERNAL = 3
EXIT_INTERRUPTED = 130

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="What a generic and a brand-name medicine cost, for whom, and with what consequences.",
)
data_app = typer.Typer(no_args_is_help=True, help="The bundled tables: list and check them.")
app.add_typer(data_app, name="data")

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="A study folder, or a bundled study such as clonazepam-us.")
]
ScenarioOption = Annotated[str | None, typer.Option("--scenario", help="A scenario of the study.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    pdf = "pdf"
    md = "md"


@app.command()
def run(
    study: StudyArgument,
    *,
    scenario: ScenarioOption = None,
    json: JsonOption = False,
    draws: Annotated[int, typer.Option(min=1, help="1 is the base case; more are random draws.")] = 1,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the draws; the study's own if left out.")
    ] = None,
) -> None:
    """Evaluate a study and print costs, effects and increments per person."""
    from costmodel.study import read_study, to_json

    opened = read_study(study)
    outcomes = opened.run(scenario, n=draws, seed=seed)
    if json:
        typer.echo(to_json(outcomes))
    else:
        from costmodel.study.show import conventions, show_outcomes

        show_outcomes(outcomes, said=conventions(opened.model(scenario)))


@app.command()
def verify(
    study: StudyArgument,
    *,
    json: JsonOption = False,
    draws: Annotated[int, typer.Option(min=2, help="Draws of the uncertain parameters.")] = 256,
) -> None:
    """Run the field's model-verification tests; exit code 1 when one fails."""
    from costmodel.study import read_study
    from costmodel.study import verify as verify_study
    from costmodel.study.show import show_verification, verification_json

    found = verify_study(read_study(study), n=draws)
    if json:
        typer.echo(verification_json(found))
    else:
        show_verification(found)
    if not found.ok:
        raise typer.Exit(EXIT_FAULT)


@app.command()
def report(
    study: StudyArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the report; build/STUDY if left out.")
    ] = None,
    scenario: ScenarioOption = None,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", "-f", help="html, pdf or md; html and pdf if left out.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Run a study's report and write it as HTML and PDF."""
    from costmodel.report import build_report

    wanted = [item.value for item in formats or (Format.html, Format.pdf)]
    built = build_report(study, out_dir=out, scenario=scenario, formats=wanted, progress=not quiet)
    for path in built.paths:
        typer.echo(str(path))
    for sentence in built.headlines:
        typer.echo(f"* {sentence}")


@app.command()
def trace(
    study: StudyArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A parameter, formula or measure.")],
    *,
    strategy: Annotated[str | None, typer.Option(help="The strategy under which to trace.")] = None,
    scenario: ScenarioOption = None,
) -> None:
    """Print where a number comes from: its formula, its inputs and their sources."""
    from costmodel.study import read_study
    from costmodel.study import trace as trace_name

    tree = trace_name(read_study(study), name, strategy=strategy, scenario=scenario)
    typer.echo("\n".join(tree.lines()))


@data_app.command("list")
def data_list(*, json: JsonOption = False) -> None:
    """List the bundled tables with their dates and flagged rows; --json adds the licences."""
    from costmodel.datasets import list_datasets

    frame = list_datasets()
    if json:
        typer.echo(frame.to_json(orient="records", indent=2))
    else:
        _print_frame(frame.drop(columns="licence"))


@data_app.command("check")
def data_check() -> None:
    """Check the bundled tables: schema, hashes, units, ranges, flagged rows."""
    from costmodel.datasets import check_datasets

    checked = check_datasets()
    _print_frame(checked.tables)
    if not checked.ok:
        raise DataError("the bundled tables have faults", checked.items)
    typer.echo(f"{len(checked.tables)} tables, no faults")


def _print_frame(frame: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for name, dtype in frame.dtypes.items():
        table.add_column(escape(str(name)), justify="right" if dtype.kind in "iuf" else "left")
    for row in frame.to_dict("records"):
        table.add_row(*(escape(str(cell)) for cell in row.values()))
    Console().print(table)


@app.callback(invoke_without_command=True)
def _root(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        import costmodel

        typer.echo(costmodel.__version__)
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    Exit codes: 0 done; 1 a fault in an input or a result; 2 the call itself is off; 3 a fault of costmodel
    itself; 130 interrupted.
    ``--debug`` may stand anywhere and shows tracebacks.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [item for item in given if item != "--debug"]
    try:
        app(args=given, prog_name="costmodel")
    except CostModelError as problem:
        if debug:
            raise
        typer.echo(f"costmodel: {problem}", err=True)
        sys.exit(EXIT_FAULT)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    except Exception as problem:
        if debug:
            raise
        what = f"{type(problem).__name__}: {problem}"
        typer.echo(f"costmodel: a fault of costmodel itself ({what}); --debug shows where", err=True)
        sys.exit(EXIT_INTERNAL)
