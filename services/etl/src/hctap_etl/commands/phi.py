"""`hctap-etl phi`: what the PHI guard finds, and how well."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Look for identifiers of persons in texts, and measure that.", no_args_is_help=True)


@app.command()
def score(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="JSON Lines with `text` and `entities` (`start`, `end`, `label`), or a folder of such files.",
        ),
    ],
) -> None:
    """Score the guard against marked texts: precision and recall for each kind; needs no stores."""
    from hctap_etl.marked import find_marked_files, read_marked
    from hctap_etl.summaries.phi import show_phi_scores
    from hctap_nlp.phi.scoring import score_phi

    program: Program = context.obj
    for file in find_marked_files(data):
        show_phi_scores(program.out, file.name, score_phi(read_marked(file)))


@app.command()
def redact(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="A text file, or `-` for a text on standard input.")],
) -> None:
    """Write a text with surrogates for its identifiers; how many of each kind goes to standard error."""
    from hctap_cli.texts import read_texts
    from hctap_core.errors import MalformedRecord
    from hctap_etl.summaries.phi import say_kinds
    from hctap_nlp.phi.finding import count_kinds, load_finder
    from hctap_nlp.phi.surrogates import replace_identifiers

    program: Program = context.obj
    for text in read_texts(source, typer.get_binary_stream("stdin")):
        if isinstance(text, MalformedRecord):
            raise text
        spans = load_finder().find(text.text)
        typer.echo(replace_identifiers(text.text, spans).text, nl=False)
        program.err.print(f"replaced: {say_kinds(count_kinds(spans))}", highlight=False, markup=False)
