"""Calls and budget plans as versions of two persons; a case keeps the version of its call."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    CREATE TABLE master_record (
        id uuid PRIMARY KEY,
        kind text NOT NULL CONSTRAINT master_record_kind CHECK (kind IN ('call', 'budget-plan')),
        key text NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT master_record_key UNIQUE (kind, key)
    )
    """,
    "COMMENT ON COLUMN master_record.version IS 'counts steps; the ETag'",
    """
    CREATE TABLE master_version (
        record uuid NOT NULL REFERENCES master_record (id),
        number integer NOT NULL,
        content jsonb NOT NULL,
        proposed_by text NOT NULL,
        proposed_on date NOT NULL,
        standing text NOT NULL
            CONSTRAINT master_version_standing CHECK (standing IN ('proposed', 'approved', 'returned')),
        decided_by text,
        decided_on date,
        returned_because text,
        PRIMARY KEY (record, number),
        CONSTRAINT master_version_of_two_persons
            CHECK (standing <> 'approved' OR decided_by IS DISTINCT FROM proposed_by)
    )
    """,
    "COMMENT ON COLUMN master_version.content IS 'what a call or a budget plan says; nothing about a person'",
    "COMMENT ON COLUMN master_version.proposed_by IS 'a person as in the audit, no name'",
    "COMMENT ON COLUMN master_version.decided_by IS 'a person as in the audit, no name'",
    "COMMENT ON COLUMN master_version.returned_because IS 'a code'",
    "ALTER TABLE application ADD COLUMN call_version integer NOT NULL DEFAULT 1",
    "COMMENT ON COLUMN application.call_version IS 'the version in force at the filing'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
