"""The entities of one text as a table."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_STYLES = {"PROBLEM": "red", "MEDICATION": "green", "TEST": "cyan", "PROCEDURE": "magenta", "ANATOMY": "blue"}


def show_entities(console: Console, record: dict[str, Any]) -> None:
    """Print what was found in a text, in its order; colours name the types."""
    entities = record["entities"]
    if not entities:
        console.print("Nothing was found.")
        return
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("at", justify="right", style="dim")
    for heading in ("type", "text", "asserted", "codes", "details", "section"):
        table.add_column(heading)
    for entity in entities:
        table.add_row(
            str(entity["begin"]),
            Text(entity["entity_type"], style=_STYLES.get(entity["entity_type"], "")),
            Text(entity["text"], style="bold"),
            ", ".join(name for name, value in entity["assertion"].items() if value),
            Text(", ".join(f"{code['system']} {code['code']}" for code in entity["codes"])),
            Text(", ".join(f"{part['type'].lower()} {part['text']}" for part in entity["attributes"])),
            entity["section"],
        )
    console.print(table, highlight=False)
    console.print(f"{len(entities)} entities in {len(record['sections'])} sections.", highlight=False, style="dim")
