"""Orders, documents and deliveries."""

from alembic import op

from kfi_chassis.migrations import create_chassis_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE notification (
        id uuid PRIMARY KEY,
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        version integer NOT NULL,
        sequence integer NOT NULL,
        state text NOT NULL CONSTRAINT notification_state CHECK (
            state IN ('ordered', 'prepared', 'dispatched', 'announced', 'remedy-period-ended', 'failed')
        ),
        ordered_by text NOT NULL,
        concerns uuid NOT NULL,
        act_id uuid,
        channel text NOT NULL,
        legal_effect text NOT NULL,
        template text NOT NULL,
        template_version integer NOT NULL,
        language text NOT NULL,
        not_before date,
        content_digest text NOT NULL,
        content text,
        accepted_on date NOT NULL,
        dispatched_on date,
        announced_on date,
        remedy_ends_on date,
        period_trace text,
        failure text,
        CONSTRAINT notification_failure CHECK ((state = 'failed') = (failure IS NOT NULL)),
        CONSTRAINT notification_content CHECK ((content IS NULL) = (state NOT IN ('ordered', 'prepared')))
    )
    """,
    "CREATE INDEX notification_concerns ON notification (concerns, number)",
    "COMMENT ON COLUMN notification.number IS 'order of arrival'",
    "COMMENT ON COLUMN notification.sequence IS 'events published so far'",
    "COMMENT ON COLUMN notification.concerns IS 'the orderer''s aggregate'",
    "COMMENT ON COLUMN notification.content IS 'sealed (JWE); removed when the notification has left or failed'",
    "COMMENT ON COLUMN notification.period_trace IS 'how the period was computed'",
    """
    CREATE TABLE document (
        notification_id uuid PRIMARY KEY REFERENCES notification (id),
        media_type text NOT NULL,
        content bytea NOT NULL,
        sha256 text NOT NULL,
        pages integer,
        dated_on date NOT NULL
    )
    """,
    "COMMENT ON COLUMN document.content IS 'personal; the very bytes that left the house'",
    """
    CREATE TABLE delivery (
        notification_id uuid PRIMARY KEY REFERENCES notification (id),
        step text NOT NULL CONSTRAINT delivery_step CHECK (step IN ('prepare', 'letter', 'email')),
        not_before date,
        due_at timestamptz NOT NULL,
        waiting_since timestamptz NOT NULL DEFAULT now(),
        attempts integer NOT NULL DEFAULT 0,
        obstacle text
    )
    """,
    "CREATE INDEX delivery_due ON delivery (step, due_at)",
    "COMMENT ON COLUMN delivery.obstacle IS 'code of what stopped the last attempt'",
)


def upgrade() -> None:
    create_chassis_tables_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)
