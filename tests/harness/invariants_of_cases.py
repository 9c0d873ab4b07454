"""What must hold of the cases and their money (the law's state machine, its four eyes, its budget)."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from kfi_applications.domain.states import TRANSITIONS

from .evidence import Evidence
from .inboxes import has_lapsed
from .rows import Row

LEGAL = {(step.action.value, step.source and step.source.value, step.target.value) for step in TRANSITIONS}

BESIDE_THE_CASE = {"add-attachment", "remove-attachment", "add-note"}
"""What is on record with a case and leaves the case itself as it was."""


def every_accepted_application_is_there_once(evidence: Evidence) -> Iterator[str]:
    """As many applications as were answered 201, each under the number its people were told."""
    told = Counter((case.id, case.file_number) for case in evidence.cases)
    numbered = evidence.of("applications", "numbered")
    begin, end = evidence.span
    there = Counter(
        (str(row["id"]), row["file_number"]) for row in numbered if row["filed_at"] and begin <= row["filed_at"] <= end
    )
    yield from (f"accepted and lost: {one}" for one in told - there)
    yield from (f"there, but nobody was told: {one}" for one in there - told)


def file_numbers_have_no_gap(evidence: Evidence) -> Iterator[str]:
    """The numbers of a year are 1 to the last one given."""
    last = {row["year"]: row["last"] for row in evidence.of("applications", "file_number")}
    given = Counter(row["file_number"] for row in evidence.of("applications", "numbered"))
    wanted = Counter(f"36-{year}-{number:04d}" for year in last for number in range(1, last[year] + 1))
    yield from (f"no file has the number {number}" for number in wanted - given)
    yield from (f"given twice or never counted: {number}" for number in given - wanted)


def every_transition_is_legal_and_has_one_audit_row(evidence: Evidence) -> Iterator[str]:
    """The rows of a case lead from its receipt to its state, one for each version, each step in the table of states."""
    audit = evidence.by("applications", "audit", "aggregate_id")
    for case in evidence.of("applications", "application"):
        rows = [row for row in audit[str(case["id"])] if row["action"] not in BESIDE_THE_CASE]
        steps = [_step(row) for row in rows]
        yield from (f"{case['id']}: not allowed: {step}" for step in steps if step not in LEGAL)
        yield from (f"{case['id']}: {a} is followed by {b}" for a, b in pairwise(steps) if a[2] != b[1])
        if [row["version"] for row in rows] != list(range(1, case["version"] + 1)):
            yield f"{case['id']}: version {case['version']}, audited {[row['version'] for row in rows]}"
        if not steps or steps[-1][2] != case["state"]:
            yield f"{case['id']} is {case['state']}, audited {steps[-1:]}"


def every_case_went_its_way(evidence: Evidence) -> Iterator[str]:
    """Each step that belongs to the way of a case was taken, as often as must be, and no other; it is where it ends."""
    audit = evidence.by("applications", "audit", "aggregate_id")
    states = {str(row["id"]): row["state"] for row in evidence.of("applications", "application")}
    lapsed = {str(row["concerns"]) for row in evidence.of("notifications", "notification") if has_lapsed(row)}
    for case in evidence.cases:
        taken = Counter(row["action"] for row in audit[case.id])
        wanted = Counter([*case.way.leaves, *(["record-not-announced"] if case.id in lapsed else [])])
        for word, steps in (("missing", wanted - taken), ("too many", taken - wanted)):
            if steps:
                yield f"{case.id} ({case.way.name}): {word}: {dict(steps)}"
        if states.get(case.id) != case.way.ends:
            yield f"{case.id} ({case.way.name}) is {states.get(case.id)}"


def nothing_was_let_through(evidence: Evidence) -> Iterator[str]:
    """Of what was sent twice at once only one had an effect, and the proposer's second account had none."""
    yield from evidence.let_through


def whoever_proposed_neither_checked_nor_signed(evidence: Evidence) -> Iterator[str]:
    """Persons, not accounts; of each proposal."""
    for case, rows in evidence.by("applications", "audit", "aggregate_id").items():
        proposer = None
        for row in rows:
            if row["action"] == "propose":
                proposer = row["person"]
            elif row["action"] in {"open-second-check", "return", "sign"} and row["person"] == proposer:
                yield f"{case}: {row['action']} by {proposer}, who proposed"


def no_budget_is_overdrawn_and_each_booking_counts_once(evidence: Evidence) -> Iterator[str]:
    """Of each title and year: the bookings add up to what is counted, and that is within what was planned."""
    booked = {
        (row["title"], row["year"], row["booking"]): row["amount"] for row in evidence.of("applications", "booked")
    }
    for year in evidence.of("applications", "budget_year"):
        place = year["title"], year["year"]
        if year["reserved"] + year["committed"] > year["appropriation"] + year["commitment_authorisation"]:
            yield f"{place} is overdrawn"
        for booking in ("reserved", "committed"):
            if year[booking] != booked.get((*place, booking), Decimal(0)):
                yield f"{place}: {year[booking]} {booking}, but the bookings add up to {booked.get((*place, booking))}"


def every_grant_is_committed_once(evidence: Evidence) -> Iterator[str]:
    """The bookings of a case are what its decision grants, to the cent and the year; a rejection has none."""
    bookings = evidence.by("applications", "booking", "application_id")
    for case in evidence.of("applications", "application"):
        decision = json.loads(case["decision"] or "{}")
        granted = {(part["year"], "committed", Decimal(part["amount"])) for part in decision.get("years", ())}
        held = [(row["year"], row["booking"], row["amount"]) for row in bookings[str(case["id"])]]
        if Counter(held) != Counter(granted):
            yield f"{case['id']}: granted {sorted(granted)}, booked {sorted(held)}"


def every_booking_is_audited_once(evidence: Evidence) -> Iterator[str]:
    """The versions of a title count without a gap; a case reserves, commits and releases as often as its way says."""
    titles: dict[str, list[int]] = {}
    taken: Counter[tuple[str, str]] = Counter()
    for row in evidence.of("applications", "budget_audit"):
        titles.setdefault(str(row["aggregate_id"]), []).append(row["version"])
        taken[json.loads(row["details"]).get("application_id", ""), row["action"]] += 1
    for title, versions in titles.items():
        if versions != list(range(1, len(versions) + 1)):
            yield f"the versions of {title} are not 1 to {len(versions)}"
    for case in evidence.cases:
        steps = Counter(case.way.leaves)
        released = steps["return"] + steps["withdraw"]
        wanted = {"reserve": steps["reserve-funds"], "release": released, "commit": steps["reserve-funds"] - released}
        found = {action: taken[case.id, action] for action in wanted}
        if found != wanted:
            yield f"{case.id} ({case.way.name}): bookings {found}, must be {wanted}"


def _step(row: Row) -> tuple[str, str | None, str]:
    details = json.loads(row["details"])
    return row["action"], details.get("from") or None, details.get("to", "")
