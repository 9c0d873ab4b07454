"""Policies, what towns say of themselves, and the two ledgers, which the database numbers and lets nobody overwrite."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
compatible_from = "0001"

_TABLES = (
    """
    CREATE TABLE policy (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL,
        valid_from date NOT NULL, content jsonb NOT NULL, standing text NOT NULL,
        drafted_by text NOT NULL, drafted_on date NOT NULL, decided_by text, decided_on date,
        returned_because text, version bigint NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT policy_name UNIQUE (name),
        CONSTRAINT policy_standing CHECK (standing IN ('drafted', 'in-force', 'returned')),
        CONSTRAINT policy_of_two_persons
        CHECK (standing <> 'in-force' OR (decided_by IS NOT NULL AND decided_by <> drafted_by))
    )
    """,
    """
    CREATE TABLE series (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL,
        basis text NOT NULL, counted_on date NOT NULL, holds_from date NOT NULL,
        source text NOT NULL, by_ags jsonb NOT NULL, loaded_by text NOT NULL,
        loaded_on date NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT series_of_a_day UNIQUE (name, basis, holds_from)
    )
    """,
    """
    CREATE TABLE quota_publication (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, as_of date NOT NULL,
        policy_version text NOT NULL, digest text NOT NULL, document jsonb NOT NULL,
        published_by text NOT NULL, published_on date NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE town_capacity (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, ags text NOT NULL,
        number integer NOT NULL, persons integer NOT NULL, valid_from date NOT NULL,
        valid_until date, stated_on date NOT NULL, stated_by text NOT NULL, version bigint NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT town_capacity_number UNIQUE (ags, number),
        CONSTRAINT town_capacity_not_negative CHECK (persons >= 0)
    )
    """,
    """
    CREATE TABLE town_stop (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, ags text NOT NULL,
        first_day date NOT NULL, last_day date NOT NULL, reason text NOT NULL,
        asked_on date NOT NULL, state text NOT NULL, decided_by text, decided_on date,
        refused_because text, ended_on date, version bigint NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT town_stop_approved_by_somebody CHECK (state <> 'approved' OR decided_by IS NOT NULL)
    )
    """,
    "CREATE INDEX town_stop_of ON town_stop (ags, position)",
    """
    CREATE TABLE flat_offer (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, ags text NOT NULL,
        persons integer NOT NULL, square_metres integer NOT NULL, barrier_free boolean NOT NULL,
        free_from date NOT NULL, offered_on date NOT NULL, state text NOT NULL, household_id uuid,
        version bigint NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT flat_offer_has_a_size CHECK (persons > 0 AND square_metres > 0),
        CONSTRAINT flat_offer_reserved_for_somebody
        CHECK (state NOT IN ('reserved', 'taken') OR household_id IS NOT NULL)
    )
    """,
    "CREATE INDEX flat_offer_home ON flat_offer (household_id) WHERE household_id IS NOT NULL",
    "CREATE INDEX flat_offer_of ON flat_offer (ags, position)",
    """
    CREATE TABLE care_offer (
        id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, ags text NOT NULL,
        offers text NOT NULL, first_day date NOT NULL, last_day date, stated_on date NOT NULL,
        withdrawn_on date, version bigint NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX care_offer_of ON care_offer (ags, position)",
    """
    CREATE TABLE ledger (
        name text NOT NULL, last bigint NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE booking (
        number bigint NOT NULL, ags text NOT NULL, counts_on date NOT NULL, kind text NOT NULL,
        persons integer NOT NULL, credit text, until date, corrects bigint, because text NOT NULL,
        household_id uuid, booked_by text NOT NULL, booked_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (number),
        CONSTRAINT booking_kind CHECK (kind IN ('intake', 'credit', 'correction')),
        CONSTRAINT booking_corrects CHECK ((kind = 'correction') = (corrects IS NOT NULL)),
        CONSTRAINT booking_credit CHECK ((kind = 'credit') = (credit IS NOT NULL)),
        CONSTRAINT booking_persons CHECK (kind = 'correction' OR persons >= 0),
        FOREIGN KEY(corrects) REFERENCES booking (number)
    )
    """,
    "CREATE INDEX booking_corrected ON booking (corrects) WHERE corrects IS NOT NULL",
    "CREATE INDEX booking_home ON booking (household_id) WHERE household_id IS NOT NULL",
    "CREATE INDEX booking_of ON booking (ags, number)",
    """
    CREATE TABLE presence (
        number bigint NOT NULL, household_id uuid NOT NULL, ags text NOT NULL,
        counts_on date NOT NULL, happened text NOT NULL, persons integer NOT NULL, cohort bigint,
        counts_from date, counts_before date, corrects bigint, booked_by text NOT NULL,
        booked_on date NOT NULL, recorded_at timestamptz NOT NULL,
        PRIMARY KEY (number),
        CONSTRAINT presence_corrects CHECK ((happened = 'corrected') = (corrects IS NOT NULL)),
        CONSTRAINT presence_cohort CHECK ((happened IN ('arrived', 'born')) = (cohort IS NULL)),
        FOREIGN KEY(cohort) REFERENCES presence (number),
        FOREIGN KEY(corrects) REFERENCES presence (number)
    )
    """,
    "CREATE INDEX presence_home ON presence (household_id, number)",
    "CREATE INDEX presence_of ON presence (ags, number)",
    """
    CREATE TABLE presence_task (
        id uuid NOT NULL, position bigint NOT NULL, household_id uuid NOT NULL, ags text NOT NULL,
        announced integer NOT NULL, confirmed integer NOT NULL, noticed_on date NOT NULL,
        settled_as text, settled_by text, settled_on date, version bigint NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (position)
    )
    """,
)

_COMMENTS = {
    "policy.position": "the order of drafts",
    "policy.name": "the version by which plans and accounts name it",
    "policy.content": "what was drafted; nothing about a person",
    "policy.drafted_by": "a person as in the audit, no name",
    "policy.decided_by": "a person as in the audit, no name",
    "policy.returned_because": "a code",
    "policy.version": "counts steps; the ETag",
    "series.position": "the order of loading",
    "series.holds_from": "the first day of accounts kept by it",
    "series.source": "whose figures, under which licence",
    "series.by_ags": "a figure for each municipality",
    "series.loaded_by": "a person as in the audit, no name",
    "quota_publication.position": "the order",
    "quota_publication.digest": "SHA-256 of the canonical document",
    "quota_publication.document": "what was published; sums of towns",
    "quota_publication.published_by": "a person as in the audit, no name",
    "town_capacity.position": "for lists",
    "town_capacity.number": "counts the statements of the town",
    "town_capacity.stated_by": "a person as in the audit, no name",
    "town_capacity.version": "counts steps; the ETag",
    "town_stop.position": "for lists",
    "town_stop.decided_by": "a person as in the audit, no name",
    "town_stop.refused_because": "a code",
    "town_stop.version": "counts steps; the ETag",
    "flat_offer.position": "for lists",
    "flat_offer.persons": "for how many",
    "flat_offer.household_id": "whose it is once it is reserved",
    "flat_offer.version": "counts steps; the ETag",
    "care_offer.position": "for lists",
    "care_offer.offers": "a word of the needs of households",
    "care_offer.version": "counts steps; the ETag",
    "ledger.last": "the last number given",
    "booking.number": "from 1 without gaps",
    "booking.counts_on": "from which day on",
    "booking.credit": "a credit of the policy",
    "booking.until": "the last day of a credit that ends early",
    "booking.corrects": "the number of the entry",
    "booking.because": "a code",
    "booking.booked_by": "a person as in the audit, no name",
    "presence.number": "from 1 without gaps",
    "presence.counts_on": "from which day on; of a birth a head count after it",
    "presence.persons": "more, or fewer below 0",
    "presence.cohort": "the entry that brought them; none: this one",
    "presence.counts_from": "of a new cohort",
    "presence.counts_before": "of a new cohort",
    "presence.corrects": "the number of the entry",
    "presence.booked_by": "a person as in the audit, no name",
    "presence_task.position": "the entry it is about",
    "presence_task.announced": "persons",
    "presence_task.confirmed": "persons",
    "presence_task.settled_as": "a code",
    "presence_task.settled_by": "a person as in the audit, no name",
    "presence_task.version": "counts steps; the ETag",
}

# The owner of the tables may repair what it owns, triggers included; the service works under another role.
_RULES = (
    """
    CREATE FUNCTION refuse_unless_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
            RAISE EXCEPTION 'nothing is overwritten in %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END
    $$
    """,
    """
    CREATE FUNCTION number_without_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ledger AS given (name, last) VALUES (TG_TABLE_NAME, 1)
            ON CONFLICT (name) DO UPDATE SET last = given.last + 1 RETURNING given.last INTO NEW.number;
        RETURN NEW;
    END
    $$
    """,
    "CREATE TRIGGER booking_number BEFORE INSERT ON booking FOR EACH ROW EXECUTE FUNCTION number_without_gaps()",
    "CREATE TRIGGER presence_number BEFORE INSERT ON presence FOR EACH ROW EXECUTE FUNCTION number_without_gaps()",
    """
    CREATE TRIGGER booking_only_adds BEFORE UPDATE OR DELETE ON booking
        FOR EACH ROW EXECUTE FUNCTION refuse_unless_owner()
    """,
    """
    CREATE TRIGGER presence_only_adds BEFORE UPDATE OR DELETE ON presence
        FOR EACH ROW EXECUTE FUNCTION refuse_unless_owner()
    """,
    """
    CREATE TRIGGER ledger_counts_on BEFORE UPDATE ON ledger
        FOR EACH ROW WHEN (NEW.last IS DISTINCT FROM OLD.last + 1 OR NEW.name <> OLD.name)
        EXECUTE FUNCTION refuse_unless_owner()
    """,
    "CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_unless_owner()",
    """
    CREATE TRIGGER policy_in_force_stays BEFORE UPDATE OR DELETE ON policy
        FOR EACH ROW WHEN (OLD.standing <> 'drafted') EXECUTE FUNCTION refuse_unless_owner()
    """,
    """
    CREATE TRIGGER quota_publication_stays BEFORE UPDATE OR DELETE ON quota_publication
        FOR EACH ROW EXECUTE FUNCTION refuse_unless_owner()
    """,
    "CREATE TRIGGER series_stays BEFORE UPDATE OR DELETE ON series FOR EACH ROW EXECUTE FUNCTION refuse_unless_owner()",
)


def upgrade() -> None:
    comments = (f"COMMENT ON COLUMN {column} IS '{comment}'" for column, comment in _COMMENTS.items())
    for statement in (*_TABLES, *comments, *_RULES):
        op.execute(statement)
