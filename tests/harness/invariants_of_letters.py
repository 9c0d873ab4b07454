"""What must hold of letters and e-mails: ordered once, written once, out of the house once, announced once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationNotAnnounced,
    NotificationOrdered,
    RemedyPeriodEnded,
)

from .evidence import Evidence, concerns
from .inboxes import has_lapsed
from .rows import Row
from .topics import of_its_own
from .ways import WAYS, Way

OF_A_REQUEST = ("information-period-end", "information-reminder")
OF_A_LETTER: tuple[type[Event], ...] = (NotificationDispatched, NotificationAnnounced, RemedyPeriodEnded)
AUDIT_OF_A_LETTER = ("ordered", "prepared", "dispatched", "announced", "remedy-period-ended")
LAPSED: tuple[type[Event], ...] = (NotificationDispatched, NotificationNotAnnounced)
"""What comes before, where a letter lay in an inbox and nobody came."""
AUDIT_IN_AN_INBOX = ("ordered", "prepared", "provided", "retrieved", "announced", "remedy-period-ended")
AUDIT_OF_A_LAPSED = ("ordered", "prepared", "provided", "not-retrieved", *AUDIT_OF_A_LETTER[2:])
AUDIT_OF_AN_EMAIL = {
    NotificationDispatched: ("ordered", "prepared", "dispatched"),
    NotificationFailed: ("ordered", "failed"),
}


def every_decision_orders_one_letter_and_one_email(evidence: Evidence) -> Iterator[str]:
    """So does every request for information; each came to its end, and its events are those of the design."""
    events = evidence.events_by_key()
    rows = {str(row["id"]): row for row in evidence.of("notifications", "notification")}
    orders: dict[str, list[NotificationOrdered]] = defaultdict(list)
    for copies in events.values():
        for copy in copies:
            if isinstance(copy.event, NotificationOrdered):
                orders[concerns(copy)].append(copy.event)
    for case in evidence.cases:
        found = Counter((order.channel, order.legal_effect) for order in orders[case.id])
        if found != +Counter(orders_of(case.way)):
            yield f"{case.id}: ordered {[f'{order.channel} {order.template}' for order in orders[case.id]]}"
        for order in orders[case.id]:
            told = [type(one.event) for one in of_its_own(events[str(order.notification_id)])]
            if told != _events_of(order, case.way, rows.get(str(order.notification_id))):
                name = f"{order.channel} {order.notification_id} of {case.id}"
                yield f"{name}: {[kind.__name__ for kind in told]}"


def orders_of(way: Way) -> Mapping[tuple[Channel, LegalEffect], int]:
    """How many letters of acts, other letters and e-mails are ordered for a case."""
    return {
        (Channel.LETTER, LegalEffect.ACT): int(way.decided),
        (Channel.LETTER, LegalEffect.NONE): way.requests,
        (Channel.EMAIL, LegalEffect.NONE): int(way.decided) + way.requests,
    }


def _events_of(order: NotificationOrdered, way: Way, row: Row | None) -> list[type[Event]]:
    if order.channel is Channel.EMAIL:
        return [] if way.through_inbox else [way.email]
    before = LAPSED if row is not None and has_lapsed(row) else ()
    return [*before, *(OF_A_LETTER if order.legal_effect is LegalEffect.ACT else (NotificationDispatched,))]


def every_notification_is_audited_step_by_step(evidence: Evidence) -> Iterator[str]:
    """One row for each step, one version for each row, and nothing left to do for it."""
    ways = {case.id: case.way for case in evidence.cases}
    audit = evidence.by("notifications", "audit", "aggregate_id")
    for row in evidence.of("notifications", "notification"):
        way = ways.get(str(row["concerns"]), WAYS[0])
        wanted = [*enumerate(_audit_of(row, way), start=1)]
        found = [(each["version"], each["action"]) for each in audit[str(row["id"])]]
        if found != wanted or row["version"] != len(wanted):
            yield f"{row['channel']} {row['id']} of version {row['version']}: {found}"
    yield from (f"still to be delivered: {row}" for row in evidence.of("notifications", "delivery"))


def _audit_of(row: Row, way: Way) -> tuple[str, ...]:
    if row["channel"] == "email":
        return ("covered",) if way.through_inbox else AUDIT_OF_AN_EMAIL[way.email]
    if way.through_inbox:
        return AUDIT_OF_A_LAPSED if has_lapsed(row) else AUDIT_IN_AN_INBOX
    return AUDIT_OF_A_LETTER if row["act_id"] else AUDIT_OF_AN_EMAIL[NotificationDispatched]


def every_letter_lies_in_the_spool_once(evidence: Evidence) -> Iterator[str]:
    """One PDF with its entry, byte for byte the document that was kept."""
    documents = {str(row["notification_id"]): row["sha256"] for row in evidence.of("notifications", "document")}
    files: dict[str, list[str]] = {}
    for file in evidence.spooled:
        files.setdefault(file.name, []).append(file.sha256)
    for row in evidence.of("notifications", "notification"):
        letters, entries = files.get(f"{row['id']}.pdf", []), files.get(f"{row['id']}.json", [])
        posted = row["channel"] == "letter" and not row["through_inbox"]
        wanted = [documents.get(str(row["id"]))] if posted else []
        if letters != wanted or len(entries) != len(wanted):
            yield f"{row['channel']} {row['id']}: {len(letters)} files, {len(entries)} entries; or other bytes"


def every_email_is_one_however_often_it_came(evidence: Evidence) -> Iterator[str]:
    """One Message-ID for each notification, its copies the same to the byte; none where it failed.

    The notice of a letter in an inbox has the letter's; what of it is sent again says when.
    """
    emails, notices = _told_by_email(evidence.of("notifications", "notification"))
    arrived = evidence.mails_by_id()
    recipients: dict[str, set[str]] = {}
    for mail in evidence.mails:
        recipients.setdefault(mail.recipient, set()).add(mail.message_id)
    for case in evidence.cases:
        went = emails[case.id] if case.way.email is NotificationDispatched else set()
        ids = recipients.get(case.body["addressee"]["email"], set())
        if {name.strip("<>").partition("@")[0] for name in ids} != went:
            yield f"{case.id}: e-mails {sorted(ids)}"
    for name, copies in arrived.items():
        is_notice = name.strip("<>").partition("@")[0] in notices
        if len({copy.undated if is_notice else copy.sha256 for copy in copies}) > 1:
            yield f"{name} came {len(copies)} times, not always the same"


def _told_by_email(notifications: Sequence[Row]) -> tuple[Mapping[str, set[str]], set[str]]:
    """The Message-IDs that must have come, by case; and which of them are notices of letters in an inbox."""
    emails: dict[str, set[str]] = defaultdict(set)
    notices = {str(row["id"]) for row in notifications if row["provided_on"] is not None}
    for row in notifications:
        if (row["channel"] == "email" and row["state"] != "covered") or str(row["id"]) in notices:
            emails[str(row["concerns"])].add(str(row["id"]))
    return emails, notices


def every_deadline_was_met_once(evidence: Evidence) -> Iterator[str]:
    """Of each act its announcement and the end of its remedy period; of a request that was answered none is left."""
    deadlines = evidence.by("notifications", "deadline", "subject")
    for row in evidence.of("notifications", "notification"):
        found = sorted((each["kind"], each["outcome"]) for each in deadlines[str(row["id"])])
        wanted = [("announcement", "met"), ("remedy-period-end", "met")] if row["act_id"] else []
        if row["provided_on"] is not None:
            wanted.append(("retrieval", "met" if has_lapsed(row) else "cancelled"))
        if found != wanted:
            yield f"{row['channel']} {row['id']}: deadlines {found}"
    waited = evidence.by("applications", "deadline", "subject")
    for case in evidence.cases:
        found = sorted((each["kind"], each["outcome"]) for each in waited[case.id])
        wanted = sorted([(kind, "cancelled") for kind in OF_A_REQUEST] * case.way.requests)
        if found != wanted:
            yield f"{case.id} ({case.way.name}): deadlines {found}"
