"""The lists of codes that many entities have, once each."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What was found before has no numbers and is read from its rows, as what says words of its note always is.
CODE_LISTS = """
CREATE TABLE code_lists (
    codes_no BIGINT NOT NULL,
    codes JSONB NOT NULL,
    CONSTRAINT code_lists_pkey PRIMARY KEY (codes_no)
);
COMMENT ON TABLE code_lists IS
'Each list of codes that many entities have once, by a hash of it; none says words of a note.';
ALTER TABLE entities ADD COLUMN codes_no BIGINT;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hctap_bi') THEN
        GRANT SELECT ON code_lists TO hctap_bi;
    END IF;
END
$$
"""


def upgrade() -> None:
    """Make the table and the column, empty for the entities of earlier runs."""
    op.execute(CODE_LISTS)
