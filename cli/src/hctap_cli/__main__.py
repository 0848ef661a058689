"""The command `hctap`: notes of one's own, read on this machine."""

from typing import Annotated

import typer
from rich.console import Console

from hctap_cli.commands import explanation, extraction, vocabulary
from hctap_cli.endings import run_to_exit
from hctap_cli.program import Program
from hctap_cli.settings import read_home, read_log_level, read_terms
from hctap_core.logs import configure_logs

app = typer.Typer(
    help="Read clinical notes on this machine: no store, no network, no licence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(vocabulary.app, name="vocabulary")
app.command("extract")(extraction.extract)
app.command("explain")(explanation.explain)


@app.callback()
def prepare(
    context: typer.Context,
    *,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show where an error was raised, and every log line."),
    ] = False,
) -> None:
    """Read clinical notes on this machine: no store, no network, no licence.

    Exit codes: 0 done, 1 unexpected error, 2 wrong use or input, 3 done, but some notes could not be read.
    """
    err = Console(stderr=True)
    # On a terminal the bar speaks; logs are for machines and for those who ask.
    configure_logs("DEBUG" if debug else read_log_level("WARNING" if err.is_terminal else "INFO"))
    context.obj = Program(read_home(), Console(), err, read_terms())


def main() -> None:
    """Run the command line and exit with a code that says how it ended."""
    run_to_exit(app, "hctap")


if __name__ == "__main__":
    main()
