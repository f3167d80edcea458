"""Commands on the bundled tables."""

from __future__ import annotations

import typer

from costmodel.cli.frames import print_frame
from costmodel.cli.options import JsonOption
from costmodel.errors import DataError

data_app = typer.Typer(no_args_is_help=True, help="The bundled tables: list and check them.")


@data_app.command("list")
def data_list(*, json: JsonOption = False) -> None:
    """List the bundled tables with their dates and flagged rows; --json adds the licences."""
    from costmodel.datasets import list_datasets

    frame = list_datasets()
    if json:
        typer.echo(frame.to_json(orient="records", indent=2))
    else:
        print_frame(frame.drop(columns="licence"))


@data_app.command("check")
def data_check() -> None:
    """Check the bundled tables: schema, hashes, units, ranges, flagged rows."""
    from costmodel.datasets import check_datasets

    checked = check_datasets()
    print_frame(checked.tables)
    if not checked.ok:
        raise DataError("the bundled tables have faults", checked.items)
    typer.echo(f"{len(checked.tables)} tables, no faults")
