"""`hctap-etl db`: the schema of the database."""

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Bring the database's schema up to date, or show its version.", no_args_is_help=True)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to the schema that this program needs; safe to give twice, or from two places at once."""
    from hctap_stores.database import revisions

    program: Program = context.obj
    revision = revisions.upgrade(program.require_database_url())
    program.out.print(f"The database is at schema {revision}.", highlight=False)


@app.command()
def current(context: typer.Context) -> None:
    """Show the version of the database's schema and the one that this program needs."""
    from hctap_stores.database import revisions
    from hctap_stores.database.connection import Database

    program: Program = context.obj
    with Database(program.require_database_url(), application="hctap-etl") as database:
        revision = revisions.current(database)
    program.out.print(f"database: {revision or 'none'}\nneeded:   {revisions.NEEDED_REVISION}", highlight=False)
