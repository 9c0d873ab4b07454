"""Letters are held back, recalled, and come back by post.

The release before works beside it: it knows no hold, so its workers are to be gone before one is relied on.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
compatible_from = "0004"

_STATEMENTS = (
    """
    CREATE TABLE hold (
        id uuid PRIMARY KEY,
        scope text NOT NULL CONSTRAINT hold_scope CHECK (scope IN ('notification', 'template', 'service')),
        target text NOT NULL,
        reason text NOT NULL,
        placed_on date NOT NULL,
        released_on date,
        version integer NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX hold_in_force ON hold (scope, target) WHERE released_on IS NULL",
    "COMMENT ON COLUMN hold.target IS 'the id of a notification, a template, or a service'",
    "ALTER TABLE delivery ADD COLUMN hold_id uuid REFERENCES hold (id)",
    "COMMENT ON COLUMN delivery.hold_id IS 'what holds this one back; holds of many stand in hold'",
    """
    ALTER TABLE notification
        DROP CONSTRAINT notification_state,
        ADD CONSTRAINT notification_state CHECK (state IN (
            'ordered', 'prepared', 'dispatched', 'announced', 'remedy-period-ended', 'failed',
            'covered', 'provided', 'retrieved', 'not-retrieved', 'recalled', 'returned'
        ))
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
