"""The tables of what runs found in notes, as SQLAlchemy metadata."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from hctap_stores.database.columns import flag, metadata, run_of_result

entities = Table(
    "entities",
    metadata,
    run_of_result(),
    Column("note_no", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("entity_type", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("norm_text", Text, nullable=False),
    Column("begin_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("section", Text, nullable=False),
    flag("negated"),
    flag("uncertain"),
    flag("historical"),
    flag("hypothetical"),
    flag("family"),
    Column("provenance_no", BigInteger, nullable=False),
    Column("cues", JSON),
    Column("codes_no", BigInteger, nullable=False),
    Column("term_no", BigInteger, nullable=False),
    Index("entities_term_no_idx", "run_no", "term_no", "note_no", "ordinal"),
    comment="What was found, in text order within its note.",
)

provenances = Table(
    "provenances",
    metadata,
    Column("provenance_no", BigInteger, primary_key=True, autoincrement=False),
    Column("provenance", JSONB, nullable=False),
    comment="Each record of where entities come from once, without their cues, by a hash of it.",
)

code_lists = Table(
    "code_lists",
    metadata,
    Column("codes_no", BigInteger, primary_key=True, autoincrement=False),
    Column("codes", JSONB, nullable=False),
    comment="Each list of codes once, by a hash of it; a number below zero is that of a list that may quote its note.",
)

listed_codes = Table(
    "listed_codes",
    metadata,
    Column("codes_no", BigInteger, primary_key=True, autoincrement=False),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("system", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("score", Double, nullable=False),
    Column("release", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("listed_codes_code_idx", "system", "code", "codes_no", postgresql_ops={"code": "text_pattern_ops"}),
    comment="The codes of each list, the best first.",
)

entity_counts = Table(
    "entity_counts",
    metadata,
    run_of_result(),
    Column("note_no", BigInteger, primary_key=True, autoincrement=False),
    Column("entity_type", Text, primary_key=True),
    *(
        Column(name, Integer, nullable=False)
        for name in (
            "entities",
            "affirmed",
            "negated",
            "uncertain",
            "historical",
            "hypothetical",
            "family",
            "coded",
            "measured",
        )
    ),
    comment="How many entities of each type a note has: all, by assertion, coded, measured.",
)

entity_attributes = Table(
    "entity_attributes",
    metadata,
    run_of_result(),
    Column("note_no", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("begin_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("norm", Text),
    comment="The parts of a medication's regimen or a test's result.",
)

run_sections = Table(
    "run_sections",
    metadata,
    run_of_result(),
    Column("note_no", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("begin_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("header", Text, nullable=False),
    Column("type", Text, nullable=False),
    comment="The sections of each note as a run saw them.",
)

terms = Table(
    "terms",
    metadata,
    Column("term_no", BigInteger, primary_key=True, autoincrement=False),
    Column("entity_type", Text, nullable=False),
    Column("norm_text", Text, nullable=False),
    Column("codes_no", BigInteger, nullable=False),
    Index("terms_codes_no_idx", "codes_no"),
    Index(
        "terms_norm_text_trgm_idx", "norm_text", postgresql_using="gin", postgresql_ops={"norm_text": "gin_trgm_ops"}
    ),
    Index("terms_norm_text_words_idx", text("to_tsvector('english'::regconfig, norm_text)"), postgresql_using="gin"),
    comment="Each type, normal form and list of codes that entities have in common, once, by a hash of them.",
)
