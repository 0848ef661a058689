"""`hctap-etl lake`: the buckets."""

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Make the buckets of the lake.", no_args_is_help=True)


@app.command()
def prepare(context: typer.Context) -> None:
    """Make the buckets that are missing, versioned, encrypted and closed to the public; safe to give twice."""
    program: Program = context.obj
    lake = program.open_lake()
    program.out.print(f"The buckets {lake.raw.name} and {lake.enriched.name} are ready.", highlight=False)
