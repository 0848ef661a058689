"""The entities of one text as a table."""

from typing import Any

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.tables import new_table

STYLES = {"PROBLEM": "red", "MEDICATION": "green", "TEST": "cyan", "PROCEDURE": "magenta", "ANATOMY": "blue"}


def show_entities(console: Console, record: dict[str, Any]) -> None:
    """Print what was found in a text, in its order; colours name the types."""
    entities = record["entities"]
    if not entities:
        console.print("Nothing was found.")
        return
    table = new_table("at", "type", "text", "asserted", "code", "details", "section")
    table.columns[0].justify = "right"
    for place in (0, 1, 4):
        table.columns[place].no_wrap = True
    for entity in entities:
        table.add_row(
            str(entity["begin"]),
            Text(entity["entity_type"], style=STYLES.get(entity["entity_type"], "")),
            Text(entity["text"], style="bold"),
            ", ".join(name for name, value in entity["assertion"].items() if value),
            Text(_best_code(entity)),
            Text(", ".join(f"{part['type'].lower()} {part['text']}" for part in entity["attributes"])),
            entity["section"],
        )
    console.print(table, highlight=False)
    console.print(f"Entities: {len(entities)}, sections: {len(record['sections'])}.", highlight=False, style="dim")


def _best_code(entity: dict[str, Any]) -> str:
    return next((f"{code['system']} {code['code']}" for code in entity["codes"]), "")
