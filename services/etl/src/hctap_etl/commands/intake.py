"""`hctap-etl import`: notes into the lake."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.policies import Phi
from hctap_etl.program import Program


class DataClass(StrEnum):
    """How closely the notes must be kept."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


def import_notes(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Folders or files: .txt, .json, .jsonl and .ndjson (notes, or FHIR Bundles and DocumentReferences "
            "with their text inside), .xml (C-CDA), .csv with the columns medical_specialty and transcription.",
        ),
    ],
    *,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The name of the source, written into notes that do not name theirs."),
    ] = None,
    data_class: Annotated[
        DataClass | None,
        typer.Option(help="How closely the notes must be kept, written into notes that do not say it."),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace notes that the lake has with another text under the same id."),
    ] = False,
    pack: Annotated[
        bool,
        typer.Option("--pack", help="Write new notes into objects of about 16 MB: faster where there are many."),
    ] = False,
    phi: Phi = None,
) -> None:
    """Import notes into the lake.

    Notes that the lake has already are not written again. Records that are no notes go into quarantine with their
    reason; then the exit code is 3.
    """
    from hctap_cli.exits import Exit
    from hctap_etl.importing import import_paths
    from hctap_etl.intake import IntakeOptions
    from hctap_etl.summaries.imports import show_batch

    program: Program = context.obj
    options = IntakeOptions(
        source=", ".join(map(str, paths)),
        source_name=source,
        data_class=data_class,
        may_replace=replace,
        phi=phi or program.phi,
        is_packed=pack,
    )
    with program.open_database() as database:
        lake = program.open_lake()
        batch = import_paths(lake, database, paths, options, program.meter, program.open_lineage(lake))
    show_batch(program.out, batch)
    if batch.counts["quarantined"]:
        raise typer.Exit(Exit.PARTIAL)
