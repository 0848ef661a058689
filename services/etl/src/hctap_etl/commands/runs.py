"""`hctap-etl runs`: what the runs did and found."""

from typing import Annotated

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Look at the runs, and export what they found.", no_args_is_help=True)

RunId = Annotated[str, typer.Argument(metavar="RUN_ID", help="The id of the run; `latest` is the one finished last.")]


@app.command("list")
def list_runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many runs are shown, the newest first.")] = 20,
) -> None:
    """List the runs, the newest first."""
    from hctap_etl.summaries.runs import show_runs
    from hctap_stores.database import runs

    program: Program = context.obj
    with program.open_database() as database:
        show_runs(program.out, runs.list_runs(database, limit))


@app.command()
def show(context: typer.Context, run_id: RunId) -> None:
    """Show what a run did, how fast, what it found, and what is in quarantine."""
    from hctap_etl.summaries.runs import show_run
    from hctap_stores.database import runs

    program: Program = context.obj
    with program.open_database() as database:
        show_run(program.out, database, runs.find_run(database, run_id))


@app.command()
def freshness(
    context: typer.Context,
    minutes: Annotated[
        float | None,
        typer.Option(min=0, help="How old the newest success may be; HCTAP_FRESHNESS_MINUTES without it, else 120."),
    ] = None,
) -> None:
    """Say how old the newest successful run is; exit code 3 if it is too old, or there is none."""
    from datetime import timedelta

    from hctap_cli.exits import Exit
    from hctap_etl.summaries.coverage import say_freshness
    from hctap_stores.database import runs

    program: Program = context.obj
    limit = program.freshness if minutes is None else timedelta(minutes=minutes)
    with program.open_database() as database:
        age = runs.age_of_newest_success(database)
    say_freshness(program.out, age, limit)
    if age is None or age > limit:
        raise typer.Exit(Exit.PARTIAL)


@app.command()
def export(context: typer.Context, run_id: RunId) -> None:
    """Write the entities of a run as JSON Lines, by note id and position: the records of its parts in the lake."""
    from hctap_cli.lines import render_lines
    from hctap_stores.database import runs
    from hctap_stores.database.export import read_entities

    program: Program = context.obj
    with program.open_database() as database:
        stored = runs.find_run(database, run_id)
        stream = typer.get_binary_stream("stdout")
        for record in read_entities(database, stored.run_no, stored.run.run_id):
            stream.write(render_lines([record]))


@app.command()
def cancel(context: typer.Context, run_id: RunId) -> None:
    """Cancel a run that is not finished: its jobs leave the queue, and no shard is committed any more."""
    from hctap_cli.exits import Exit
    from hctap_core.runs import RunStatus
    from hctap_etl.lineage.events import run_aborted
    from hctap_stores.database import queue, runs
    from hctap_stores.lake.lake import Lake

    program: Program = context.obj
    with program.open_database() as database:
        stored = queue.cancel_run(database, runs.find_run(database, run_id).run.run_id)
    is_cancelled = stored.run.status is RunStatus.CANCELLED
    if is_cancelled:
        program.open_lineage(Lake(program.lake_address)).tell(run_aborted(stored.run))
    said = "is cancelled" if is_cancelled else f"is {stored.run.status.value}: there is nothing to cancel"
    program.out.print(f"Run {stored.run.run_id} {said}.", highlight=False)
    if not is_cancelled:
        raise typer.Exit(Exit.CONFLICT)


@app.command()
def quarantine(context: typer.Context, run_id: RunId) -> None:
    """Write the notes in quarantine as JSON Lines: the object's key, the note's id, the reason and the remedy."""
    import json

    from hctap_core.reasons import REASON_HELP, QuarantineReason
    from hctap_stores.database import runs
    from hctap_stores.lake.keys import quarantine_key

    program: Program = context.obj
    with program.open_database() as database:
        stored = runs.find_run(database, run_id)
        for item in runs.list_quarantine(database, stored.run_no):
            record = {
                "key": item.object_key,
                "note_id": item.note_id,
                "reason": item.reason,
                "detail": item.detail,
                "remedy": REASON_HELP[QuarantineReason(item.reason)],
                "quarantine": quarantine_key(stored.run.run_id, item.object_key),
            }
            typer.echo(json.dumps(record, ensure_ascii=False, sort_keys=True))
