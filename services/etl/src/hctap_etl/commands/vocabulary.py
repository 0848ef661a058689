"""`hctap-etl vocabulary`: what the engine knows, from which sources, under which licences."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hctap_etl.program import Program

if TYPE_CHECKING:
    from hctap_nlp.vocabulary.artefact import Compiled

app = typer.Typer(help="Build the vocabulary and see what it is made of.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def build(context: typer.Context) -> None:
    """Compile the vocabulary, unless it is compiled already from these sources."""
    _show(context.obj, _compiled(context.obj))


@app.command()
def info(
    context: typer.Context,
    *,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
) -> None:
    """Show the sources with their releases and licences, and what was made of them."""
    from hctap_nlp.vocabulary.own.overlay import with_own_terms

    program: Program = context.obj
    _show(program, with_own_terms(_compiled(program), program.terms_folder(terms)))


def _compiled(program: Program) -> "Compiled":
    from hctap_nlp.vocabulary.build import ensure

    return ensure(program.vocabulary_folder, program.meter.stage)


def _show(program: Program, vocabulary: "Compiled") -> None:
    from hctap_etl.summaries.vocabularies import show_vocabulary

    show_vocabulary(program.out, vocabulary)
