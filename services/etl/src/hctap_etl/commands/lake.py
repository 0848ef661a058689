"""`hctap-etl lake`: the buckets."""

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Make the buckets of the lake, and sweep them.", no_args_is_help=True)


@app.command()
def prepare(context: typer.Context) -> None:
    """Make the buckets that are missing, versioned, encrypted and closed to the public; safe to give twice."""
    program: Program = context.obj
    lake = program.open_lake()
    program.out.print(f"The buckets {lake.raw.name} and {lake.enriched.name} are ready.", highlight=False)


@app.command()
def sweep(context: typer.Context) -> None:
    """Delete what crashes left behind: parts of runs that are over, which no run's ledger names."""
    from hctap_etl.sweeping import sweep as sweep_bucket

    program: Program = context.obj
    with program.open_database() as database:
        swept = sweep_bucket(program.open_lake().enriched, database)
    program.out.print(f"{swept.objects:,} orphans deleted, {swept.bytes:,} bytes.", highlight=False)
