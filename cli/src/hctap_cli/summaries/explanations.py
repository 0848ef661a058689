"""Why each entity stands: the text with its entities marked, then one paragraph an entity."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.entities import STYLES
from hctap_core.evaluation import ASSERTIONS
from hctap_core.highlighting import reach_of
from hctap_nlp.reasons import line_of_code

_LABEL_WIDTH: Final = 16
# So much of the text stands around an entity that a reader knows where it is.
_CONTEXT: Final = 40
_METHODS: Final = {"vocabulary": "the vocabulary row", "rule": "the rule", "model": "the model"}


def show_explanations(console: Console, text: str, record: Mapping[str, Any]) -> None:
    """Print the text with its entities in the colours of their types, and below it the reasons."""
    marked = Text(text)
    for entity in record["entities"]:
        marked.stylize(_style(entity), entity["begin"], entity["end"])
    console.print(marked, highlight=False)
    for entity in record["entities"]:
        console.print()
        head = Text.assemble(
            (_flat(entity["text"]), f"bold {STYLES.get(entity['entity_type'], '')}"), "  ", _kind(entity)
        )
        console.print(head, highlight=False)
        for label, line in _reasons(text, entity):
            console.print(Text(f"  {label:<{_LABEL_WIDTH}}", style="dim"), line, sep="", highlight=False)


def _style(entity: Mapping[str, Any]) -> str:
    style = STYLES.get(entity["entity_type"], "")
    return f"{style} strike" if entity["assertion"]["negated"] else style


def _kind(entity: Mapping[str, Any]) -> str:
    asserted = [name for name in ASSERTIONS if entity["assertion"][name]]
    return ", ".join([entity["entity_type"], *asserted])


def _reasons(text: str, entity: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    yield "said in", _context(text, entity)
    provenance = entity["provenance"]
    method = _METHODS.get(provenance["method"], provenance["method"])
    yield "found by", Text(f"{method} {provenance['source']}, score {entity['score']:.2f}")
    if entity["norm_text"].casefold() != entity["text"].casefold():
        yield "means", Text(entity["norm_text"])
    for cue in provenance["cues"]:
        yield cue["attribute"], Text(_because(text, cue))
    for part in entity["attributes"]:
        norm = f" = {part['norm']}" if part["norm"] and part["norm"] != part["text"] else ""
        name = part["type"].replace("_", " ").lower()
        yield name, Text(f'"{part["text"]}"{norm}, at {part["begin"]}:{part["end"]}')
    for code in entity["codes"]:
        yield "code", Text(line_of_code(code))


def _context(text: str, entity: Mapping[str, Any]) -> Text:
    begin, end = max(0, entity["begin"] - _CONTEXT), min(len(text), entity["end"] + _CONTEXT)
    shown = Text()
    shown.append(("…" if begin else "") + _flat(text[begin : entity["begin"]]), style="dim")
    shown.append(_flat(entity["text"]))
    shown.append(_flat(text[entity["end"] : end]) + ("…" if end < len(text) else ""), style="dim")
    section = entity["section"].replace("_", " ")
    shown.append(f"  [{section}, {entity['begin']}:{entity['end']}]", style="dim")
    return shown


def _flat(words: str) -> str:
    """Words on one line: every stretch of white space is one space."""
    return " ".join(f"|{words}|".split())[1:-1]


def _because(text: str, cue: Mapping[str, Any]) -> str:
    if not cue["text"]:
        return f"because of its section, rule {cue['rule']}"
    reach = reach_of(text, cue["scope_begin"], cue["scope_end"])
    reaching = f', which reaches "{reach}"' if reach else ""
    return f'because of "{cue["text"]}" at {cue["begin"]}:{cue["end"]}{reaching}, rule {cue["rule"]}'
