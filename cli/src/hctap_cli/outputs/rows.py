"""What was found in a note as rows of the tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hctap_cli.outputs.columns import column_of_system
from hctap_cli.outputs.tables import Row
from hctap_core.entities import CodeSystem
from hctap_core.evaluation import ASSERTIONS

Record = Mapping[str, Any]

# The columns of a regimen, each with the attribute that it shows.
REGIMEN: Final = {
    "strength": "STRENGTH",
    "dose": "DOSE",
    "form": "FORM",
    "route": "ROUTE",
    "frequency": "FREQUENCY",
    "duration": "DURATION",
    "prn": "PRN",
    "status": "STATUS",
}
_NORMAL: Final = ("form", "route", "status")


def section_rows(note_id: str, sections: Sequence[Record]) -> Iterator[Row]:
    """The sections of a note."""
    for section in sections:
        yield {"note_id": note_id, **section}


def entity_rows(note_id: str, entities: Sequence[Record]) -> Iterator[Row]:
    """The entities of a note."""
    for number, entity in enumerate(entities, start=1):
        codes: dict[str, str] = {}
        for code in entity["codes"]:
            codes.setdefault(column_of_system(CodeSystem(code["system"])), code["code"])
        provenance = entity["provenance"]
        yield {
            "note_id": note_id,
            "entity": number,
            **{name: entity[name] for name in ("entity_type", "text", "norm_text", "begin", "end", "section", "score")},
            **entity["assertion"],
            **codes,
            "code_display": entity["codes"][0]["display"] if entity["codes"] else None,
            "method": provenance["method"],
            "source": provenance["source"],
            "cues": "; ".join(_cue(cue) for cue in provenance["cues"]) or None,
        }


def attribute_rows(note_id: str, entities: Sequence[Record]) -> Iterator[Row]:
    """The attributes of a note's entities."""
    for number, entity in enumerate(entities, start=1):
        for attribute in entity["attributes"]:
            yield {"note_id": note_id, "entity": number, **attribute}


def medication_rows(note_id: str, entities: Sequence[Record]) -> Iterator[Row]:
    """The medications of a note, each with its regimen in one row."""
    for number, entity in enumerate(entities, start=1):
        if entity["entity_type"] == "MEDICATION":
            yield {
                "note_id": note_id,
                "entity": number,
                "drug": entity["norm_text"],
                "text": entity["text"],
                "section": entity["section"],
                **regimen_of(entity),
                **{name: entity["assertion"][name] for name in ASSERTIONS},
            }


def regimen_of(entity: Record) -> dict[str, str | None]:
    """A medication's regimen by column; several attributes of one type stand one after the other."""
    columns: dict[str, str | None] = {}
    for column, kind in REGIMEN.items():
        parts = [part for part in entity["attributes"] if part["type"] == kind]
        columns[column] = "; ".join(_shown(column, part) for part in parts) or None
        if column == "frequency":
            columns["frequency_norm"] = "; ".join(part["norm"] for part in parts if part["norm"]) or None
    return columns


def _shown(column: str, part: Record) -> str:
    return str(part["norm"] or part["text"]) if column in _NORMAL else str(part["text"])


def _cue(cue: Record) -> str:
    return f"{cue['attribute']}: {cue['text'] or 'its section'} ({cue['rule']})"
