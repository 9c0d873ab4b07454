"""Corrections of decisions. The release before works beside it and knows none."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
compatible_from = "0010"

_STATEMENTS = (
    """
    CREATE TABLE correction (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id),
        number integer NOT NULL,
        version bigint NOT NULL,
        state text NOT NULL,
        text bytea NOT NULL,
        proposed_by text NOT NULL,
        proposed_on date NOT NULL,
        signed_by text,
        decided_on date,
        letter_id uuid,
        letter_digest text,
        announced_on date,
        remedy_ends_on date,
        final_on date,
        failure text,
        CONSTRAINT correction_of_case UNIQUE (application_id, number)
    )
    """,
    "COMMENT ON COLUMN correction.id IS 'the id of the act'",
    "COMMENT ON COLUMN correction.number IS 'counts the corrections of a case'",
    "COMMENT ON COLUMN correction.version IS 'counts saves; the ETag'",
    "COMMENT ON COLUMN correction.text IS 'points, reasons, legal basis, who signed'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
