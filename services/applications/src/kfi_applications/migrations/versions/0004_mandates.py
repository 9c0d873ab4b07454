"""Deputies: who stands in for whom, and who has worked here as a caseworker."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
compatible_from = "0002"

_A_PERSON = "IS 'a person as in the audit, no name'"
_STATEMENTS = (
    """
    CREATE TABLE mandate (
        id uuid PRIMARY KEY,
        represented text NOT NULL,
        deputy text NOT NULL,
        valid_from date NOT NULL,
        valid_until date NOT NULL,
        granted_by text NOT NULL,
        revoked_on date,
        version bigint NOT NULL,
        CONSTRAINT mandate_has_a_time CHECK (valid_from <= valid_until),
        CONSTRAINT mandate_of_two_persons CHECK (represented <> deputy)
    )
    """,
    "CREATE INDEX mandate_of_deputy ON mandate (deputy, valid_until)",
    "CREATE INDEX mandate_by_end ON mandate (valid_until, id)",
    f"COMMENT ON COLUMN mandate.represented {_A_PERSON}",
    f"COMMENT ON COLUMN mandate.deputy {_A_PERSON}",
    "COMMENT ON COLUMN mandate.valid_until IS 'the last day'",
    f"COMMENT ON COLUMN mandate.granted_by {_A_PERSON}",
    "COMMENT ON COLUMN mandate.revoked_on IS 'the first day without it'",
    "COMMENT ON COLUMN mandate.version IS 'counts saves; the ETag'",
    "CREATE TABLE caseworker (person text PRIMARY KEY, last_seen_on date NOT NULL)",
    f"COMMENT ON COLUMN caseworker.person {_A_PERSON}",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
