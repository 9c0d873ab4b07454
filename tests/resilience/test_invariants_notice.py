"""A checker that finds nothing proves nothing: each invariant names what is wrong once something is made wrong."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.harness.aftermath import INVARIANTS, findings
from tests.harness.day import Day
from tests.harness.evidence import Evidence, Mail
from tests.harness.rows import Row
from tests.harness.sights import Sight

from kfi_contracts.applications import DecisionMade
from kfi_contracts.notifications import NotificationOrdered

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
Tampered = Callable[[Evidence], Evidence]
Which = Callable[[Row], bool]


def lost(service: str, what: str, which: Which = lambda _: True) -> Tampered:
    """One row is missing."""
    return _with_rows(service, what, which, lambda _: [])


def twice(service: str, what: str, which: Which = lambda _: True) -> Tampered:
    """One row is there twice."""
    return _with_rows(service, what, which, lambda row: [row, row])


def changed(service: str, what: str, which: Which = lambda _: True, **columns: Any) -> Tampered:
    """One row says something else; a column's value may be made of the old one."""

    def new(row: Row) -> list[Row]:
        values = {name: value(row[name]) if callable(value) else value for name, value in columns.items()}
        return [row | values]

    return _with_rows(service, what, which, new)


def added(service: str, what: str, **columns: Any) -> Tampered:
    """A row that should not be."""
    return lambda evidence: _replaced(evidence, service, what, [*evidence.of(service, what), columns])


def _with_rows(service: str, what: str, which: Which, new: Callable[[Row], list[Row]]) -> Tampered:
    def tampered(evidence: Evidence) -> Evidence:
        rows = list(evidence.of(service, what))
        at = next(number for number, row in enumerate(rows) if which(row))
        return _replaced(evidence, service, what, [*rows[:at], *new(rows[at]), *rows[at + 1 :]])

    return tampered


def _replaced(evidence: Evidence, service: str, what: str, rows: list[Row]) -> Evidence:
    return replace(evidence, rows={**evidence.rows, (service, what): rows})


def acted(action: str) -> Which:
    """A row of the audit."""
    return lambda row: row["action"] == action


def without_event(kind: type) -> Tampered:
    """An event of this kind is missing on its topic."""

    def tampered(evidence: Evidence) -> Evidence:
        gone = next(copy for copy in evidence.copies if isinstance(copy.event, kind))
        return replace(evidence, copies=tuple(copy for copy in evidence.copies if copy.id != gone.id))

    return tampered


def out_of_order(evidence: Evidence) -> Evidence:
    """The topic is read from its end."""
    return replace(evidence, copies=evidence.copies[::-1])


def another_record_under_an_id(evidence: Evidence) -> Evidence:
    """An event is there again with other bytes."""
    first = evidence.copies[0]
    other = replace(first, record=replace(first.record, value=b"{}"))
    return replace(evidence, copies=(*evidence.copies, other))


def another_letter(evidence: Evidence) -> Evidence:
    """A letter lies in a second folder as well."""
    letter = next(file for file in evidence.spooled if _is_of(evidence, file.name))
    return replace(evidence, spooled=(*evidence.spooled, letter))


def _is_of(evidence: Evidence, name: str) -> bool:
    return any(name == f"{row['id']}.pdf" for row in evidence.of("notifications", "notification"))


def another_message_id(evidence: Evidence) -> Evidence:
    """An e-mail came again under another Message-ID."""
    return replace(evidence, mails=(*evidence.mails, replace(evidence.mails[0], message_id="<other@bra.example>")))


def other_bytes_in_a_mail(evidence: Evidence) -> Evidence:
    """An e-mail came again with other bytes."""
    return replace(evidence, mails=(*evidence.mails, replace(_mail(evidence, "email"), sha256="0" * 64)))


def other_bytes_in_a_notice(evidence: Evidence) -> Evidence:
    """The notice of a letter in an inbox came again and says something else."""
    return replace(evidence, mails=(*evidence.mails, replace(_mail(evidence, "letter"), undated="0" * 64)))


def _mail(evidence: Evidence, channel: str) -> Mail:
    """The first e-mail of a notification of this channel."""
    rows = evidence.of("notifications", "notification")
    ids = {str(row["id"]) for row in rows if row["channel"] == channel}
    return next(mail for mail in evidence.mails if mail.message_id.strip("<>").partition("@")[0] in ids)


def other_bytes_in_the_spool(evidence: Evidence) -> Evidence:
    """A letter that lies there is not the one that was kept."""
    letter = next(file for file in evidence.spooled if _is_of(evidence, file.name))
    others = tuple(file for file in evidence.spooled if file != letter)
    return replace(evidence, spooled=(*others, replace(letter, sha256="0" * 64)))


def let_through(evidence: Evidence) -> Evidence:
    """The proposer signed."""
    return replace(evidence, let_through=("signature of a case by the proposer",))


def signed_by_its_proposer(evidence: Evidence) -> Evidence:
    """The audit names the proposer under the signature."""
    person = next(row["person"] for row in evidence.of("applications", "audit") if row["action"] == "propose")
    return changed("applications", "audit", acted("sign"), person=person)(evidence)


