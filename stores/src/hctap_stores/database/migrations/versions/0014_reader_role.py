"""A role for reports: it reads what runs found, and neither the texts of notes nor keys nor the audit."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Roles belong to the server, so another of its databases may make this one at the same moment. Where the owner of the
# schema may make no roles, an administrator makes it and runs the grants.
ROLE = """
DO $$
BEGIN
    BEGIN
        CREATE ROLE hctap_bi NOLOGIN;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN RAISE NOTICE 'the role hctap_bi was not made: no right to make roles';
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hctap_bi') THEN
        GRANT USAGE ON SCHEMA public TO hctap_bi;
        GRANT SELECT ON batches, runs, run_shards, run_notes, notes, entities, entity_attributes, entity_codes,
            entity_counts, provenances, run_sections, run_statistics, evaluations, evaluation_errors, terms
            TO hctap_bi;
    END IF;
END
$$
"""


def upgrade() -> None:
    """Make the role and let it read."""
    op.execute(ROLE)
