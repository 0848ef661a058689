"""What the API searches by, the keys that open it, and who read which note."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEARCH = """
CREATE INDEX terms_norm_text_words_idx ON terms USING gin (to_tsvector('english'::regconfig, norm_text));
CREATE INDEX run_notes_duplicate_of_idx ON run_notes (run_no, duplicate_of) WHERE duplicate_of IS NOT NULL;
"""

KEYS = """
CREATE TABLE api_keys (
    key_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT[],
    secret_sha256 TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT api_keys_pkey PRIMARY KEY (key_id),
    CONSTRAINT api_keys_role_check CHECK (role IN ('reader', 'analyst', 'operator', 'admin'))
);
COMMENT ON TABLE api_keys IS 'Who may do what by which key; of a key only the hash of its secret is kept.';
"""

AUDIT = """
CREATE TABLE audit (
    audit_no BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    note_id TEXT COLLATE "C",
    run_id TEXT COLLATE "C",
    notes INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (audit_no)
);
CREATE INDEX audit_note_id_idx ON audit (note_id, audit_no) WHERE note_id IS NOT NULL;
COMMENT ON TABLE audit IS 'Who read or changed what, when and from where; rows are added and never changed.';
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Make the indexes, the keys and the audit."""
    for statements in (SEARCH, KEYS, AUDIT):
        op.execute(statements)
