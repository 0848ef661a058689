"""`vocabulary`, of `hctap` and of `hctap-etl`: what the engine knows, from which sources, under which licences."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hctap_cli.program import Program
from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.imports.kinds import Kind

if TYPE_CHECKING:
    from hctap_nlp.vocabulary.artefact import Compiled

app = typer.Typer(
    help="Build the vocabulary, see what it is made of, and bring in your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


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


@app.command("import")
def import_files(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="The files, folder or zip of one vocabulary, as its publisher gives it."
        ),
    ],
    *,
    kind: Annotated[
        Kind | None, typer.Option("--as", metavar="KIND", help=f"What the files are: {', '.join(Kind)}; else seen.")
    ] = None,
    entity_type: Annotated[
        EntityType | None,
        typer.Option("--type", metavar="TYPE", help="The entity type of the terms, where the files do not say it."),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What to call it; an import of that name is replaced.")
    ] = "",
    release: Annotated[str, typer.Option(metavar="TEXT", help="Its release, where the files do not say it.")] = "",
    licence: Annotated[str, typer.Option(metavar="TEXT", help="The licence under which you use it.")] = "",
) -> None:
    """Bring in a vocabulary of yours: RxNorm, LOINC, SNOMED CT, UMLS, OBO, a CSV, or rules of medSpaCy."""
    from hctap_cli.summaries.vocabularies import show_import
    from hctap_nlp.vocabulary.imports.importing import Wish, import_parcel, open_parcel

    program: Program = context.obj
    wish = Wish(kind, entity_type, name, release, licence)
    parcel = open_parcel(files, wish)
    program.err.print(f"Reading {parcel.kind} as {parcel.name}.", highlight=False, markup=False)
    with program.meter.track("reading", parcel.size, is_bytes=True) as advance:
        card = import_parcel(program.vocabulary_folder, parcel, wish, advance)
    _compiled(program)
    show_import(program.out, card)


@app.command()
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The import, as `vocabulary info` calls it.")],
) -> None:
    """Take an import away."""
    from hctap_nlp.vocabulary.imports.shelf import remove as remove_import

    program: Program = context.obj
    remove_import(program.vocabulary_folder, name.removeprefix("import:"))
    program.out.print(f"{name} is taken away.", highlight=False, markup=False)


def _compiled(program: Program) -> "Compiled":
    from hctap_nlp.vocabulary.build import ensure

    return ensure(program.vocabulary_folder, program.meter.stage)


def _show(program: Program, vocabulary: "Compiled") -> None:
    from hctap_cli.summaries.vocabularies import show_vocabulary

    show_vocabulary(program.out, vocabulary)
