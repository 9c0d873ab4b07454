"""The first version of the chassis tables as frozen SQL; a later change is a new function, never an edit."""

from typing import Final, Protocol


class Operations(Protocol):
    """What a revision needs of alembic's `op`."""

    def execute(self, sqltext: str) -> None:
        """Run one statement."""


_STATEMENTS_V1: Final = (
    """
    CREATE TABLE outbox (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL CONSTRAINT outbox_event UNIQUE,
        topic text NOT NULL,
        key text NOT NULL,
        sequence bigint NOT NULL CONSTRAINT outbox_sequence_from_one CHECK (sequence > 0),
        type text NOT NULL,
        headers jsonb NOT NULL,
        payload bytea NOT NULL,
        occurred_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        parked_reason text,
        CONSTRAINT outbox_sequence UNIQUE (topic, key, sequence)
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
    """,
    "CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL",
    "CREATE INDEX outbox_parked ON outbox (topic, key) WHERE parked_reason IS NOT NULL",
    "COMMENT ON COLUMN outbox.topic IS 'the stream of the aggregate''s kind'",
    "COMMENT ON COLUMN outbox.key IS 'the aggregate''s id'",
    "COMMENT ON COLUMN outbox.sequence IS 'counts the aggregate''s events from 1'",
    "COMMENT ON COLUMN outbox.parked_reason IS 'why the broker refuses it; later events of its key wait behind it'",
    """
    CREATE TABLE inbox (
        consumer text NOT NULL,
        event_id uuid NOT NULL,
        processed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, event_id)
    )
    """,
    """
    CREATE TABLE dead_letter (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key bytea,
        headers bytea NOT NULL,
        value bytea,
        recorded_at timestamptz NOT NULL,
        event_id uuid,
        event_type text,
        reason text NOT NULL,
        holds_key boolean NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now(),
        attempts integer NOT NULL DEFAULT 0,
        resolved_at timestamptz,
        resolution text CONSTRAINT dead_letter_resolution CHECK (resolution IN ('replayed', 'discarded', 'expired')),
        resolved_by text,
        resolution_reason text,
        CONSTRAINT dead_letter_resolved CHECK ((resolved_at IS NULL) = (resolution IS NULL))
    )
    """,
    "CREATE INDEX dead_letter_open ON dead_letter (consumer, number) WHERE resolved_at IS NULL",
    "CREATE INDEX dead_letter_held_key ON dead_letter (consumer, topic, key) WHERE resolved_at IS NULL AND holds_key",
    "COMMENT ON COLUMN dead_letter.headers IS 'JSON list of [name, base64 or null]: nothing is lost'",
    "COMMENT ON COLUMN dead_letter.recorded_at IS 'the record''s timestamp in Kafka'",
    "COMMENT ON COLUMN dead_letter.event_id IS 'none when the envelope cannot be read'",
    "COMMENT ON COLUMN dead_letter.attempts IS 'replays that failed'",
    """
    CREATE TABLE deadline (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        kind text NOT NULL,
        subject uuid NOT NULL,
        due_on date NOT NULL,
        details jsonb NOT NULL DEFAULT '{}',
        scheduled_at timestamptz NOT NULL DEFAULT now(),
        attempts integer NOT NULL DEFAULT 0,
        retry_at timestamptz,
        failure text,
        closed_at timestamptz,
        outcome text CONSTRAINT deadline_outcome CHECK (outcome IN ('met', 'cancelled')),
        CONSTRAINT deadline_closed CHECK ((closed_at IS NULL) = (outcome IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX deadline_open ON deadline (kind, subject) WHERE closed_at IS NULL",
    "CREATE INDEX deadline_due ON deadline (kind, due_on) WHERE closed_at IS NULL",
    "COMMENT ON COLUMN deadline.failure IS 'code of the last failure'",
    """
    CREATE TABLE idempotency_key (
        subject text NOT NULL,
        operation text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        resource_id text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (subject, operation, key)
    )
    """,
    "CREATE INDEX idempotency_key_recorded ON idempotency_key USING brin (recorded_at)",
    "COMMENT ON COLUMN idempotency_key.subject IS 'who asked'",
    "COMMENT ON COLUMN idempotency_key.operation IS 'method and route'",
    """
    CREATE TABLE audit (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        aggregate text NOT NULL,
        aggregate_id uuid NOT NULL,
        number bigint NOT NULL CONSTRAINT audit_number_from_one CHECK (number > 0),
        version bigint NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        person text NOT NULL,
        reason text,
        details jsonb NOT NULL,
        correlation_id text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        previous_hash text NOT NULL,
        hash text NOT NULL,
        CONSTRAINT audit_number UNIQUE (aggregate, aggregate_id, number)
    )
    """,
    "COMMENT ON COLUMN audit.number IS 'counts the rows of the aggregate from 1'",
    "COMMENT ON COLUMN audit.version IS 'the aggregate''s version the row speaks of'",
    "COMMENT ON COLUMN audit.subject IS 'the account that acted'",
    "COMMENT ON COLUMN audit.person IS 'the person behind the account'",
)


def create_chassis_tables_v1(op: Operations) -> None:
    """Create the tables of `kfi_chassis.tables`; call it in a service's revision 0001."""
    for statement in _STATEMENTS_V1:
        op.execute(statement)


_QUEUE_OF_THE_OUTBOX: Final = (
    """
    CREATE TABLE outbox_due (position bigint PRIMARY KEY)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
    """,
    "COMMENT ON TABLE outbox_due IS 'the events of the outbox that the broker does not have yet'",
    "INSERT INTO outbox_due SELECT position FROM outbox WHERE published_at IS NULL",
    "ALTER TABLE outbox DROP COLUMN published_at",
)


def queue_the_outbox(op: Operations) -> None:
    """Keep what is still to be published in a table of its own; the release before knows only the column that goes."""
    for statement in _QUEUE_OF_THE_OUTBOX:
        op.execute(statement)
