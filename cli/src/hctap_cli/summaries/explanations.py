"""Why each entity stands: the text with its entities marked, then one paragraph an entity."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.entities import STYLES

_LABEL_WIDTH = 12


def show_explanations(console: Console, text: str, record: dict[str, Any]) -> None:
    """Print the text with its entities in the colours of their types, and below it the reasons."""
    marked = Text(text)
    for entity in record["entities"]:
        style = STYLES.get(entity["entity_type"], "")
        marked.stylize(f"{style} strike" if entity["assertion"]["negated"] else style, entity["begin"], entity["end"])
    console.print(marked, highlight=False)
    for entity in record["entities"]:
        console.print()
        console.print(Text(entity["text"], style="bold"), Text(_place(entity)), highlight=False)
        for label, line in _reasons(entity):
            console.print(Text(f"  {label:<{_LABEL_WIDTH}}", style="dim"), Text(line), sep="", highlight=False)


def _place(entity: dict[str, Any]) -> str:
    return f"{entity['entity_type']} at {entity['begin']}:{entity['end']} in section {entity['section']}"


def _reasons(entity: dict[str, Any]) -> Iterator[tuple[str, str]]:
    provenance = entity["provenance"]
    yield "found by", f"{provenance['method']} {provenance['source']}, score {entity['score']:.2f}"
    yield "normal form", entity["norm_text"]
    for cue in provenance["cues"]:
        words = f'"{cue["text"]}" at {cue["begin"]}:{cue["end"]}' if cue["text"] else "its section"
        yield cue["attribute"], f"because of {words}, rule {cue['rule']}"
    for part in entity["attributes"]:
        norm = f" = {part['norm']}" if part["norm"] else ""
        yield part["type"].lower(), f'"{part["text"]}" at {part["begin"]}:{part["end"]}{norm}'
    for code in entity["codes"]:
        release = f" ({code['release']})" if code["release"] else ""
        yield "code", f"{code['system']} {code['code']} {code['display']}{release}"
