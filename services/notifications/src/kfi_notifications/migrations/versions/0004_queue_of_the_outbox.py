"""What waits to be published stands in a table of its own; replicas of the release before end beforehand."""

from alembic import op

from kfi_chassis.migrations import queue_the_outbox

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
compatible_from = "0004"


def upgrade() -> None:
    queue_the_outbox(op)
