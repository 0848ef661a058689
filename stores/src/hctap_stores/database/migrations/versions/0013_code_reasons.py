"""Why each code was given, with the code."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REASON = """
ALTER TABLE entity_codes ADD COLUMN reason TEXT DEFAULT '' NOT NULL;
CREATE OR REPLACE VIEW found_codes AS
SELECT l.run_no, r.note_no, r.ordinal, r.rank, r.system, r.code, r.display, r.score, r.release, r.reason
FROM run_notes l JOIN entity_codes r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
WHERE l.state IN ('done', 'unchanged');
"""


def upgrade() -> None:
    """Make the column, empty for the codes of earlier runs."""
    op.execute(REASON)
