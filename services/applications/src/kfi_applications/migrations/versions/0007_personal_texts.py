"""Personal texts under a key per person; search terms as keyed digests.

A row of the release before has its documents whole and the new columns empty; `privacy encrypt` moves it, portion by
portion. Until the last replica of the release before is gone, this one must be told to write in the open as well
(`KFI_ENCRYPT_PERSONAL_DATA=false`), because the one before cannot read what is encrypted.
"""

from alembic import op

from kfi_chassis.privacy.tables import create_person_tables_v1

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
compatible_from = "0006"

_STATEMENTS = (
    """
    ALTER TABLE application
        ADD COLUMN applicant_name bytea,
        ADD COLUMN texts bytea,
        ADD COLUMN erased_on date
    """,
    "CREATE INDEX application_in_the_open ON application (position) WHERE texts IS NULL",
    "COMMENT ON COLUMN application.texts IS 'whom and what the case''s documents name'",
    "COMMENT ON COLUMN application.erased_on IS 'the day its personal data was erased'",
    "COMMENT ON COLUMN application.addressee IS NULL",
)


def upgrade() -> None:
    create_person_tables_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)