def counted(*, at_rest: bool, **account: int) -> Tampered:
    """A process counted this in one partition."""
    sight = Sight("a process", "notifications", {("notifications.order.v1", 0): Counter(account)}, at_rest)
    return lambda evidence: replace(evidence, sights=(*evidence.sights, sight))


def broken_chain(evidence: Evidence) -> Evidence:
    """The operator's command found one."""
    return replace(evidence, chains={**evidence.chains, "applications": "broken at row 3"})


OVERDRAWN = {"appropriation": Decimal("1.00")}
A_CENT = {"amount": lambda amount: amount + Decimal("0.01")}
TAMPERED: dict[str, list[Tampered]] = {
    "every_accepted_application_is_there_once": [
        lambda evidence: _replaced(evidence, "applications", "numbered", []),
        lambda evidence: replace(evidence, cases=evidence.cases[1:]),
    ],
    "file_numbers_have_no_gap": [changed("applications", "file_number", last=lambda last: last + 1)],
    "every_transition_is_legal_and_has_one_audit_row": [
        lost("applications", "audit", acted("sign")),
        twice("applications", "audit", acted("reserve-funds")),
        changed("applications", "audit", acted("open-second-check"), action="sign"),
        changed("applications", "application", state="granted"),
        changed("applications", "application", version=lambda version: version + 1),
    ],
    "every_case_went_its_way": [
        twice("applications", "audit", acted("record-failed-notification")),
        lost("applications", "audit", acted("record-announcement")),
    ],
    "nothing_was_let_through": [let_through],
    "whoever_proposed_neither_checked_nor_signed": [signed_by_its_proposer],
    "no_budget_is_overdrawn_and_each_booking_counts_once": [
        changed("applications", "budget_year", lambda row: row["committed"] > 1, **OVERDRAWN),
        changed("applications", "budget_year", lambda row: row["committed"] > 1, committed=Decimal(1)),
        changed("applications", "booked", **A_CENT),
    ],
    "every_grant_is_committed_once": [
        lost("applications", "booking"),
        twice("applications", "booking"),
        changed("applications", "booking", **A_CENT),
        changed("applications", "booking", booking="reserved"),
    ],
    "every_booking_is_audited_once": [
        lost("applications", "budget_audit", acted("commit")),
        twice("applications", "budget_audit", acted("reserve")),
    ],
    "every_case_is_told_by_the_events_of_the_design_once": [without_event(DecisionMade)],
    "every_decision_orders_one_letter_and_one_email": [without_event(NotificationOrdered)],
    "every_notification_is_audited_step_by_step": [
        twice("notifications", "audit", acted("dispatched")),
        lost("notifications", "audit", acted("retrieved")),
        added("notifications", "delivery", notification_id="1", step="email", obstacle=None),
    ],
    "every_letter_lies_in_the_spool_once": [
        another_letter,
        lambda evidence: replace(evidence, spooled=()),
        other_bytes_in_the_spool,
        changed("notifications", "notification", lambda row: row["through_inbox"], through_inbox=False),
    ],
    "every_email_is_one_however_often_it_came": [
        another_message_id,
        other_bytes_in_a_mail,
        other_bytes_in_a_notice,
        lambda evidence: replace(evidence, mails=evidence.mails[1:]),
    ],
    "order_per_key_is_kept": [out_of_order],
    "copies_of_an_event_are_the_same": [another_record_under_an_id],
    "everything_recorded_is_published": [
        changed("applications", "outbox", waits=True),
        without_event(DecisionMade),
    ],
    "nothing_is_parked": [added("applications", "dead_letter", topic="t", event_type="e", reason="wrong-state")],
    "every_record_is_accounted_for": [lost("notifications", "inbox"), lost("applications", "inbox")],
    "every_process_accounts_for_what_it_polled": [
        counted(at_rest=True, polled=2, handled=1),
        counted(at_rest=True, polled=1, handled=2),
        counted(at_rest=False, polled=1000, held=1),
    ],
    "no_event_is_handled_by_two_processes": [counted(at_rest=False, polled=10_000, handled=10_000)],
    "every_deadline_was_met_once": [
        lost("notifications", "deadline"),
        changed("notifications", "deadline", outcome=None),
        changed("notifications", "deadline", lambda row: row["kind"] == "retrieval", outcome="met"),
    ],
    "every_audit_chain_is_whole": [broken_chain],
}


def cases() -> Iterator[Any]:
    for name, tamperings in TAMPERED.items():
        for number, tampered in enumerate(tamperings):
            yield pytest.param(name, tampered, id=f"{name}-{number}")


async def test_each_invariant_is_tampered_with() -> None:
    assert TAMPERED.keys() == {invariant.__name__ for invariant in INVARIANTS}


@pytest.mark.parametrize(("name", "tampered"), list(cases()))
async def test_an_invariant_names_what_is_wrong(day: Day, name: str, tampered: Tampered) -> None:
    assert findings(day.evidence) == {}
    assert findings(tampered(day.evidence)).get(name)
