"""Plan runs: frozen input, lease, progress, plan, certificate, overrides."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
compatible_from = "0002"

_STATEMENTS = (
    """
    CREATE TABLE plan_run (
        id uuid PRIMARY KEY,
        position bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        kind text NOT NULL,
        state text NOT NULL,
        version bigint NOT NULL,
        sequence bigint NOT NULL,
        attempt integer NOT NULL,
        digest text NOT NULL,
        frozen_on date NOT NULL,
        policy_version text NOT NULL,
        seed integer NOT NULL,
        households integer NOT NULL,
        persons integer NOT NULL,
        repairs uuid REFERENCES plan_run (id),
        replans uuid REFERENCES plan_run (id),
        causes jsonb NOT NULL,
        created_by text NOT NULL,
        holder uuid,
        lease_until timestamptz,
        queued_at timestamptz,
        started_at timestamptz,
        ended_at timestamptz,
        solver text,
        status text,
        objective numeric,
        bound numeric,
        gap numeric,
        stopped_by text,
        reproducible boolean,
        certificate jsonb,
        failure text,
        accepted_by text,
        accepted_on date,
        CONSTRAINT plan_run_held_while_running CHECK ((state = 'running') = (holder IS NOT NULL)),
        CONSTRAINT plan_run_lease CHECK ((holder IS NULL) = (lease_until IS NULL)),
        CONSTRAINT plan_run_proved CHECK (state NOT IN ('proved', 'accepted') OR certificate IS NOT NULL)
    )
    """,
    "CREATE UNIQUE INDEX plan_run_position ON plan_run (position)",
    "CREATE INDEX plan_run_open ON plan_run (state, position)",
    "COMMENT ON COLUMN plan_run.position IS 'order of freezing'",
    "COMMENT ON COLUMN plan_run.version IS 'counts saves; the ETag'",
    "COMMENT ON COLUMN plan_run.sequence IS 'counts published events'",
    "COMMENT ON COLUMN plan_run.attempt IS 'counts how often it was begun'",
    "COMMENT ON COLUMN plan_run.digest IS 'SHA-256 of the frozen input'",
    "COMMENT ON COLUMN plan_run.repairs IS 'the accepted run it repairs'",
    "COMMENT ON COLUMN plan_run.replans IS 'the run whose plan was overridden'",
    "COMMENT ON COLUMN plan_run.causes IS 'why it is repaired, in codes'",
    "COMMENT ON COLUMN plan_run.holder IS 'the worker that solves it'",
    "COMMENT ON COLUMN plan_run.solver IS 'name and version'",
    "COMMENT ON COLUMN plan_run.certificate IS 'roots, figures and signature; public'",
    """
    CREATE TABLE run_document (
        run_id uuid NOT NULL REFERENCES plan_run (id),
        kind text NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (run_id, kind)
    )
    """,
    "COMMENT ON COLUMN run_document.kind IS 'input, preview or plan'",
    "COMMENT ON COLUMN run_document.content IS 'compressed; households by id alone'",
    """
    CREATE TABLE run_household (
        run_id uuid NOT NULL REFERENCES plan_run (id),
        household_id uuid NOT NULL,
        ags text,
        flat_id uuid,
        flat_missing text,
        PRIMARY KEY (run_id, household_id)
    )
    """,
    "CREATE INDEX run_household_of ON run_household (household_id)",
    "COMMENT ON COLUMN run_household.ags IS 'the town of the proven plan'",
    "COMMENT ON COLUMN run_household.flat_id IS 'the flat reserved for it when the plan was accepted'",
    "COMMENT ON COLUMN run_household.flat_missing IS 'what it needs a flat for and got none'",
    """
    CREATE TABLE run_progress (
        run_id uuid NOT NULL REFERENCES plan_run (id),
        number integer NOT NULL,
        attempt integer NOT NULL,
        at timestamptz NOT NULL,
        stage text NOT NULL,
        objective numeric NOT NULL,
        bound numeric NOT NULL,
        PRIMARY KEY (run_id, number)
    )
    """,
    """
    CREATE TABLE run_override (
        run_id uuid NOT NULL REFERENCES plan_run (id),
        household_id uuid NOT NULL,
        ags text NOT NULL,
        reason text NOT NULL,
        explanation bytea NOT NULL,
        decided_by text NOT NULL,
        PRIMARY KEY (run_id, household_id)
    )
    """,
    "COMMENT ON COLUMN run_override.explanation IS 'in the planner''s words'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
