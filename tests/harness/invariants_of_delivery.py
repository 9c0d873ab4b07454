"""What must hold of events, letters, e-mails and their accounts: nothing lost, nothing twice, all in order."""

from collections import Counter
from collections.abc import Iterator, Sequence

from kfi_contracts.applications import ApplicationFiled, DecisionFinal, DecisionMade
from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationOrdered,
    RemedyPeriodEnded,
)

from .evidence import CONSUMERS, Evidence, concerns
from .topics import Copy

OF_A_CASE: tuple[type[Event], ...] = (ApplicationFiled, DecisionMade, DecisionFinal)
OF_A_LETTER: tuple[type[Event], ...] = (NotificationDispatched, NotificationAnnounced, RemedyPeriodEnded)
AUDIT_OF_A_LETTER = ("ordered", "prepared", "dispatched", "announced", "remedy-period-ended")
AUDIT_OF_AN_EMAIL = {
    NotificationDispatched: ("ordered", "prepared", "dispatched"),
    NotificationFailed: ("ordered", "failed"),
}


def every_case_is_told_by_the_events_of_the_design_once(evidence: Evidence) -> Iterator[str]:
    """Filed, decided, final; the outcome is that of its way, the amount that of its decision."""
    events = evidence.events_by_key()
    for case in evidence.cases:
        found = [type(copy.event) for copy in events[case.id]]
        if found != list(OF_A_CASE):
            yield f"{case.id}: {[kind.__name__ for kind in found]}"
        for copy in events[case.id]:
            if isinstance(copy.event, DecisionMade) and copy.event.outcome != case.way.outcome:
                yield f"{case.id} ({case.way.name}) was told as {copy.event.outcome}"


def every_decision_orders_one_letter_and_one_email(evidence: Evidence) -> Iterator[str]:
    """Each order once by its id; each came to its end, and its events are those of the design."""
    events = evidence.events_by_key()
    orders: dict[str, list[NotificationOrdered]] = {case.id: [] for case in evidence.cases}
    for copies in events.values():
        for copy in copies:
            if isinstance(copy.event, NotificationOrdered):
                orders[concerns(copy)].append(copy.event)
    for case in evidence.cases:
        ordered = {order.channel: str(order.notification_id) for order in orders[case.id]}
        if sorted(order.channel for order in orders[case.id]) != sorted(Channel):
            yield f"{case.id}: ordered {[order.channel.value for order in orders[case.id]]}"
        wanted = {Channel.LETTER: list(OF_A_LETTER), Channel.EMAIL: [case.way.email]}
        for channel, notification in ordered.items():
            told = [type(one.event) for one in _own(events[notification])]
            if told != wanted[channel]:
                yield f"{channel} {notification} of {case.id}: {[kind.__name__ for kind in told]}"


def every_notification_is_audited_step_by_step(evidence: Evidence) -> Iterator[str]:
    """One row for each step, one version for each row, and nothing left to do for it."""
    ways = {case.id: case.way for case in evidence.cases}
    audit = evidence.by("notifications", "audit", "aggregate_id")
    for row in evidence.of("notifications", "notification"):
        email = AUDIT_OF_AN_EMAIL[ways[str(row["concerns"])].email]
        wanted = [*enumerate(AUDIT_OF_A_LETTER if row["channel"] == "letter" else email, start=1)]
        found = [(each["version"], each["action"]) for each in audit[str(row["id"])]]
        if found != wanted or row["version"] != len(wanted):
            yield f"{row['channel']} {row['id']} of version {row['version']}: {found}"
    yield from (f"still to be delivered: {row}" for row in evidence.of("notifications", "delivery"))


def every_letter_lies_in_the_spool_once(evidence: Evidence) -> Iterator[str]:
    """One PDF with its entry, byte for byte the document that was kept."""
    documents = {str(row["notification_id"]): row["sha256"] for row in evidence.of("notifications", "document")}
    files: dict[str, list[str]] = {}
    for file in evidence.spooled:
        files.setdefault(file.name, []).append(file.sha256)
    for row in evidence.of("notifications", "notification"):
        letters, entries = files.get(f"{row['id']}.pdf", []), files.get(f"{row['id']}.json", [])
        wanted = [documents.get(str(row["id"]))] if row["channel"] == "letter" else []
        if letters != wanted or len(entries) != len(wanted):
            yield f"{row['channel']} {row['id']}: {len(letters)} files, {len(entries)} entries; or other bytes"


