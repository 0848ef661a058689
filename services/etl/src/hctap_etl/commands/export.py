"""`hctap-etl export`: what a run found, in the forms of others."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.exports.forms import Form
from hctap_etl.program import Program
from hctap_etl.workers import Workers


def export(
    context: typer.Context,
    run_id: Annotated[
        str, typer.Argument(metavar="RUN_ID|latest", help="The id of the run; `latest` is the one finished last.")
    ],
    *,
    form: Annotated[
        Form, typer.Option("--format", help="The form: tables, OMOP CDM v5.4, FHIR R4, Comprehend Medical.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The folder to write; it is made if need be.")],
    notes: Annotated[
        Path | None,
        typer.Option("--notes", metavar="FILE", help="Export only the notes whose ids stand in this file, one a line."),
    ] = None,
    workers: Workers = None,
) -> None:
    """Export what a run found: every note with its entities, a duplicate with those of the note that stands for it.

    The same run gives the same bytes, with any number of --workers, who validate the bundles of FHIR. `export.json`
    beside the files says what they are. If some of the notes asked for are not in the run, the exit code is 3.
    """
    from hctap_cli.exits import Exit
    from hctap_etl.exports.exporting import export_run, find_finished_run, read_note_ids
    from hctap_etl.lineage.events import ExportEvents
    from hctap_etl.summaries.exports import show_export
    from hctap_stores.lake.lake import Lake

    program: Program = context.obj
    note_ids = read_note_ids(notes) if notes else None
    with program.open_database() as database:
        stored = find_finished_run(database, run_id)
        lineage, events = program.open_lineage(Lake(program.lake_address)), ExportEvents(stored.run, form)
        with lineage.watch(events.started(), events.failed):
            done = export_run(database, stored, form, out, note_ids, program.meter, program.count_workers(workers))
        lineage.tell(events.completed(done, database.address))
    show_export(program.out, done)
    if done.missing:
        raise typer.Exit(Exit.PARTIAL)
