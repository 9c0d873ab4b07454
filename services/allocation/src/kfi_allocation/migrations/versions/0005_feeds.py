"""The towns' feeds: what each is told, in an order that stays."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    CREATE TABLE feed (
        ags TEXT NOT NULL,
        generation INTEGER NOT NULL,
        last_position BIGINT NOT NULL,
        first_position BIGINT NOT NULL,
        PRIMARY KEY (ags),
        CONSTRAINT feed_kept CHECK (first_position BETWEEN 1 AND last_position + 1)
    )
    """,
    "COMMENT ON COLUMN feed.generation IS 'one more after a restore: old cursors end'",
    "COMMENT ON COLUMN feed.first_position IS 'the oldest that is kept, or the next'",
    """
    CREATE TABLE feed_entry (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        ags TEXT NOT NULL,
        position BIGINT,
        event_id UUID NOT NULL,
        type TEXT NOT NULL,
        data BYTEA NOT NULL,
        correlation_id TEXT,
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (number),
        CONSTRAINT feed_entry_event UNIQUE (event_id),
        CONSTRAINT feed_entry_position UNIQUE (ags, position)
    )
    """,
    "CREATE INDEX feed_entry_age ON feed_entry (occurred_at)",
    "CREATE INDEX feed_entry_without_position ON feed_entry (number) WHERE position IS NULL",
    "COMMENT ON COLUMN feed_entry.position IS 'given in the order of commits, from 1 without gaps'",
    """
    CREATE TABLE told_town (
        household_id UUID NOT NULL,
        ags TEXT NOT NULL,
        persons INTEGER NOT NULL,
        arrival_on DATE,
        current BOOLEAN NOT NULL,
        PRIMARY KEY (household_id, ags)
    )
    """,
    """
    CREATE TABLE town_household (
        ags TEXT NOT NULL,
        household_id UUID NOT NULL,
        facts JSONB NOT NULL,
        PRIMARY KEY (ags, household_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
