"""Withdrawn applications, permissions to begin early, notes.

No `compatible_from`: a release before this one does not know the state of a withdrawn case and could not list it.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE application ADD COLUMN early_start jsonb, ADD COLUMN withdrawn_on date",
    "COMMENT ON COLUMN application.early_start IS 'the permission to begin early'",
    "COMMENT ON COLUMN application.withdrawn_on IS 'the day its withdrawal was received'",
    """
    CREATE TABLE note (
        id uuid PRIMARY KEY,
        position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        application_id uuid NOT NULL REFERENCES application (id),
        written_by text NOT NULL,
        written_at timestamptz NOT NULL,
        text bytea NOT NULL,
        CONSTRAINT note_of_case UNIQUE (application_id, position)
    )
    """,
    "COMMENT ON COLUMN note.position IS 'the order of writing'",
    "COMMENT ON COLUMN note.written_by IS 'a person as in the audit, no name'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
