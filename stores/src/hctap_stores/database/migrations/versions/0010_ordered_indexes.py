"""Indexes that have the entities of a term and of a code in the order of notes; none that nothing reads by."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A page of a search is merged from the first entries of each term or code, so the order is in the index: without it
# all entities of the term are read and sorted for each page (200 to 340 ms over 2.6 million entities).
# entities_norm_text_idx is also the order of a search by text. COPY writes as many indexes as before less one: of
# entities_note_no_idx nothing has ever read, as every question names its run.
INDEXES = """
DROP INDEX entities_note_no_idx;
DROP INDEX entities_type_norm_text_idx;
DROP INDEX entity_codes_code_idx;
CREATE INDEX entities_norm_text_idx ON entities (run_no, norm_text, note_no, ordinal);
CREATE INDEX entity_codes_code_idx ON entity_codes (run_no, system, code text_pattern_ops, note_no, ordinal);
"""


def upgrade() -> None:
    """Make the indexes anew."""
    op.execute(INDEXES)
