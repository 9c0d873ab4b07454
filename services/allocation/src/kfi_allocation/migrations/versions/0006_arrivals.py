"""Lists of arrivals and the households they announce."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    CREATE TABLE arrival_list (
        id uuid PRIMARY KEY,
        position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        root_id uuid NOT NULL,
        corrects uuid REFERENCES arrival_list (id),
        source text NOT NULL,
        mapping text NOT NULL,
        mapping_document jsonb NOT NULL,
        kind text NOT NULL,
        encoding text NOT NULL,
        separator text NOT NULL,
        said jsonb NOT NULL,
        size bigint NOT NULL,
        sha256 text NOT NULL,
        asked text NOT NULL,
        uploaded_by text NOT NULL,
        uploaded_on date NOT NULL,
        state text NOT NULL,
        version bigint NOT NULL,
        whole boolean NOT NULL,
        found jsonb NOT NULL,
        done jsonb NOT NULL,
        ended_on date,
        file_deleted_on date,
        CONSTRAINT arrival_list_state CHECK (
            state IN ('received', 'read', 'unreadable', 'importing', 'imported', 'discarded'))
    )
    """,
    "CREATE UNIQUE INDEX arrival_list_once ON arrival_list (source, asked) WHERE state <> 'discarded'",
    "CREATE UNIQUE INDEX arrival_list_corrected_once ON arrival_list (corrects) WHERE state <> 'discarded'",
    "CREATE INDEX arrival_list_at_work ON arrival_list (position) WHERE state IN ('received', 'importing')",
    """
    CREATE TABLE arrival_part (
        list_id uuid NOT NULL REFERENCES arrival_list (id),
        number integer NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (list_id, number)
    )
    """,
    """
    CREATE TABLE arrival_entry (
        list_id uuid NOT NULL REFERENCES arrival_list (id),
        number integer NOT NULL,
        reference text NOT NULL,
        line integer NOT NULL,
        difference text NOT NULL,
        changes jsonb NOT NULL,
        household_id uuid,
        outcome text,
        refusal text,
        content bytea,
        PRIMARY KEY (list_id, number)
    )
    """,
    "CREATE UNIQUE INDEX arrival_entry_reference ON arrival_entry (list_id, reference)",
    "CREATE INDEX arrival_entry_of_household ON arrival_entry (household_id)",
    "CREATE INDEX arrival_entry_open ON arrival_entry (list_id, number) WHERE outcome IS NULL",
    """
    CREATE TABLE arrival_mistake (
        list_id uuid NOT NULL REFERENCES arrival_list (id),
        number integer NOT NULL,
        line integer NOT NULL,
        field text NOT NULL,
        fault text NOT NULL,
        severity text NOT NULL,
        suggestions text[] NOT NULL,
        PRIMARY KEY (list_id, number)
    )
    """,
    """
    CREATE TABLE household (
        id uuid PRIMARY KEY,
        position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        list_id uuid NOT NULL REFERENCES arrival_list (id),
        source text NOT NULL,
        reference text NOT NULL,
        group_code text NOT NULL,
        persons integer NOT NULL,
        adults integer NOT NULL,
        children integer NOT NULL,
        school_children integer NOT NULL,
        needs text[] NOT NULL,
        languages text[] NOT NULL,
        relatives_in text,
        must_join boolean NOT NULL,
        wishes text[] NOT NULL,
        arrival_on date,
        charter text,
        members bytea NOT NULL,
        contact bytea NOT NULL,
        announced_on date NOT NULL,
        cancelled_on date,
        erased_on date,
        version bigint NOT NULL,
        CONSTRAINT household_persons CHECK (persons BETWEEN 1 AND 39 AND adults + children = persons),
        CONSTRAINT household_must_join CHECK (relatives_in IS NOT NULL OR NOT must_join)
    )
    """,
    "CREATE INDEX household_of_list ON household (list_id, position)",
    """
    CREATE UNIQUE INDEX household_once ON household (source, reference)
        WHERE cancelled_on IS NULL AND erased_on IS NULL
    """,
    "COMMENT ON COLUMN arrival_list.position IS 'the order of receipt'",
    "COMMENT ON COLUMN arrival_list.root_id IS 'the first list of a chain of corrections'",
    "COMMENT ON COLUMN arrival_list.source IS 'who sends such lists'",
    "COMMENT ON COLUMN arrival_list.mapping_document IS 'as it was then'",
    "COMMENT ON COLUMN arrival_list.kind IS 'media type'",
    "COMMENT ON COLUMN arrival_list.said IS 'values for all rows, control totals'",
    "COMMENT ON COLUMN arrival_list.size IS 'bytes'",
    "COMMENT ON COLUMN arrival_list.asked IS 'of the file and all that was said with it'",
    "COMMENT ON COLUMN arrival_list.version IS 'the ETag; progress does not count'",
    "COMMENT ON COLUMN arrival_list.found IS 'counts of what was read'",
    "COMMENT ON COLUMN arrival_list.done IS 'counts of what was imported'",
    "COMMENT ON COLUMN arrival_part.number IS 'counts the parts of the file from 1'",
    "COMMENT ON COLUMN arrival_part.content IS 'a part of the file, under the key of the list'",
    "COMMENT ON COLUMN arrival_entry.number IS 'the order of the list'",
    "COMMENT ON COLUMN arrival_entry.reference IS 'of the household at its source'",
    "COMMENT ON COLUMN arrival_entry.line IS 'where it begins; 0 when the list is silent'",
    "COMMENT ON COLUMN arrival_entry.changes IS 'by field; none of what is personal'",
    "COMMENT ON COLUMN arrival_entry.refusal IS 'the rule that forbade it'",
    "COMMENT ON COLUMN arrival_entry.content IS 'the household as read, until it is imported'",
    "COMMENT ON COLUMN arrival_mistake.number IS 'the order in which they were found'",
    "COMMENT ON COLUMN arrival_mistake.line IS '0 is the file as a whole'",
    "COMMENT ON COLUMN arrival_mistake.suggestions IS 'names of the register'",
    "COMMENT ON COLUMN household.position IS 'the order of receipt'",
    "COMMENT ON COLUMN household.reference IS 'at its source; no name has its form'",
    "COMMENT ON COLUMN household.group_code IS 'of § 14 TIntG'",
    "COMMENT ON COLUMN household.relatives_in IS 'AGS'",
    "COMMENT ON COLUMN household.wishes IS 'AGS, the dearest first'",
    "COMMENT ON COLUMN household.members IS 'names, days of birth, kinship'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
