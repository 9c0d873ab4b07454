"""What households, placements, runs, accounts and feeds promise one another: queries that find what breaks it."""

from typing import Final

INVARIANTS: Final = {
    "every-household-has-one-placement": """
        SELECT FROM household FULL JOIN placement USING (id) WHERE household.id IS NULL OR placement.id IS NULL""",
    "an-imported-list-left-no-household-open": """
        SELECT FROM arrival_entry JOIN arrival_list ON arrival_list.id = list_id
        WHERE state = 'imported' AND outcome IS NULL AND difference <> 'bad'""",
    "a-list-whose-file-is-gone-left-no-person": """
        SELECT FROM arrival_list WHERE file_deleted_on IS NOT NULL AND (
            EXISTS (SELECT FROM person_key WHERE person = arrival_list.id)
            OR EXISTS (SELECT FROM arrival_part WHERE list_id = arrival_list.id))""",
    "a-household-is-as-its-placement-says": """
        SELECT FROM household JOIN placement USING (id)
        WHERE household.group_code <> placement.group_code
            OR (household.cancelled_on IS NOT NULL) <> (placement.state = 'cancelled')""",
    "a-town-where-one-must-be-named": """
        SELECT FROM placement
        WHERE ags IS NULL AND state IN ('proposed', 'heard', 'ready', 'decided', 'agreed', 'arrived')""",
    "a-proposal-comes-of-an-accepted-run": """
        SELECT FROM placement LEFT JOIN plan_run ON plan_run.id = run_id
        WHERE run_id IS NOT NULL AND plan_run.accepted_on IS NULL""",
    "every-version-of-a-placement-is-audited": """
        SELECT FROM placement WHERE version <> (
            SELECT count(DISTINCT version) FROM audit
            WHERE aggregate = 'placement' AND aggregate_id = placement.id AND action NOT LIKE 'read%')""",
    "whoever-arrived-is-booked-once": """
        SELECT FROM placement WHERE (state IN ('arrived', 'moved')) IS DISTINCT FROM (1 = (
            SELECT count(*) FROM booking WHERE household_id = placement.id AND kind = 'intake'
                AND because = 'arrived'))""",
    "whoever-is-to-come-counts-in-that-town-alone": """
        SELECT FROM (
            SELECT cause.household_id AS id, booking.ags, sum(booking.persons) AS persons
            FROM booking JOIN booking AS cause ON cause.number = coalesce(booking.corrects, booking.number)
            WHERE cause.credit = 'placed' GROUP BY 1, 2 HAVING sum(booking.persons) <> 0) AS credited
        FULL JOIN (
            SELECT id, ags, persons, ags = ANY(excluded) AS waits_for_another_town FROM placement
            WHERE state IN ('proposed', 'heard', 'ready', 'decided', 'agreed')) AS coming
        USING (id)
        WHERE waits_for_another_town IS NOT TRUE
            AND (credited.ags IS DISTINCT FROM coming.ags OR credited.persons IS DISTINCT FROM coming.persons)""",
    "a-ledger-has-no-gap": """
        SELECT FROM ledger WHERE last <> CASE name
            WHEN 'booking' THEN (SELECT count(*) FROM booking)
            WHEN 'presence' THEN (SELECT count(*) FROM presence) END""",
    "nobody-is-taken-back-who-was-not-booked": """
        SELECT FROM booking JOIN booking AS cause ON cause.number = coalesce(booking.corrects, booking.number)
        GROUP BY cause.number HAVING sum(booking.persons) < 0""",
    "nowhere-lives-less-than-nobody": """
        SELECT FROM presence GROUP BY coalesce(cohort, number), ags HAVING sum(persons) < 0""",
    "a-policy-in-force-is-of-two-persons": """
        SELECT FROM policy WHERE standing = 'in-force' AND decided_by IS NOT DISTINCT FROM drafted_by""",
    "a-feed-has-no-gap": """
        SELECT FROM feed WHERE last_position - first_position + 1 <> (
            SELECT count(*) FROM feed_entry
            WHERE ags = feed.ags AND position BETWEEN first_position AND last_position)""",
}
