"""`hctap-etl extract`: a text, a file or lines of texts, without any store."""

from collections.abc import Iterator
from contextlib import nullcontext
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer
from rich.console import Console

from hctap_etl.program import Program

# A table in a file is as wide as its content needs, within reason.
FILE_WIDTH: Final = 160


class Format(StrEnum):
    """How the results are written."""

    TABLE = "table"
    JSONL = "jsonl"


def extract(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|-",
            help="A text file, `-` for a text on standard input, or a .jsonl file with `id` and `text` on each line.",
        ),
    ],
    *,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Write a table (for one text) or JSON Lines (for a .jsonl file)."),
    ] = None,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The extractor: hybrid (unless another is given), rules or model."),
    ] = None,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
    given_spans: Annotated[
        bool,
        typer.Option(
            "--given-spans", help="Read the `entities` of each line of a .jsonl file instead of finding some."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", help="The file to write; standard output without it."),
    ] = None,
) -> None:
    """Extract what a text says; no store is needed.

    Lines that cannot be used are named and left out; then the exit code is 3.
    """
    from hctap_cli.exits import Exit
    from hctap_cli.texts import extract_record, has_lines, read_texts
    from hctap_core.errors import MalformedRecord

    program: Program = context.obj
    texts = read_texts(source, typer.get_binary_stream("stdin"), with_spans=given_spans)
    # A file that is not there is said at once, before seconds are spent on the extractor.
    first = list(islice(texts, 1))
    engine = program.load_extractor(extractor, terms)
    faults: list[MalformedRecord] = []

    def records() -> Iterator[dict[str, Any]]:
        for text in chain(first, texts):
            if isinstance(text, MalformedRecord):
                faults.append(text)
            else:
                yield extract_record(engine, text)

    _write(program, records(), form or (Format.JSONL if has_lines(source) else Format.TABLE), output)
    for fault in faults:
        program.err.print(f"left out: {fault.message}", highlight=False, markup=False)
    if faults:
        raise typer.Exit(Exit.PARTIAL if has_lines(source) else Exit.USAGE)


def _write(program: Program, records: Iterator[dict[str, Any]], form: Format, output: Path | None) -> None:
    from hctap_core.errors import UnsupportedInput

    try:
        if form is Format.JSONL:
            with output.open("wb") if output else nullcontext(typer.get_binary_stream("stdout")) as stream:
                _write_lines(records, stream)
        elif output:
            with output.open("w", encoding="utf-8") as text:
                _write_tables(records, Console(file=text, width=FILE_WIDTH))
        else:
            _write_tables(records, program.out)
    except BrokenPipeError:
        raise  # whoever read it has seen enough
    except OSError as error:
        raise UnsupportedInput(f"The results cannot be written: {error.strerror}.", remedy="See to the path.") from None


def _write_lines(records: Iterator[dict[str, Any]], stream: BinaryIO) -> None:
    from hctap_cli.lines import render_lines

    stream.writelines(render_lines([record]) for record in records)
    stream.flush()


def _write_tables(records: Iterator[dict[str, Any]], console: Console) -> None:
    from hctap_cli.summaries.entities import show_entities

    for record in records:
        show_entities(console, record)
