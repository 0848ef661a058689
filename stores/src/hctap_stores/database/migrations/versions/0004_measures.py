"""What the guard counted in a note, what a service was asked for it, and which raw text stands behind a surrogate."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MEASURES = """
ALTER TABLE run_notes ADD COLUMN raw_sha256 TEXT COLLATE "C";
ALTER TABLE run_notes ADD COLUMN measures JSONB;
"""


def upgrade() -> None:
    """Make the columns."""
    op.execute(MEASURES)
