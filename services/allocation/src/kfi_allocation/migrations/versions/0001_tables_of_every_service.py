"""The tables every service has, and those of persons' keys."""

from alembic import op

from kfi_chassis.migrations import create_chassis_tables_v1, queue_the_outbox
from kfi_chassis.privacy.tables import create_person_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables_v1(op)
    queue_the_outbox(op)
    create_person_tables_v1(op)
