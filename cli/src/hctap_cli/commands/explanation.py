"""`hctap-etl explain`: a note with the reason for every fact."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_cli.program import Program


def explain(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="A text file, or `-` for a text on standard input.")],
    *,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The extractor: hybrid (unless another is given), rules or model."),
    ] = None,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
) -> None:
    """Print a note with its entities marked, and for each the rule, vocabulary row, cue, section and codes."""
    from hctap_cli.summaries.explanations import show_explanations
    from hctap_cli.texts import extract_record, read_texts
    from hctap_core.errors import MalformedRecord

    program: Program = context.obj
    texts = list(read_texts(source, typer.get_binary_stream("stdin")))
    engine = program.load_extractor(extractor, terms)
    for text in texts:
        if isinstance(text, MalformedRecord):
            raise text
        show_explanations(program.out, text.text, extract_record(engine, text))
