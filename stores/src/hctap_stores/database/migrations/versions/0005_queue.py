"""The queue: Procrastinate's tables and functions, in a schema of their own, as its pinned release has them."""

from importlib.resources import files

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema `procrastinate`."""
    statements = files("hctap_stores.database.migrations") / "procrastinate" / "3.10.0.sql"
    # As it is, past SQLAlchemy's own reading of colons and percent signs.
    cursor = op.get_bind().connection.cursor()
    cursor.execute("CREATE SCHEMA procrastinate")
    cursor.execute("SET LOCAL search_path TO procrastinate, public")
    cursor.execute(statements.read_text(encoding="utf-8"))
    cursor.execute("SET LOCAL search_path TO DEFAULT")
    cursor.close()
