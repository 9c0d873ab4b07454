"""Applications, budget and the tables of the chassis."""

from alembic import op

from kfi_chassis.migrations import create_chassis_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE application (
        id uuid PRIMARY KEY,
        position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT application_position UNIQUE,
        version bigint NOT NULL,
        sequence bigint NOT NULL,
        file_number text NOT NULL CONSTRAINT application_file_number UNIQUE,
        organisation text NOT NULL,
        programme text NOT NULL,
        call text NOT NULL,
        state text NOT NULL,
        filed_on date NOT NULL,
        late boolean NOT NULL,
        applicant jsonb NOT NULL,
        addressee jsonb NOT NULL,
        project jsonb NOT NULL,
        finance_plan jsonb NOT NULL,
        assessment jsonb,
        proposal jsonb,
        decision jsonb,
        remedies jsonb NOT NULL,
        failed_notifications jsonb NOT NULL
    )
    """,
    "CREATE INDEX application_of_organisation ON application (organisation, position)",
    "CREATE INDEX application_in_state ON application (state, position)",
    "COMMENT ON COLUMN application.position IS 'the order of receipt, for lists'",
    "COMMENT ON COLUMN application.version IS 'counts saves; the ETag'",
    "COMMENT ON COLUMN application.sequence IS 'counts published events'",
    "COMMENT ON COLUMN application.organisation IS 'whose account filed it; it sees only its own'",
    "COMMENT ON COLUMN application.addressee IS 'the only personal data of a case'",
    "CREATE TABLE file_number (year integer PRIMARY KEY, last integer NOT NULL)",
    "COMMENT ON COLUMN file_number.last IS 'the last number given in the year'",
    """
    CREATE TABLE budget_title (
        id uuid PRIMARY KEY,
        key text NOT NULL CONSTRAINT budget_title_key UNIQUE,
        name text NOT NULL,
        version bigint NOT NULL
    )
    """,
    """
    CREATE TABLE budget_year (
        title text NOT NULL REFERENCES budget_title (key),
        year integer NOT NULL,
        appropriation numeric(15, 2) NOT NULL,
        commitment_authorisation numeric(15, 2) NOT NULL,
        reserved numeric(15, 2) NOT NULL,
        committed numeric(15, 2) NOT NULL,
        PRIMARY KEY (title, year),
        CONSTRAINT budget_year_counts_up CHECK (reserved >= 0 AND committed >= 0),
        CONSTRAINT budget_year_never_overdrawn
            CHECK (reserved + committed <= appropriation + commitment_authorisation)
    )
    """,
    """
    CREATE TABLE budget_booking (
        title text NOT NULL,
        year integer NOT NULL,
        application_id uuid NOT NULL REFERENCES application (id),
        booking text NOT NULL CONSTRAINT budget_booking_kind CHECK (booking IN ('reserved', 'committed')),
        amount numeric(15, 2) NOT NULL CONSTRAINT budget_booking_of_something CHECK (amount > 0),
        PRIMARY KEY (application_id, title, year)
    )
    """,
)


def upgrade() -> None:
    create_chassis_tables_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)
