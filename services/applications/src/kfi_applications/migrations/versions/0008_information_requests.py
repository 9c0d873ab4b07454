"""What an applicant was asked for, until when, and what came."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
compatible_from = "0007"

_STATEMENTS = (
    "ALTER TABLE application ADD COLUMN information_requests jsonb NOT NULL DEFAULT '[]'",
    "COMMENT ON COLUMN application.information_requests IS 'the last is open or answered'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
