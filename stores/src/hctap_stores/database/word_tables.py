"""The tables by which notes are found by their words."""

from sqlalchemy import Column, ForeignKey, Index, Table
from sqlalchemy.dialects.postgresql import TSVECTOR

from hctap_stores.database.columns import key_column, metadata

note_words = Table(
    "note_words",
    metadata,
    key_column("content_sha256", ForeignKey("note_texts.content_sha256", ondelete="CASCADE"), primary_key=True),
    Column("words", TSVECTOR, nullable=False),
    Index("note_words_words_idx", "words", postgresql_using="gin"),
    comment="The words of each text, to find notes by; goes with its text.",
)
texts_to_index = Table(
    "texts_to_index",
    metadata,
    key_column("content_sha256"),
    comment="Texts whose words nobody has taken yet.",
)
