import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome
from tests.etl.exports.conftest import NOTES

from hctap_core.runs import Run
from hctap_etl.exports.folder import OutputFolder
from hctap_etl.exports.omop import (
    NOTE_COLUMNS,
    NOTE_NLP_COLUMNS,
    OmopExport,
    term_exists,
    term_modifiers,
    term_temporal,
)
from hctap_stores.database.connection import Database
from hctap_stores.database.documents import Document

Call = Callable[..., Outcome]
Make = Callable[..., dict[str, Any]]

# The two tables as the CDM's own DDL for PostgreSQL has them, release 5.4.
CDM = """
CREATE TEMP TABLE note (
    note_id integer NOT NULL, person_id integer NOT NULL, note_date date NOT NULL, note_datetime timestamp NULL,
    note_type_concept_id integer NOT NULL, note_class_concept_id integer NOT NULL, note_title varchar(250) NULL,
    note_text text NOT NULL, encoding_concept_id integer NOT NULL, language_concept_id integer NOT NULL,
    provider_id integer NULL, visit_occurrence_id integer NULL, visit_detail_id integer NULL,
    note_source_value varchar(50) NULL, note_event_id integer NULL, note_event_field_concept_id integer NULL);
CREATE TEMP TABLE note_nlp (
    note_nlp_id integer NOT NULL, note_id integer NOT NULL, section_concept_id integer NULL, snippet varchar(250) NULL,
    "offset" varchar(50) NULL, lexical_variant varchar(250) NOT NULL, note_nlp_concept_id integer NULL,
    note_nlp_source_concept_id integer NULL, nlp_system varchar(250) NULL, nlp_date date NOT NULL,
    nlp_datetime timestamp NULL, term_exists varchar(1) NULL, term_temporal varchar(50) NULL,
    term_modifiers varchar(2000) NULL);
"""


def test_the_cdm_takes_the_files_and_gives_the_texts_back(finished: Call, folder: Path, database: Database) -> None:
    outcome = finished("export", "R", "--format", "omop", "--out", "o")
    assert "All concept ids are 0" in outcome.out
    assert "3 notes without a date" in outcome.out
    with database.transaction() as connection:
        connection.execute(CDM)
        for table in ("note", "note_nlp"):
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER match)") as copy:
                copy.write((folder / f"o/{table}.csv").read_bytes())
        texts = connection.execute("SELECT note_source_value, note_text FROM note").fetchall()
        assert dict(texts) == {note["note_id"]: note["text"] for note in NOTES}
        found = connection.execute("""
            SELECT count(*), count(*) FILTER (WHERE
                    substr(note_text, "offset"::integer + 1, length(lexical_variant)) = lexical_variant
                    AND position(lexical_variant IN snippet) > 0)
            FROM note_nlp JOIN note USING (note_id)""").fetchone()
        assert found
        assert found[0] == found[1] > 5
        dates = connection.execute("SELECT note_date::text, note_datetime::text, person_id FROM note ORDER BY note_id")
        assert [row for row in dates if row[1]] == [("2025-04-23", "2025-04-23 01:30:00", 2)]
        exists = connection.execute("""
            SELECT lexical_variant, term_exists FROM note_nlp JOIN note USING (note_id)
            WHERE note_source_value IN ('a & b', 'b') ORDER BY note_nlp_id""").fetchall()
    assert {("cough", "N"), ("diabetes", "N"), ("pneumonia", "N"), ("fever", "Y")} <= set(exists)
    persons = list(csv.reader(io.StringIO((folder / "o/person_source.csv").read_text())))
    assert persons == [["person_id", "person_source_value"], ["1", "p1"], ["2", "p=2;x"]]


def test_the_columns_are_those_of_the_cdm(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(CDM)
        for table, columns in (("note", NOTE_COLUMNS), ("note_nlp", NOTE_NLP_COLUMNS)):
            described = connection.execute(f"SELECT * FROM {table}").description or ()  # noqa: S608 - constants
            assert tuple(column.name for column in described) == columns


@pytest.mark.parametrize(
    ("flags", "exists", "temporal", "modifiers"),
    [
        ((), "Y", "Present", "negation=false;subject=patient;certainty=certain;conditional=false;history=false"),
        (
            ("historical",),
            "Y",
            "Past",
            "negation=false;subject=patient;certainty=certain;conditional=false;history=true",
        ),
        (("negated",), "N", "Present", "negation=true;subject=patient"),
        (("family",), "N", "Present", "negation=false;subject=family"),
        (("uncertain",), "N", "Present", "negation=false;subject=patient;certainty=uncertain"),
        (("hypothetical",), "N", "Present", "negation=false;subject=patient;certainty=certain;conditional=true"),
    ],
)
def test_modifiers(make_entity: Make, flags: tuple[str, ...], exists: str, temporal: str, modifiers: str) -> None:
    entity = make_entity("PROBLEM", "gout", *flags)
    assert (term_exists(entity), term_temporal(entity)) == (exists, temporal)
    assert term_modifiers(entity).words.startswith(modifiers)


@pytest.mark.parametrize(
    ("begin", "more", "exists", "negation"),
    [(5, (), "Y", "false"), (5, ("uncertain",), "N", "false"), (0, (), "N", "true")],
    ids=["the gout resolved", "possible gout resolved", "no history of gout"],
)
def test_what_has_ended_was_there(
    make_entity: Make, begin: int, more: tuple[str, ...], exists: str, negation: str
) -> None:
    entity = make_entity("PROBLEM", "gout", "negated", "historical", *more)
    entity["provenance"]["cues"] = [
        {"attribute": name, "text": "resolved", "begin": begin, "end": begin + 8} for name in ("negated", "historical")
    ]
    assert (term_exists(entity), term_temporal(entity)) == (exists, "Past")
    assert term_modifiers(entity).words.startswith(f"negation={negation};")


def test_codes_and_attributes_are_modifiers_and_keep_within_the_column(make_entity: Make) -> None:
    code = {"system": "ICD-10-CM", "code": "M10.9", "display": "", "score": 1.0, "release": ""}
    entity = make_entity("MEDICATION", "x", codes=[code], attributes=[("DOSE", "a;b=c\\", None), ("PRN", "prn", "p")])
    assert term_modifiers(entity).words.endswith(";code=ICD-10-CM:M10.9;dose=a\\;b\\=c\\\\;prn=p")
    long = make_entity("MEDICATION", "x", attributes=[("DOSE", "y" * 700, None)] * 5)
    assert 1400 < len(term_modifiers(long).words) <= 2000
    assert term_modifiers(long).words.count("dose=") == 2
    assert (term_modifiers(entity).is_whole, term_modifiers(long).is_whole) == (True, False)


def test_modifiers_that_find_no_room_are_counted(
    make_entity: Make, make_document: Callable[..., Document], run_record: Run, tmp_path: Path
) -> None:
    output = OutputFolder(tmp_path)
    export = OmopExport(output, run_record)
    parts = [("DOSE", "y" * 700, None)] * 5
    entities = [make_entity("MEDICATION", "x", attributes=parts), make_entity("MEDICATION", "x")]
    export.write(make_document("x", entities))
    assert export.close()["values shortened"] == 1
    output.finish()
