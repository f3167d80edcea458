"""Commands on the bundled tables, official files and the local store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from costmodel.cli.frames import print_frame
from costmodel.cli.options import JsonOption
from costmodel.errors import DataError

data_app = typer.Typer(no_args_is_help=True, help="Bundled tables, official files, and the local store.")

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Folder of the store; COSTMODEL_STORE if left out.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
TableOption = Annotated[str | None, typer.Option("--as", help="Id of the table, such as us/nadac.")]
SetAsideOption = Annotated[
    bool, typer.Option("--set-aside", help="Keep rows with faults apart instead of refusing the file.")
]


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


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An official file, such as us/nadac.")],
    *,
    release: Annotated[str | None, typer.Option(help="Which release: a year or a date.")] = None,
    url: Annotated[str | None, typer.Option(help="An https address instead of the catalogue's.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where to put the file.")] = None,
    sha256: Annotated[str | None, typer.Option(help="What the download must have.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Add it to the store.")] = False,
    store: StoreOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch an official file from its publisher; a transfer that stops is resumed by the next call."""
    from costmodel.prices import fetch

    got = fetch(name, release=release, url=url, folder=folder, sha256=sha256, progress=not quiet)
    typer.echo(
        f"{got.path}: {got.bytes:,} bytes, {'fetched' if got.new else 'unchanged'}, sha256 {got.sha256}"
    )
    if add:
        data_add(got.path, table=name, store=store, quiet=quiet)


@data_app.command("add")
def data_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An official file of any size.")],
    *,
    table: TableOption = None,
    store: StoreOption = None,
    set_aside: SetAsideOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read an official file into the local store; the same file twice changes nothing."""
    from costmodel.prices import add_file
    from costmodel.prices.store.importing import OnFault

    on_fault: OnFault = "set_aside" if set_aside else "refuse"
    added = add_file(file, dataset=table, store=store, on_fault=on_fault, progress=not quiet)
    typer.echo(str(added))
    for fault in added.items:
        typer.echo(f"  {fault}")


@data_app.command("store")
def data_store(*, store: StoreOption = None, json: JsonOption = False) -> None:
    """List what is in the local store."""
    from costmodel.prices import stored
    from costmodel.prices.store import store_folder

    frame = stored(store)
    if json:
        typer.echo(frame.to_json(orient="records", indent=2))
        return
    shown = ["dataset", "file", "rows", "repeated", "unparsed", "rejected", "first", "last", "sha256"]
    print_frame(frame[shown].assign(sha256=frame["sha256"].str[:12]))
    typer.echo(f"{len(frame)} files in {store_folder(store)}")


@data_app.command("remove")
def data_remove(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table of the store, such as us/nadac.")],
    *,
    file: Annotated[str | None, typer.Option(help="One file: its name or the start of its sha256.")] = None,
    store: StoreOption = None,
) -> None:
    """Take a table, or one of its files, out of the local store."""
    from costmodel.prices import remove_stored

    for name in remove_stored(table, file=file, store=store):
        typer.echo(f"{table}: {name} removed")
