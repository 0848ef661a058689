"""How all tables look."""

from rich.table import Table
from rich.text import Text


def new_table(*headings: str, title: str | Text = "") -> Table:
    """A table without lines, close to the left edge; short columns keep their words together."""
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    for heading in headings:
        table.add_column(heading)
    return table
