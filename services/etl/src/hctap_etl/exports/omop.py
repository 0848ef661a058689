"""OMOP CDM v5.4: the tables NOTE and NOTE_NLP as CSV, with every column of the CDM in its order.

Source: https://ohdsi.github.io/CommonDataModel/cdm54.html, tables NOTE and NOTE_NLP. All concept ids are 0 (no
matching concept), since no OMOP vocabulary is at hand; the codes that were found stand in `term_modifiers`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from hctap_core.fhir.conditions import has_ended
from hctap_core.runs import Run
from hctap_etl.exports.csv_files import CsvWriter
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document

NOTE_COLUMNS: Final = (
    "note_id", "person_id", "note_date", "note_datetime", "note_type_concept_id", "note_class_concept_id", "note_title",
    "note_text", "encoding_concept_id", "language_concept_id", "provider_id", "visit_occurrence_id", "visit_detail_id",
    "note_source_value", "note_event_id", "note_event_field_concept_id",
)  # fmt: skip
NOTE_NLP_COLUMNS: Final = (
    "note_nlp_id", "note_id", "section_concept_id", "snippet", "offset", "lexical_variant", "note_nlp_concept_id",
    "note_nlp_source_concept_id", "nlp_system", "nlp_date", "nlp_datetime", "term_exists", "term_temporal",
    "term_modifiers",
)  # fmt: skip
# No table of the CDM: which of its numbers stand for which of the source's ids.
PERSON_COLUMNS: Final = ("person_id", "person_source_value")
NO_CONCEPT: Final = 0
# The CDM wants a date for every note.
UNKNOWN_DATE: Final = date(1970, 1, 1)
_SOURCE_VALUE, _TITLE, _SNIPPET, _VARIANT, _SYSTEM, _MODIFIERS = 50, 250, 250, 250, 250, 2000
_AROUND: Final = 80


class OmopExport:
    """NOTE, NOTE_NLP, and the numbers of the persons."""

    def __init__(self, folder: OutputFolder, run: Run) -> None:
        self._run = run
        self._notes = CsvWriter(folder.open("note.csv"), NOTE_COLUMNS)
        self._terms = CsvWriter(folder.open("note_nlp.csv"), NOTE_NLP_COLUMNS)
        self._persons = CsvWriter(folder.open("person_source.csv"), PERSON_COLUMNS)
        self._patients: dict[int, str] = {}
        self._terms_written = 0
        self._shortened = 0
        self._undated = 0

    def write(self, document: Document) -> None:
        """Write a note and its terms."""
        if document.patient_id is not None:
            self._patients[document.patient_no] = document.patient_id
        self._notes.write(self._note(document))
        for row in self._rows(document):
            self._terms.write(row)

    def close(self) -> dict[str, int]:
        """Finish the files; says how many notes have no date and how many values were too long for their column."""
        for number, patient_id in sorted(self._patients.items()):
            self._persons.write((number, patient_id))
        for writer in (self._notes, self._terms, self._persons):
            writer.close()
        return {"notes without a date": self._undated, "values shortened": self._shortened}

    def _note(self, document: Document) -> tuple[Any, ...]:
        moment = document.authored_at
        self._undated += moment is None
        return (
            document.note_no, document.patient_no, *_date_and_time(moment), NO_CONCEPT, NO_CONCEPT,
            self._fit(document.note_type, _TITLE), document.text, NO_CONCEPT, NO_CONCEPT, None, None, None,
            self._fit(document.note_id, _SOURCE_VALUE), None, None,
        )  # fmt: skip

    def _rows(self, document: Document) -> Iterator[tuple[Any, ...]]:
        pipeline = self._run.pipeline
        system = self._fit(f"hctap {pipeline.extractor} {pipeline.code_version}", _SYSTEM)
        when = _date_and_time(self._run.finished_at)
        for entity in document.entities:
            modifiers = term_modifiers(entity)
            self._terms_written += 1
            self._shortened += not modifiers.is_whole
            yield (
                self._terms_written, document.note_no, NO_CONCEPT, _snippet(document.text, entity),
                str(entity["begin"]), self._fit(entity["text"], _VARIANT), NO_CONCEPT, NO_CONCEPT, system, *when,
                term_exists(entity), term_temporal(entity), modifiers.words,
            )  # fmt: skip

    def _fit(self, value: str | None, length: int) -> str | None:
        if value is None or len(value) <= length:
            return value
        self._shortened += 1
        return value[:length]


def term_exists(entity: dict[str, Any]) -> str:
    """`Y` if the patient has or had it: neither denied nor uncertain, hypothetical or about a relative."""
    assertion = entity["assertion"]
    is_other = any(assertion[name] for name in ("uncertain", "hypothetical", "family"))
    return "N" if is_other or _is_denied(entity) else "Y"


def term_temporal(entity: dict[str, Any]) -> str:
    """`Past` if historical, else `Present`."""
    return "Past" if entity["assertion"]["historical"] else "Present"


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The words of a term's modifiers, and whether all of them found room."""

    words: str
    is_whole: bool


def term_modifiers(entity: dict[str, Any]) -> Modifiers:
    """Every modifier as `name=value`, parted by `;`: assertions, type, section, codes, attributes.

    A `;`, `=` or backslash of a value stands after a backslash. Modifiers that do not fit into the column's 2,000
    characters are left out from the end.
    """
    assertion = entity["assertion"]
    pairs = [
        ("negation", _flag(_is_denied(entity))),
        ("subject", "family" if assertion["family"] else "patient"),
        ("certainty", "uncertain" if assertion["uncertain"] else "certain"),
        ("conditional", _flag(assertion["hypothetical"])),
        ("history", _flag(assertion["historical"])),
        ("type", entity["entity_type"]),
        ("section", entity["section"]),
        *(("code", f"{code['system']}:{code['code']}") for code in entity["codes"]),
        *((part["type"].lower(), part["norm"] or part["text"]) for part in entity["attributes"]),
    ]
    said: list[str] = []
    room = _MODIFIERS
    for name, value in pairs:
        pair = f"{name}={_escaped(value)}"
        room -= len(pair) + bool(said)
        if room < 0:
            break
        said.append(pair)
    return Modifiers(";".join(said), is_whole=len(said) == len(pairs))


def _is_denied(entity: dict[str, Any]) -> bool:
    # The CDM asks whether the patient has or had it: what has resolved was there.
    return bool(entity["assertion"]["negated"]) and not has_ended(entity)


def _flag(value: object) -> str:
    return "true" if value else "false"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(";", "\\;").replace("=", "\\=")


def _snippet(text: str, entity: dict[str, Any]) -> str:
    begin = max(0, entity["begin"] - _AROUND)
    return text[begin : min(entity["end"] + _AROUND, begin + _SNIPPET)]


def _date_and_time(moment: datetime | None) -> tuple[str, str | None]:
    if moment is None:
        return UNKNOWN_DATE.isoformat(), None
    moment = moment.astimezone(UTC)
    return moment.date().isoformat(), moment.strftime("%Y-%m-%d %H:%M:%S")
