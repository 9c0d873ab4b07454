"""The work list: who works on a case, whose turn it is, and until when."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
compatible_from = "0001"

_IN_THE_LIST = "WHERE due_on IS NOT NULL"
_STATEMENTS = (
    """
    ALTER TABLE application
        ADD COLUMN assignee text,
        ADD COLUMN waits_for text,
        ADD COLUMN due_on date DEFAULT current_date
    """,
    f"CREATE INDEX work_list ON application (due_on, position) {_IN_THE_LIST}",
    f"CREATE INDEX work_list_in_state ON application (state, due_on, position) {_IN_THE_LIST}",
    f"CREATE INDEX work_list_of_person ON application (assignee, due_on, position) {_IN_THE_LIST}",
    f"CREATE INDEX work_list_of_person_in_state ON application (assignee, state, due_on, position) {_IN_THE_LIST}",
    f"CREATE INDEX work_list_by_age ON application (filed_on) {_IN_THE_LIST}",
    "COMMENT ON COLUMN application.assignee IS 'the person who works on it; none: nobody does'",
    "COMMENT ON COLUMN application.waits_for IS 'whose turn it is; none once the case has ended'",
    "COMMENT ON COLUMN application.due_on IS 'until when; an older release''s case: at once'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
