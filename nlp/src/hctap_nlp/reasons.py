"""Why an entity stands: its rule or row, the cues of its assertion, its attributes and codes, a line each."""

from collections.abc import Iterator, Mapping
from typing import Any

from hctap_core.code_reasons import explain_reason
from hctap_core.highlighting import reach_of


def reasons_of(text: str, entity: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What each line is about, and what it says; `entity` is a record of the contract, found in `text`."""
    provenance = entity["provenance"]
    yield "found by", f"{provenance['method']} {provenance['source']}, score {entity['score']:.2f}"
    yield "normal form", entity["norm_text"]
    for cue in provenance["cues"]:
        yield cue["attribute"], _because(text, cue)
    for part in entity["attributes"]:
        norm = f" = {part['norm']}" if part["norm"] else ""
        yield part["type"].lower(), f'"{part["text"]}" at {part["begin"]}:{part["end"]}{norm}'
    for code in entity["codes"]:
        yield "code", line_of_code(code)


def line_of_code(code: Mapping[str, Any]) -> str:
    """A code of a record with its title, edition, score and reason."""
    release = f" ({code['release']})" if code["release"] else ""
    because = explain_reason(code.get("reason", ""), code["system"])
    why = f", score {code['score']:.2f}: {because}" if because else ""
    number = code["code"].removeprefix(f"{code['system']}:")  # `DOID:557` has its system in it
    name = f" {code['display']}" if code["display"] else ""
    return f"{code['system']} {number}{name}{release}{why}"


def _because(text: str, cue: Mapping[str, Any]) -> str:
    if not cue["text"]:
        return f"because of its section, rule {cue['rule']}"
    reach = reach_of(text, cue["scope_begin"], cue["scope_end"])
    reaching = f', which reaches "{reach}"' if reach else ""
    return f'because of "{cue["text"]}" at {cue["begin"]}:{cue["end"]}{reaching}, rule {cue["rule"]}'
