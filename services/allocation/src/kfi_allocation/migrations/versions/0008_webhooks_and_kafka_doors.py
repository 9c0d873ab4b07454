"""The towns' webhooks with their keys and log, their doors at the broker, and what they took note of."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    CREATE TABLE webhook (
        id UUID NOT NULL,
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        ags TEXT NOT NULL,
        version BIGINT NOT NULL,
        url BYTEA NOT NULL,
        contact BYTEA NOT NULL,
        state TEXT NOT NULL,
        ending TEXT,
        position BIGINT NOT NULL,
        failures INTEGER NOT NULL,
        due_at TIMESTAMP WITH TIME ZONE,
        failing_since TIMESTAMP WITH TIME ZONE,
        replay_next BIGINT,
        replay_through BIGINT,
        lease UUID,
        leased_until TIMESTAMP WITH TIME ZONE,
        created_on DATE NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT webhook_state CHECK (state IN ('active', 'disabled')),
        CONSTRAINT webhook_ending CHECK ((ending IS NULL) = (state = 'active')),
        CONSTRAINT webhook_replay CHECK ((replay_next IS NULL) = (replay_through IS NULL)),
        CONSTRAINT webhook_lease CHECK ((lease IS NULL) = (leased_until IS NULL)),
        UNIQUE (number)
    )
    """,
    "CREATE INDEX webhook_of_town ON webhook (ags, number)",
    "COMMENT ON COLUMN webhook.version IS 'changes by people, and its ending'",
    "COMMENT ON COLUMN webhook.contact IS 'who is told when it is disabled'",
    "COMMENT ON COLUMN webhook.ending IS 'why it is disabled'",
    "COMMENT ON COLUMN webhook.position IS 'the last event that was dealt with'",
    "COMMENT ON COLUMN webhook.failures IS 'of the event that is next'",
    "COMMENT ON COLUMN webhook.due_at IS 'not before; none: at once'",
    "COMMENT ON COLUMN webhook.lease IS 'which process sends to it at this moment'",
    """
    CREATE TABLE webhook_key (
        id UUID NOT NULL,
        webhook_id UUID NOT NULL,
        scheme TEXT NOT NULL,
        secret BYTEA NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ends_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        CONSTRAINT webhook_key_scheme CHECK (scheme IN ('v1', 'v1a')),
        FOREIGN KEY(webhook_id) REFERENCES webhook (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX webhook_key_of_webhook ON webhook_key (webhook_id, created_at)",
    """
    CREATE TABLE webhook_attempt (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        webhook_id UUID NOT NULL,
        position BIGINT NOT NULL,
        event_id UUID NOT NULL,
        replay BOOLEAN NOT NULL,
        failures INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        status INTEGER,
        milliseconds INTEGER NOT NULL,
        what_follows TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (number),
        FOREIGN KEY(webhook_id) REFERENCES webhook (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX webhook_attempt_age ON webhook_attempt (at)",
    "CREATE INDEX webhook_attempt_of_webhook ON webhook_attempt (webhook_id, number)",
    "COMMENT ON COLUMN webhook_attempt.failures IS 'of this event before this attempt'",
    "COMMENT ON COLUMN webhook_attempt.status IS 'the HTTP status, where there was an answer'",
    """
    CREATE TABLE kafka_door (
        id UUID NOT NULL,
        ags TEXT NOT NULL,
        version BIGINT NOT NULL,
        state TEXT NOT NULL,
        opened_after BIGINT,
        requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT kafka_door_state CHECK (state IN ('requested', 'open', 'closing', 'closed')),
        CONSTRAINT kafka_door_open CHECK (state <> 'open' OR opened_after IS NOT NULL),
        UNIQUE (ags)
    )
    """,
    "COMMENT ON COLUMN kafka_door.opened_after IS 'the topic begins after this position of the feed'",
    """
    CREATE TABLE kafka_credential (
        id UUID NOT NULL,
        door_id UUID NOT NULL,
        slot TEXT NOT NULL,
        state TEXT NOT NULL,
        sealed TEXT,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ends_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        CONSTRAINT kafka_credential_slot CHECK (slot IN ('a', 'b')),
        CONSTRAINT kafka_credential_state CHECK (state IN ('requested', 'active', 'ending', 'revoked')),
        CONSTRAINT kafka_credential_sealed CHECK ((sealed IS NOT NULL) = (state = 'requested')),
        FOREIGN KEY(door_id) REFERENCES kafka_door (id)
    )
    """,
    "CREATE UNIQUE INDEX kafka_credential_in_use ON kafka_credential (door_id, slot) WHERE state <> 'revoked'",
    "COMMENT ON COLUMN kafka_credential.sealed IS 'the password, to the doorkeeper; gone when the broker knows it'",
    """
    CREATE TABLE placement_receipt (
        household_id UUID NOT NULL,
        ags TEXT NOT NULL,
        proposed_on DATE NOT NULL,
        received_on DATE NOT NULL,
        PRIMARY KEY (household_id, ags, proposed_on)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
