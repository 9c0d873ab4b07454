"""What must hold of events and the accounts of their consumers: nothing lost, nothing handled twice, all in order."""

from collections import Counter
from collections.abc import Iterator

from kfi_chassis.settings import ServiceSettings
from kfi_contracts.applications import (
    ApplicationFiled,
    ApplicationWithdrawn,
    DecisionFinal,
    DecisionMade,
    InformationRequested,
)
from kfi_contracts.event import Event

from .bus import Place
from .chains import WHOLE
from .evidence import CONSUMERS, Evidence
from .topics import Copy, of_its_own
from .ways import Way

BATCH = ServiceSettings.model_fields["consumer_batch"].default


def events_of(way: Way) -> list[type[Event]]:
    """Those of the design, in their order."""
    end: list[type[Event]] = [DecisionMade, DecisionFinal] if way.decided else [ApplicationWithdrawn]
    return [ApplicationFiled, *[InformationRequested] * way.requests, *end]


def every_case_is_told_by_the_events_of_the_design_once(evidence: Evidence) -> Iterator[str]:
    """Filed, asked, decided and final or withdrawn; the outcome is that of its way, the amount that of its decision."""
    events = evidence.events_by_key()
    for case in evidence.cases:
        found = [type(copy.event) for copy in events[case.id]]
        if found != events_of(case.way):
            yield f"{case.id}: {[kind.__name__ for kind in found]}"
        for copy in events[case.id]:
            if isinstance(copy.event, DecisionMade) and copy.event.outcome != case.way.outcome:
                yield f"{case.id} ({case.way.name}) was told as {copy.event.outcome}"


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
            if row["waits"]:
                yield f"{service} has not published {row['event_id']} of {row['key']}"
            elif row["event_id"] not in there:
                yield f"{service} says it has published {row['event_id']} of {row['key']}"
    told_by = {key: of_its_own(copies) for key, copies in evidence.events_by_key().items()}
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


def every_process_accounts_for_what_it_polled(evidence: Evidence) -> Iterator[str]:
    """At rest: polled = handled + duplicate + skipped + parked + held. A killed one had at most a batch in flight."""
    for sight in evidence.sights:
        for place, account in sight.accounts.items():
            in_flight = account["polled"] - (account.total() - account["polled"])
            if not 0 <= in_flight <= (0 if sight.at_rest else BATCH):
                yield f"{sight.process} {place}: {dict(account)}"


def no_event_is_handled_by_two_processes(evidence: Evidence) -> Iterator[str]:
    """All lives together have not handled more than there is, as far as their counters were seen before they died."""
    for service, taken in evidence.taken.items():
        lives = [sight for sight in evidence.sights if sight.service == service]
        if all(sight.at_rest for sight in lives):
            continue  # it has counted since before the load
        handled: Counter[Place] = Counter()
        for sight in lives:
            handled.update({place: account["handled"] for place, account in sight.accounts.items()})
        for place, count in handled.items():
            if count > taken[place]:
                yield f"{service} {place}: {count} handled of {taken[place]}"


def every_audit_chain_is_whole(evidence: Evidence) -> Iterator[str]:
    """As the operator's command recomputes them."""
    yield from (f"{service}: {told}" for service, told in evidence.chains.items() if told != WHOLE)


def _by_stream(evidence: Evidence) -> dict[tuple[str, str], list[Copy]]:
    found: dict[tuple[str, str], list[Copy]] = {}
    for copy in evidence.copies:
        found.setdefault((copy.key, copy.place[0]), []).append(copy)
    return found
