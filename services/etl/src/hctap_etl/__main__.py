"""The command `hctap-etl`: reads the settings, hands them to a command, and says how it ended."""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer
from rich.console import Console

from hctap_core.errors import PlatformError
from hctap_core.logs import configure_logs
from hctap_etl.commands import (
    database,
    evaluation,
    explanation,
    extraction,
    intake,
    job,
    lake,
    run,
    runs,
    training,
    vocabulary,
)
from hctap_etl.exits import exit_of_error
from hctap_etl.program import Program
from hctap_etl.settings import read_home, read_settings

log = logging.getLogger(__name__)

app = typer.Typer(
    help="Import clinical notes into the lake, extract what they say, and evaluate it against gold.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(lake.app, name="lake")
app.add_typer(runs.app, name="runs")
app.add_typer(vocabulary.app, name="vocabulary")
app.command("import")(intake.import_notes)
app.command("run")(run.run_pipeline)
app.command("extract")(extraction.extract)
app.command("explain")(explanation.explain)
app.command("evaluate")(evaluation.evaluate)
app.command("train")(training.train)
app.command("job")(job.run_job)


@app.callback()
def prepare(
    context: typer.Context,
    *,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show where an error was raised, and every log line."),
    ] = False,
) -> None:
    """Import clinical notes into the lake, extract what they say, and evaluate it against gold.

    Exit codes: 0 done, 1 unexpected error, 2 wrong use or input, 3 done with notes in quarantine, 4 a store is
    unavailable, 5 conflict with another run.
    """
    home = read_home()
    settings = read_settings(home)
    err = Console(stderr=True)
    # On a terminal the bar speaks; logs are for machines and for those who ask.
    quiet = "WARNING" if err.is_terminal else "INFO"
    configure_logs("DEBUG" if debug else settings.log_level or quiet)
    context.obj = Program(home, settings.database_url, settings.lake, Console(), err)


def main() -> None:
    """Run the command line and exit with a code that says how it ended."""
    sys.excepthook = _report_fault
    command = typer.main.get_command(app)
    try:
        command(prog_name="hctap-etl")
    except PlatformError as error:
        _show_places(error.__traceback__)
        remedy = f" {error.remedy}" if error.remedy else ""
        print(f"error: {error.message}{remedy}", file=sys.stderr)
        sys.exit(exit_of_error(error))


def _report_fault(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
    # What Python would print instead holds the error's message, and that may quote a note.
    _show_places(trace)
    frame = traceback.extract_tb(trace)[-1]
    print(
        f"error: An unexpected {kind.__name__} in {frame.name}, line {frame.lineno} of {Path(frame.filename).name}. "
        "This is a fault of the program: please report it with what `hctap-etl --debug` adds.",
        file=sys.stderr,
    )


def _show_places(trace: TracebackType | None) -> None:
    if "--debug" in sys.argv[1:]:
        for frame in traceback.extract_tb(trace):
            print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
