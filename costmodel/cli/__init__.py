"""The command line. Errors come without tracebacks; --debug shows them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from costmodel.cli import study
from costmodel.cli.data import data_app
from costmodel.cli.options import EXIT_FAULT, EXIT_INTERNAL, EXIT_INTERRUPTED
from costmodel.cli.prices import prices_app
from costmodel.errors import CostModelError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="What a generic and a brand-name medicine cost, for whom, and with what consequences.",
)
study.register(app)
app.add_typer(prices_app, name="prices")
app.add_typer(data_app, name="data")


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
