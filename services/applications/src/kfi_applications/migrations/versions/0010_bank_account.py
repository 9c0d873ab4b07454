"""To which account a grant is to be paid."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
compatible_from = "0009"

_STATEMENTS = (
    """
    CREATE TABLE bank_account (
        application_id uuid PRIMARY KEY REFERENCES application (id),
        iban bytea NOT NULL,
        owner bytea NOT NULL
    )
    """,
    "ALTER TABLE application ADD COLUMN bank_account_on date",
    "COMMENT ON COLUMN application.bank_account_on IS 'the day on which the account was stated last'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
