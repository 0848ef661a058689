"""`hctap-etl lake`: the buckets, and what they hold against what the database remembers."""

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Make the buckets of the lake, sweep them, and see that nothing is lost.", no_args_is_help=True)


@app.command()
def prepare(context: typer.Context) -> None:
    """Make the buckets that are missing, and configure them as described; safe to give twice."""
    program: Program = context.obj
    lake = program.open_lake()
    program.out.print(f"The buckets {lake.raw.name} and {lake.enriched.name} are ready.", highlight=False)


@app.command()
def sweep(context: typer.Context) -> None:
    """Delete what crashes left behind: parts and data products of runs that are over, which nothing names.

    What a ledger or a manifest names stays, and so does what belongs to runs that are queued or running.
    """
    from hctap_etl.sweeping import sweep as sweep_bucket

    program: Program = context.obj
    with program.open_database() as database:
        swept = sweep_bucket(program.open_lake(), database)
    program.out.print(f"{swept.objects:,} orphans deleted, {swept.bytes:,} bytes.", highlight=False)
    if swept.busy:
        program.out.print(
            f"{swept.busy:,} runs were let be: somebody works on them. Sweep again later.", highlight=False
        )


@app.command()
def check(context: typer.Context) -> None:
    """Compare the lake with what the database knows of it; exit code 3 if something is missing."""
    from hctap_cli.exits import Exit
    from hctap_etl.restoring import compare
    from hctap_etl.summaries.lake import show_check

    program: Program = context.obj
    with program.open_database() as database:
        found = compare(program.open_lake(), database)
    show_check(program.out, found)
    if found.missing:
        raise typer.Exit(Exit.PARTIAL)


@app.command()
def restore(context: typer.Context) -> None:
    """Write back what an emulator has forgotten and the database remembers; names what is gone."""
    from hctap_etl.restoring import restore as restore_lake
    from hctap_etl.summaries.lake import show_restored

    program: Program = context.obj
    with program.open_database() as database:
        found = restore_lake(program.open_lake(), database, program.meter)
    show_restored(program.out, found)


@app.command()
def reapply_deletions(context: typer.Context) -> None:
    """Delete again what lake or database know as deleted, after one of them came out of a backup."""
    from hctap_cli.exits import Exit
    from hctap_etl.reapplying import reapply
    from hctap_etl.summaries.lake import show_reapplied

    program: Program = context.obj
    with program.open_database() as database:
        made = reapply(program.open_lake(), database, program.meter, program.drift_threshold)
    show_reapplied(program.out, made)
    if made.busy:
        raise typer.Exit(Exit.PARTIAL)
