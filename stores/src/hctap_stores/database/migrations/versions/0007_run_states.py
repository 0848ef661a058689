"""The states of a run: the database itself refuses a step that leads nowhere."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FUNCTION = """
CREATE FUNCTION check_run_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.status <> 'queued'
        OR TG_OP = 'UPDATE' AND OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
            ('queued', 'running'), ('queued', 'failed'), ('queued', 'cancelled'),
            ('running', 'succeeded'), ('running', 'partial'), ('running', 'failed'), ('running', 'cancelled'),
            ('failed', 'queued'), ('failed', 'running'), ('cancelled', 'queued'), ('cancelled', 'running'))
    THEN
        RAISE EXCEPTION 'a run cannot become % here', NEW.status USING ERRCODE = 'HCT01';
    END IF;
    RETURN NEW;
END $$
"""
_TRIGGER = """
CREATE TRIGGER runs_status BEFORE INSERT OR UPDATE OF status ON runs
FOR EACH ROW EXECUTE FUNCTION check_run_status()
"""


def upgrade() -> None:
    """Let no run change its status in any other way."""
    op.execute(_FUNCTION)
    op.execute(_TRIGGER)
