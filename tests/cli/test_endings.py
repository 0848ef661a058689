"""What a command line does with memory while it works and when it ends."""

import subprocess
import sys
from typing import Final

_PROGRAM: Final = """
import gc, typer
from hctap_cli.endings import run_to_exit

class Garbage:
    def __init__(self):
        self.itself = self
    def __del__(self):
        print("collected")

app = typer.Typer()

@app.command()
def work():
    print(gc.get_freeze_count() > 1000)
    Garbage()
    if {is_collected}:
        gc.collect()
    raise typer.Exit(3)

run_to_exit(app, "work")
"""


def _run(*, is_collected: bool) -> tuple[int, list[str]]:
    program = _PROGRAM.format(is_collected=is_collected)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout.split()


def test_garbage_goes_while_a_command_works() -> None:
    assert _run(is_collected=True) == (3, ["True", "collected"])


def test_nobody_looks_for_garbage_when_it_ends() -> None:
    assert _run(is_collected=False) == (3, ["True"])
