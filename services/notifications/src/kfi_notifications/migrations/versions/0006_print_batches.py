"""Letters of a day are printed and posted in a batch that the print room acknowledges.

The release before works beside it as long as no cut-off is configured.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
compatible_from = "0005"

_STATEMENTS = (
    """
    CREATE TABLE print_batch (
        id uuid PRIMARY KEY,
        day date NOT NULL CONSTRAINT print_batch_of_a_day UNIQUE,
        version integer NOT NULL,
        closed_at timestamptz,
        letters integer,
        manifest_sha256 text,
        posted_on date,
        CONSTRAINT print_batch_closed CHECK ((closed_at IS NULL) = (manifest_sha256 IS NULL)),
        CONSTRAINT print_batch_posted CHECK (posted_on IS NULL OR closed_at IS NOT NULL)
    )
    """,
    "COMMENT ON COLUMN print_batch.day IS 'the working day, and the name of its folder'",
    "COMMENT ON COLUMN print_batch.posted_on IS 'as the print room says'",
    """
    CREATE TABLE print_batch_letter (
        notification_id uuid PRIMARY KEY REFERENCES notification (id),
        batch_id uuid NOT NULL REFERENCES print_batch (id)
    )
    """,
    "CREATE INDEX print_batch_letter_batch ON print_batch_letter (batch_id)",
    """
    ALTER TABLE notification
        DROP CONSTRAINT notification_state,
        ADD CONSTRAINT notification_state CHECK (state IN (
            'ordered', 'prepared', 'dispatched', 'announced', 'remedy-period-ended', 'failed',
            'covered', 'provided', 'retrieved', 'not-retrieved', 'recalled', 'returned', 'handed-over'
        ))
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
