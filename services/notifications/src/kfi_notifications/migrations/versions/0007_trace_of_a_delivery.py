"""The conversation and the trace of an order go on into what the workers do for it."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
compatible_from = "0006"

_STATEMENTS = (
    "ALTER TABLE delivery ADD COLUMN correlation_id text, ADD COLUMN traceparent text",
    "COMMENT ON COLUMN delivery.correlation_id IS 'the conversation that the order belongs to'",
    "COMMENT ON COLUMN delivery.traceparent IS 'where in its trace the order came in'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
