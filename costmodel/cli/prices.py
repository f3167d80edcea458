"""Commands on prices: brand against generic, country by country."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import JsonOption

prices_app = typer.Typer(no_args_is_help=True, help="Prices: brand against generic.")


@prices_app.callback()
def _prices() -> None:
    """Prices: brand against generic."""


@prices_app.command("compare")
def compare(
    *,
    molecule: Annotated[str, typer.Option(help="The active substance, such as clonazepam.")],
    country: Annotated[
        str | None, typer.Option(help="ISO code of a country, such as USA; every country if left out.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare brand with generic prices within every list; ratios may be set side by side, prices not."""
    from costmodel.prices.countries import compare_within_countries

    found = compare_within_countries(molecule, country=country.upper() if country else None)
    if json:
        typer.echo(found.to_json(orient="records", indent=2, date_format="iso", double_precision=15))
        return
    from costmodel.cli.frames import print_frame
    from costmodel.prices.countries import for_reading

    shown = for_reading(found)
    same = [name for name in shown.columns if len(shown) > 1 and shown[name].nunique() == 1]
    if same:
        typer.echo("; ".join(f"{name}: {shown[name].iloc[0]}" for name in same))
    print_frame(shown.drop(columns=same))
    typer.echo("Prices are per unit, each on its list's own price type: compare ratios, not levels.")
    for doubt in sorted({part for text in found["doubt"] for part in text.split(" | ") if part}):
        typer.echo(f"* {doubt}")
