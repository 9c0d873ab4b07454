"""Documents under the key of the person they name.

A row of the release before has its content in the open; `privacy encrypt` moves it, portion by portion. Until the last
replica of the release before is gone, this one must be told to write in the open as well
(`KFI_ENCRYPT_PERSONAL_DATA=false`), because the one before finds no content in what is encrypted.
"""

from alembic import op

from kfi_chassis.privacy.tables import create_person_tables_v1

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
compatible_from = "0002"

_STATEMENTS = (
    """
    ALTER TABLE document
        ADD COLUMN encrypted bytea,
        ALTER COLUMN content DROP NOT NULL,
        ADD CONSTRAINT document_content CHECK ((content IS NULL) <> (encrypted IS NULL)) NOT VALID
    """,
    "ALTER TABLE document VALIDATE CONSTRAINT document_content",
    "CREATE INDEX document_in_the_open ON document (notification_id) WHERE content IS NOT NULL",
    "COMMENT ON COLUMN document.content IS 'in the open, of an older release; moved by `privacy encrypt`'",
    "COMMENT ON COLUMN document.encrypted IS 'the very bytes that left the house'",
)


def upgrade() -> None:
    create_person_tables_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)
