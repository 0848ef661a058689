"""What an extraction did, in a few lines."""

from rich.console import Console
from rich.text import Text

from hctap_cli.outputs.folder import REPORT, ResultFolder
from hctap_cli.summaries.tables import new_table


def show_result(console: Console, results: ResultFolder) -> None:
    """Print how much was read and found, what was not read, and where to look."""
    tally = results.tally
    table = new_table("", "")
    table.show_header = False
    table.columns[0].justify = "right"
    table.add_row(f"{tally.notes:,}", "notes read")
    for entry in tally.by_type.values():
        table.add_row(f"{entry.mentions:,}", f"{entry.name.lower()} mentions in {entry.notes:,} notes")
    if results.failed:
        table.add_row(f"{results.failed:,}", Text("could not be read; notes.csv says why", style="bold"))
    if results.skipped:
        table.add_row(f"{results.skipped:,}", "files of other kinds were left out; notes.csv lists them")
    console.print(table, highlight=False)
    console.print(Text(f"Look at {results.path / REPORT}"), highlight=False, soft_wrap=True)
