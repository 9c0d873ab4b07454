"""What must be true of a service's database after anything: nothing half, nothing beside the record of it."""

from functools import partial

from kfi_stack.running_platform import Platform

from .bus import Bus, until
from .chains import WHOLE, told_of_chains

OF_EVERY_SERVICE = {
    "events of one key without a gap": """
        SELECT topic, key FROM outbox GROUP BY topic, key HAVING max(sequence) - min(sequence) + 1 <> count(*)""",
    "every event published": """
        SELECT type FROM outbox_due JOIN outbox USING (position) WHERE parked_reason IS NULL""",
}
CONTRADICTIONS = {
    "applications": {
        "the last change of every case on record": """
            SELECT id FROM application WHERE version IS DISTINCT FROM (
                SELECT max(version) FROM audit WHERE aggregate_id = id AND action NOT LIKE 'read%')""",
        "every event of a case": """
            SELECT id FROM application WHERE sequence <> (
                SELECT count(*) FROM outbox WHERE key = id::text AND topic = 'applications.application.v1')""",
        "no file number lost": """
            SELECT year FROM file_number WHERE last <> (
                SELECT count(*) FROM application WHERE file_number LIKE '36-' || year || '-%')""",
        "every booking in its budget": """
            SELECT title, year FROM budget_year AS y WHERE (reserved, committed) <> (
                SELECT coalesce(sum(amount) FILTER (WHERE booking = 'reserved'), 0),
                       coalesce(sum(amount) FILTER (WHERE booking = 'committed'), 0)
                FROM budget_booking AS b WHERE (b.title, b.year) = (y.title, y.year))""",
        "every key for what it created": """
            SELECT key FROM idempotency_key
            WHERE NOT EXISTS (SELECT FROM application WHERE id::text = resource_id)
              AND NOT EXISTS (SELECT FROM master_record WHERE id::text = resource_id)
              AND NOT EXISTS (SELECT FROM attachment WHERE id::text = resource_id)
              AND NOT EXISTS (SELECT FROM mandate WHERE id::text = resource_id)
              AND NOT EXISTS (SELECT FROM note WHERE id::text = resource_id)
              AND NOT EXISTS (SELECT FROM correction WHERE id::text = resource_id)""",
        "nothing reserved for what was withdrawn": """
            SELECT id FROM application JOIN budget_booking ON application_id = id WHERE state = 'withdrawn'""",
        "the last change of every master record on record": """
            SELECT id FROM master_record WHERE version IS DISTINCT FROM (
                SELECT max(version) FROM audit WHERE aggregate_id = id AND aggregate = kind)""",
        "every title holds what was approved last": """
            SELECT title FROM budget_year AS y JOIN master_record AS r ON (r.kind, r.key) = ('budget-plan', y.title)
            JOIN LATERAL (
                SELECT planned FROM master_version AS v, jsonb_array_elements(content -> 'years') AS planned
                WHERE v.record = r.id AND standing = 'approved' AND (planned ->> 'year')::int = y.year
                ORDER BY number DESC LIMIT 1
            ) AS last ON true
            WHERE (appropriation, commitment_authorisation) IS DISTINCT FROM
                ((planned ->> 'appropriation')::numeric, (planned ->> 'commitment_authorisation')::numeric)""",
        "the last change of every correction on record": """
            SELECT id FROM correction WHERE version IS DISTINCT FROM (
                SELECT max(version) FROM audit WHERE aggregate_id = id AND aggregate = 'correction')""",
        "every attachment whole, and nothing of a removed one": """
            SELECT id FROM attachment WHERE (SELECT count(*) FROM attachment_part WHERE attachment_id = id)
                <> CASE WHEN removed_on IS NULL THEN (size + 262143) / 262144 ELSE 0 END""",
        "every attachment on record": """
            SELECT id FROM attachment WHERE version <> (
                SELECT count(*) FROM audit
                WHERE aggregate_id = application_id AND action IN ('add-attachment', 'remove-attachment')
                    AND details->>'attachment_id' = attachment.id::text)""",
    },
    "notifications": {
        "work for what has not left, and only for that": """
            SELECT id FROM notification FULL JOIN delivery ON id = notification_id
            WHERE (state IN ('ordered', 'prepared', 'not-retrieved')) IS DISTINCT FROM (notification_id IS NOT NULL)""",
        "the last change of every notification on record": """
            SELECT id FROM notification WHERE version IS DISTINCT FROM (
                SELECT max(version) FROM audit WHERE aggregate_id = id AND action NOT LIKE '%read')""",
    },
}
"""Queries that find nothing while the promise they are named by is kept; a service adds its own."""
_CHANGED = {
    "applications": """
    SELECT DISTINCT coalesce(details->>'attachment_id', details->>'note_id', aggregate_id::text) AS aggregate_id,
        CASE action WHEN 'add-attachment' THEN 1 WHEN 'add-note' THEN 1 WHEN 'remove-attachment' THEN 2 ELSE version END
            AS version FROM audit
    WHERE position > $1 AND aggregate IN ('application', 'call', 'budget-plan', 'mandate', 'correction')
        AND subject LIKE 'account-%' AND action NOT LIKE '%read%'
""",
    "notifications": """
    SELECT aggregate_id::text AS aggregate_id, version FROM audit
    WHERE position > $1 AND action IN ('held', 'released', 'recalled', 'returned') AND subject LIKE 'account-%'
""",
}


async def last_changes(bus: Bus) -> dict[str, int]:
    """How far the audit of each service has come."""
    last = "SELECT coalesce(max(position), 0) AS position FROM audit"
    return {service: (await bus.rows(service, last))[0]["position"] for service in _CHANGED}


async def changed_by_people(bus: Bus, *, since: dict[str, int]) -> set[tuple[str, int]]:
    """Whatever people changed and the versions they made of it, after these positions of the audits."""
    found: set[tuple[str, int]] = set()
    for service, position in since.items():
        rows = await bus.rows(service, _CHANGED[service], position)
        found |= {(row["aggregate_id"], row["version"]) for row in rows}
    return found


async def said_of_consent(bus: Bus) -> set[tuple[str, int]]:
    """All that organisations ever said of their inboxes; said again it is no change."""
    query = "SELECT consent_id::text, version FROM consent_change"
    return {(row["consent_id"], row["version"]) for row in await bus.rows("notifications", query)}


async def books_are_right(bus: Bus, platform: Platform) -> None:
    """Raises AssertionError with the promise that is broken, or TimeoutError."""
    for service in platform.services:
        for promise, query in (OF_EVERY_SERVICE | CONTRADICTIONS.get(service, {})).items():
            await until(partial(_kept, bus, service, query), f"{service}: {promise}")
        assert await told_of_chains(platform, service) == WHOLE


async def _kept(bus: Bus, service: str, query: str) -> bool:
    return not await bus.rows(service, f"{query} LIMIT 1")
