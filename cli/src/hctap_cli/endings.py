"""How a command line ends: with a code that says how it went, and never with a note's words on the screen."""

import gc
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import typer

from hctap_cli.exits import exit_of_error
from hctap_core.errors import PlatformError

_DEBUG = "--debug"


def run_to_exit(app: typer.Typer, name: str) -> NoReturn:
    """Run the command line and exit with a code that says how it ended."""

    def report(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
        _report_fault(name, kind, trace)

    sys.excepthook = report
    command = typer.main.get_command(app)
    # What is loaded by now stays: no collection need look at it again.
    gc.freeze()
    try:
        command(prog_name=name)
    except PlatformError as error:
        _show_places(error.__traceback__)
        remedy = f" {error.remedy}" if error.remedy else ""
        sys.stderr.write(f"error: {error.message}{remedy}\n")
        sys.exit(exit_of_error(error))
    finally:
        # The interpreter looks for garbage as it ends, in all that is left: a quarter of a second, for memory that goes
        # back to the system as a whole.
        gc.freeze()
    sys.exit(0)


def _report_fault(name: str, kind: type[BaseException], trace: TracebackType | None) -> None:
    # What Python would print instead holds the error's message, and that may quote a note.
    _show_places(trace)
    frame = traceback.extract_tb(trace)[-1]
    sys.stderr.write(
        f"error: An unexpected {kind.__name__} in {frame.name}, line {frame.lineno} of {Path(frame.filename).name}. "
        f"This is a fault of the program: please report it with what `{name} --debug` adds.\n"
    )


def _show_places(trace: TracebackType | None) -> None:
    if _DEBUG in sys.argv[1:]:
        for frame in traceback.extract_tb(trace):
            sys.stderr.write(f"  {frame.filename}:{frame.lineno} in {frame.name}\n")
