"""The data products of a run as a table."""

from rich.console import Console

from hctap_cli.summaries.tables import new_table
from hctap_core.runs import Manifest


def show_products(console: Console, manifest: Manifest) -> None:
    """Print the objects that a run's manifest names beside its parts."""
    table = new_table("rows", "bytes", "object", title=f"Data products of run {manifest.run_id}")
    for column in table.columns[:2]:
        column.justify = "right"
    for part in manifest.products:
        table.add_row(f"{part.rows:,}", f"{part.bytes:,}", part.key)
    console.print(table, highlight=False, markup=False)
