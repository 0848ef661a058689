"""The way of an entity back to its note, as a table."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.tables import new_table
from hctap_etl.lineage.tracing import Step

_MARKS = {True: Text("holds", style="green"), False: Text("does not hold", style="red"), None: Text("")}


def show_trail(console: Console, steps: Sequence[Step]) -> None:
    """Print each step with its facts, and whether what stands there now bears it out."""
    table = new_table("", "", "", "now")
    for step in steps:
        for number, (name, value) in enumerate(step.facts):
            is_first = number == 0
            table.add_row(step.what if is_first else "", name, Text(value), _MARKS[step.is_true] if is_first else "")
    console.print(table, highlight=False, markup=False)
