"""The summary of an export."""

from rich.console import Console

from hctap_cli.summaries.tables import new_table
from hctap_etl.exports.exporting import Exported
from hctap_etl.exports.forms import Form


def show_export(console: Console, done: Exported) -> None:
    """Print the files that an export wrote, and what their form has no place for."""
    table = new_table("bytes", "file", title=f"Run {done.run.run_id} as {done.form.value}")
    table.columns[0].justify = "right"
    for file in done.files:
        table.add_row(f"{file['bytes']:,}", str(done.folder / str(file["name"])))
    console.print(table, highlight=False, markup=False)
    console.print(f"{done.notes:,} notes, {done.entities:,} entities.", highlight=False)
    if done.form is Form.OMOP:
        console.print(
            "All concept ids are 0: no OMOP vocabulary is at hand; codes stand in term_modifiers.", highlight=False
        )
    for what, count in done.remarks.items():
        console.print(f"{count:,} {what}.", highlight=False, markup=False)
    if done.missing:
        console.print(f"{done.missing:,} of the notes asked for are not in the run.", highlight=False)
