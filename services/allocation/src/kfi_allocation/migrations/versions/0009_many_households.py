"""Many households cost what each of them costs: entries are numbered by statement, lists are read by an index.

The last number of a ledger was written with each entry, and a row that one transaction writes again and again is found
more slowly each time: 50,000 entries took longer than a statement may (17 s; now 5).
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    "CREATE INDEX household_position ON household (position)",
    "CREATE INDEX placement_position ON placement (position)",
    "DROP INDEX town_notice_concerning",
    """
    CREATE FUNCTION hold_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ledger (name, last) VALUES (TG_TABLE_NAME, 0) ON CONFLICT DO NOTHING;
        PERFORM FROM ledger WHERE name = TG_TABLE_NAME FOR UPDATE;
        RETURN NULL;
    END
    $$
    """,
    # Rows of the same statement that came before are seen: the function is volatile.
    """
    CREATE OR REPLACE FUNCTION number_without_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('SELECT greatest(ledger.last, (SELECT max(number) FROM %I)) + 1 FROM ledger WHERE name = $1',
                       TG_TABLE_NAME) INTO NEW.number USING TG_TABLE_NAME;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE FUNCTION note_last_number() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('UPDATE ledger SET last = coalesce((SELECT max(number) FROM %I), last) WHERE name = $1',
                       TG_TABLE_NAME) USING TG_TABLE_NAME;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION refuse_another_last_number() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        given bigint;
    BEGIN
        EXECUTE format('SELECT coalesce(max(number), 0) FROM %I', OLD.name) INTO given;
        IF (NEW.name <> OLD.name OR NEW.last <> given)
            AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
            RAISE EXCEPTION 'nothing is overwritten in %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "DROP TRIGGER ledger_counts_on ON ledger",
    """
    CREATE TRIGGER ledger_counts_on BEFORE UPDATE ON ledger
        FOR EACH ROW EXECUTE FUNCTION refuse_another_last_number()
    """,
    *(
        f"CREATE TRIGGER {table}_{name} {moment} INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        for table in ("booking", "presence")
        for name, moment, function in (("held", "BEFORE", "hold_ledger"), ("noted", "AFTER", "note_last_number"))
    ),
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
