"""Letters in the inbox of an organisation, and its consent to be told that way.

The release before works beside it: its rows say by default that a letter is posted. It does not know the new states, so
its replicas cannot show what lies in an inbox until they are replaced.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    ALTER TABLE notification
        ADD COLUMN organisation text,
        ADD COLUMN through_inbox boolean NOT NULL DEFAULT false,
        ADD COLUMN provided_on date,
        ADD COLUMN retrieve_by date,
        ADD COLUMN retrieved_on date,
        DROP CONSTRAINT notification_state,
        ADD CONSTRAINT notification_state CHECK (state IN (
            'ordered', 'prepared', 'dispatched', 'announced', 'remedy-period-ended', 'failed',
            'covered', 'provided', 'retrieved', 'not-retrieved'
        )),
        ADD CONSTRAINT notification_inbox CHECK (NOT through_inbox OR organisation IS NOT NULL),
        ADD CONSTRAINT notification_retrieval CHECK ((provided_on IS NULL) = (retrieve_by IS NULL))
    """,
    "CREATE INDEX notification_inbox ON notification (organisation, number) WHERE provided_on IS NOT NULL",
    "COMMENT ON COLUMN notification.organisation IS 'whose inbox it belongs to'",
    "COMMENT ON COLUMN notification.through_inbox IS 'provided in the inbox instead of being posted'",
    "COMMENT ON COLUMN notification.retrieve_by IS 'last day on which retrieving it announces it'",
    "ALTER TABLE delivery DROP CONSTRAINT delivery_step",
    """
    ALTER TABLE delivery
        ADD CONSTRAINT delivery_step CHECK (step IN ('prepare', 'letter', 'email', 'inbox'))
    """,
    """
    CREATE TABLE retrieval (
        notification_id uuid PRIMARY KEY REFERENCES notification (id),
        retrieved_at timestamptz NOT NULL,
        account text NOT NULL,
        person text NOT NULL
    )
    """,
    "COMMENT ON COLUMN retrieval.account IS 'the account that retrieved it first'",
    "COMMENT ON COLUMN retrieval.person IS 'the id of the person behind the account'",
    """
    CREATE TABLE consent (
        id uuid PRIMARY KEY,
        organisation text NOT NULL CONSTRAINT consent_of_an_organisation UNIQUE,
        version integer NOT NULL,
        given boolean NOT NULL,
        since date NOT NULL
    )
    """,
    "COMMENT ON COLUMN consent.given IS 'to be told by retrieval from the inbox (§ 41 (2a) VwVfG)'",
    """
    CREATE TABLE consent_change (
        consent_id uuid NOT NULL REFERENCES consent (id),
        version integer NOT NULL,
        given boolean NOT NULL,
        changed_on date NOT NULL,
        changed_at timestamptz NOT NULL,
        account text NOT NULL,
        person text NOT NULL,
        PRIMARY KEY (consent_id, version)
    )
    """,
    "COMMENT ON COLUMN consent_change.account IS 'the account that said so'",
    "COMMENT ON COLUMN consent_change.person IS 'the id of the person behind the account'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
