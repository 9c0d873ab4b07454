"""Things with a name, beside the tables of the chassis."""

import sqlalchemy as sa
from alembic import op

from kfi_chassis.migrations import create_chassis_tables_v1, queue_the_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables_v1(op)
    queue_the_outbox(op)
    op.create_table(
        "thing",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
