"""`hctap extract`: notes of one's own in, tables and a report out."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_cli.program import Program


def extract(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER|FILE...", help="Notes: .txt, .json, .jsonl, .ndjson, .csv or .xml, in any nesting."
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where the results go; NAME-hctap unless it is given."),
    ] = None,
    text_column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The column (or JSON field) that holds the text, where it is not found."),
    ] = None,
    report_notes: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="How many notes the report shows; the tables have them all."),
    ] = 200,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The extractor: hybrid (unless another is given), rules or model."),
    ] = None,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
) -> None:
    """Extract what notes say into CSV, Parquet and one HTML report; no store, no network.

    A note that cannot be read is listed with the reason, the others are read, and the exit code is 3.
    """
    from hctap_cli.exits import Exit
    from hctap_cli.gathering import Gathering
    from hctap_cli.outputs.folder import ResultFolder
    from hctap_cli.outputs.report.page import Imprint
    from hctap_cli.reading import read_notes
    from hctap_cli.summaries.extraction import show_result
    from hctap_core.errors import UnsupportedInput

    program: Program = context.obj
    name = paths[0].resolve().stem if paths[0].is_file() else paths[0].resolve().name
    gathering = Gathering(paths, text_column)
    try:
        engine = program.load_extractor(extractor, terms)
        imprint = Imprint(name, engine.name, engine.version, engine.vocabulary_hash or "")
        results = ResultFolder(out or Path(f"{name}-hctap"), imprint, report_notes)
        read_notes(gathering, engine, results, program.meter)
    except OSError as error:
        raise UnsupportedInput(f"The results cannot be written: {error.strerror}.", remedy="See to the disk.") from None
    show_result(program.out, results)
    if results.failed:
        raise typer.Exit(Exit.PARTIAL)
