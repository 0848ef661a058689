"""`hctap-etl lineage`: where an entity comes from."""

from typing import Annotated

import typer

from hctap_etl.program import Program


def show_lineage(
    context: typer.Context,
    entity: Annotated[
        str | None,
        typer.Argument(metavar="[RUN_ID/NOTE_ID/NUMBER]", help="The entity, in one word.", show_default=False),
    ] = None,
    *,
    run: Annotated[
        str, typer.Option("--run", metavar="RUN_ID", help="The run; without it the one finished last.")
    ] = "latest",
    note: Annotated[str | None, typer.Option("--note", metavar="NOTE_ID", help="The note.")] = None,
    number: Annotated[int, typer.Option("--entity", min=0, help="The entity's place in its note, from 0.")] = 0,
) -> None:
    """Follow an entity back: to its note, the version of the object it was read from, its import, and its run.

    Each step is checked against what stands in the stores now; if one does not hold, the exit code is 1.
    """
    from hctap_cli.exits import Exit
    from hctap_etl.lineage.tracing import trace
    from hctap_etl.summaries.trails import show_trail

    if entity is not None:
        run, note, number = _parse(entity)
    if note is None:
        raise typer.BadParameter("Say which note: RUN_ID/NOTE_ID/NUMBER, or --note.")
    program: Program = context.obj
    with program.open_database() as database:
        steps = trace(program.open_lake(), database, run, note, number)
    show_trail(program.out, steps)
    if any(step.is_true is False for step in steps):
        raise typer.Exit(Exit.UNEXPECTED)


def _parse(entity: str) -> tuple[str, str, int]:
    # Neither a run's nor a note's id has a slash.
    parts = entity.split("/")
    if len(parts) != len(("run", "note", "number")) or not parts[2].isdecimal():
        raise typer.BadParameter("An entity is named RUN_ID/NOTE_ID/NUMBER.")
    return parts[0], parts[1], int(parts[2])