def every_email_is_one_however_often_it_came(evidence: Evidence) -> Iterator[str]:
    """One Message-ID for each notification, its copies the same to the byte; none where it failed."""
    notifications = evidence.of("notifications", "notification")
    emails = {str(row["concerns"]): row for row in notifications if row["channel"] == "email"}
    arrived = evidence.mails_by_id()
    recipients: dict[str, set[str]] = {}
    for mail in evidence.mails:
        recipients.setdefault(mail.recipient, set()).add(mail.message_id)
    for case in evidence.cases:
        row = emails.get(case.id)
        went = row is not None and case.way.email is NotificationDispatched
        ids = recipients.get(case.body["addressee"]["email"], set())
        if {name.strip("<>").partition("@")[0] for name in ids} != ({str(row["id"])} if row and went else set()):
            yield f"{case.id}: e-mails {sorted(ids)}"
    for name, copies in arrived.items():
        if len({copy.sha256 for copy in copies}) > 1:
            yield f"{name} came {len(copies)} times, not always the same"


def order_per_key_is_kept(evidence: Evidence) -> Iterator[str]:
    """The first copies of a key stand in one partition of a topic, numbered from 1 without a gap."""
    for (key, topic), copies in _by_stream(evidence).items():
        first = list({copy.id: copy for copy in reversed(copies)}.values())[::-1]
        if [copy.envelope.sequence for copy in first] != list(range(1, len(first) + 1)):
            yield f"{topic} {key}: {[copy.envelope.sequence for copy in first]}"
        if len({copy.place for copy in copies}) > 1:
            yield f"{topic} {key} stands in more than one partition"


def copies_of_an_event_are_the_same(evidence: Evidence) -> Iterator[str]:
    """What a relay sent again is the same record, to the byte."""
    digests: dict[object, set[str]] = {}
    for copy in evidence.copies:
        digests.setdefault(copy.id, set()).add(copy.digest)
    for one, found in digests.items():
        if len(found) > 1:
            yield f"{one} was published as {len(found)} different records"


def everything_recorded_is_published(evidence: Evidence) -> Iterator[str]:
    """Nothing waits in an outbox, and what it says it has published stands on Kafka."""
    there = {copy.id for copy in evidence.copies}
    for service in CONSUMERS:
        for row in evidence.of(service, "outbox"):
            if row["published_at"] is None:
                yield f"{service} has not published {row['event_id']} of {row['key']}"
            elif row["event_id"] not in there:
                yield f"{service} says it has published {row['event_id']} of {row['key']}"
    told_by = {key: _own(copies) for key, copies in evidence.events_by_key().items()}
    for row in (*evidence.of("applications", "application"), *evidence.of("notifications", "notification")):
        told = len(told_by.get(str(row["id"]), ()))
        if told != row["sequence"]:
            yield f"{row['id']} has counted {row['sequence']} events, {told} are published"


def nothing_is_parked(evidence: Evidence) -> Iterator[str]:
    """No outage was taken for a fault of an event, and no event came twice or too early for its handler."""
    for service in CONSUMERS:
        for row in evidence.of(service, "dead_letter"):
            yield f"{service} parked {row['event_type']}: {row['reason']}"


def every_record_is_accounted_for(evidence: Evidence) -> Iterator[str]:
    """By partition and reader: the records = ids in its inbox + further copies of them + types it does not take in."""
    for service, consumer in CONSUMERS.items():
        noted = Counter(row["event_id"] for row in evidence.of(service, "inbox") if row["consumer"] == consumer.group)
        seen: set[object] = set()
        balance: dict[tuple[str, int], Counter[str]] = {}
        for copy in evidence.copies:
            if copy.place[0] in consumer.topics():
                taken = consumer.subscription(copy.envelope.type) is not None
                outcome = "skipped" if not taken else "copy" if copy.id in seen else "noted"
                seen.add(copy.id)
                account = balance.setdefault(copy.place, Counter())
                account.update(records=1, **{outcome: 1})
                account["inbox"] += noted[copy.id] if outcome != "copy" else 0
        for place, account in sorted(balance.items()):
            if account["records"] != account["inbox"] + account["copy"] + account["skipped"]:
                yield f"{service} {place}: {dict(account)}"


def every_deadline_was_met_once(evidence: Evidence) -> Iterator[str]:
    """Of each letter its announcement and the end of its remedy period."""
    deadlines = evidence.by("notifications", "deadline", "subject")
    for row in evidence.of("notifications", "notification"):
        found = sorted((each["kind"], each["outcome"]) for each in deadlines[str(row["id"])])
        wanted = [("announcement", "met"), ("remedy-period-end", "met")] if row["channel"] == "letter" else []
        if found != wanted:
            yield f"{row['channel']} {row['id']}: deadlines {found}"


def every_audit_chain_is_whole(evidence: Evidence) -> Iterator[str]:
    """As the operator's command recomputes them."""
    yield from (f"{service}: {told}" for service, told in evidence.chains.items() if "are whole" not in told)


def _own(copies: Sequence[Copy]) -> list[Copy]:
    """Without the order, which another service counts."""
    return [copy for copy in copies if not isinstance(copy.event, NotificationOrdered)]


def _by_stream(evidence: Evidence) -> dict[tuple[str, str], list[Copy]]:
    found: dict[tuple[str, str], list[Copy]] = {}
    for copy in evidence.copies:
        found.setdefault((copy.key, copy.place[0]), []).append(copy)
    return found
