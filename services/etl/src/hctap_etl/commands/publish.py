"""`hctap-etl publish`: the data products of a run."""

from typing import Annotated

import typer

from hctap_etl.program import Program


def publish_run(
    context: typer.Context,
    run_id: Annotated[
        str, typer.Argument(metavar="RUN_ID|latest", help="The id of the run; `latest` is the one finished last.")
    ],
) -> None:
    """Write silver and gold of a finished run into the lake, and its manifest; a run does so itself at its end.

    What stands there already is compared and left as it is. Of use for runs of earlier versions, and after objects were
    lost.
    """
    from hctap_etl.exports.exporting import find_finished_run
    from hctap_etl.products.producing import make_products
    from hctap_etl.publishing import publish
    from hctap_etl.summaries.products import show_products

    program: Program = context.obj
    with program.open_database() as database:
        lake = program.open_lake()
        stored = find_finished_run(database, run_id)
        make_products(lake, database, stored)
        manifest = publish(lake, database, stored)
    show_products(program.out, manifest)
