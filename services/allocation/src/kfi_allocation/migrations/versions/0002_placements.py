"""Placements: one per household, its state, its town, what was said about it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    CREATE TABLE placement (
        id uuid PRIMARY KEY,
        position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        list_id uuid NOT NULL,
        group_code text NOT NULL,
        persons integer NOT NULL,
        arrival_on date,
        announced_on date NOT NULL,
        state text NOT NULL,
        version bigint NOT NULL,
        sequence bigint NOT NULL,
        run_id uuid,
        ags text,
        proposed_on date,
        object_until date,
        town_agreed_on date,
        objected_on date,
        excluded text[] NOT NULL,
        fixed boolean NOT NULL,
        agreed_on date,
        arrived_on date,
        cancelled_on date,
        decisions jsonb NOT NULL,
        letters jsonb NOT NULL,
        waits_for text,
        due_on date,
        erased_on date,
        file bytea
    )
    """,
    "CREATE INDEX placement_due ON placement (due_on, position) WHERE due_on IS NOT NULL",
    "CREATE INDEX placement_of_town ON placement (ags, state)",
    "CREATE INDEX placement_of_list ON placement (list_id)",
    "CREATE INDEX placement_of_run ON placement (run_id)",
    "CREATE INDEX placement_in_state ON placement (state, position)",
    "COMMENT ON COLUMN placement.id IS 'the household''s'",
    "COMMENT ON COLUMN placement.position IS 'the order of receipt'",
    "COMMENT ON COLUMN placement.sequence IS 'published events'",
    "COMMENT ON COLUMN placement.ags IS 'the town of now'",
    "COMMENT ON COLUMN placement.objected_on IS 'the day of the open objection'",
    "COMMENT ON COLUMN placement.excluded IS 'towns whose objection was upheld'",
    "COMMENT ON COLUMN placement.fixed IS 'a planner and no plan named the town'",
    "COMMENT ON COLUMN placement.decisions IS 'codes and days of each decision'",
    "COMMENT ON COLUMN placement.letters IS 'codes and days of each letter'",
    "COMMENT ON COLUMN placement.file IS 'hearings, objections, drafts, reasons'",
    """
    CREATE TABLE town_notice (
        id uuid PRIMARY KEY,
        concerns uuid NOT NULL,
        occasion text NOT NULL,
        ags text NOT NULL,
        placements integer NOT NULL,
        object_until date,
        ordered_on date NOT NULL,
        failed text
    )
    """,
    "CREATE INDEX town_notice_concerning ON town_notice (concerns)",
    "CREATE INDEX town_notice_failed ON town_notice (ordered_on, id) WHERE failed IS NOT NULL",
    "COMMENT ON COLUMN town_notice.id IS 'the notification'",
    "COMMENT ON COLUMN town_notice.concerns IS 'the run or the household'",
    "COMMENT ON COLUMN town_notice.failed IS 'a code; none while it is on its way or has arrived'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
