"""Commands on one study: new, run, verify, report, trace."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from costmodel.cli.options import EXIT_FAULT, JsonOption, ScenarioOption, StudyArgument


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    pdf = "pdf"
    md = "md"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (new, run, verify, report, trace):
        app.command()(command)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the study and of its folder.")],
    *,
    directory: Annotated[
        Path, typer.Option("--directory", "-d", help="Folder in which the study's folder is made.")
    ] = Path(),
) -> None:
    """Make a new study to edit, from a template of hypothetical numbers that runs as it stands."""
    from costmodel.cli.template import new_study

    folder = new_study(name, directory)
    typer.echo(f"{folder}: a study of hypothetical numbers, ready to edit. Next:")
    shown = shlex.quote(str(folder))
    edit = "tables/prices.csv, parameters.csv, segments.csv, study.toml, references.bib"
    typer.echo(f"  1. edit {edit}")
    typer.echo(f"  2. costmodel run {shown}")
    typer.echo(f"  3. costmodel verify {shown}")
    typer.echo(f"  4. costmodel report {shown}")


def run(
    study: StudyArgument,
    *,
    scenario: ScenarioOption = None,
    json: JsonOption = False,
    draws: Annotated[int, typer.Option(min=1, help="1 is the base case; more are random draws.")] = 1,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the draws; the study's own if left out.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Evaluate a study and print costs, effects and increments per person."""
    from costmodel.study import read_study, to_json

    opened = read_study(study)
    outcomes = opened.run(scenario, n=draws, seed=seed, progress=False if quiet else None)
    if json:
        typer.echo(to_json(outcomes))
    else:
        from costmodel.study.show import conventions, show_outcomes

        show_outcomes(outcomes, said=conventions(opened.model(scenario)))


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
