"""What must be true when the story is over; each promise is checked from outside."""

import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from kfi_contracts.allocation import AllocationProposed
from kfi_stack.databases import connection_to
from kfi_stack.demo.observer import Observer
from kfi_stack.demo.screen import Screen
from kfi_stack.demo.story import Case
from kfi_stack.demo.town_client import CONTACT, DOORS, FEED, TownClient, kind_of
from kfi_stack.running_platform import Platform

_IN_THE_INBOX = "SELECT id FROM notification WHERE legal_effect = 'act' AND provided_on IS NOT NULL"
_EMAILS = """
    SELECT count(*) FILTER (WHERE channel = 'email' AND state = 'dispatched')
           + count(*) FILTER (WHERE provided_on IS NOT NULL) FROM notification
"""
_PLACED = "SELECT count(*), count(*) FILTER (WHERE ags IS NULL) FROM placement"
_GAPS = "SELECT ags FROM feed_entry GROUP BY ags HAVING (count(*), 1) <> (max(position), min(position))"
_TOLD = "SELECT position, event_id FROM feed_entry WHERE ags = $1 AND position IS NOT NULL ORDER BY position"
Samples = Mapping[tuple[str, ...], float]


@dataclass(frozen=True)
class Outcome:
    """Checks the promises one by one against the running platform."""

    platform: Platform
    observer: Observer
    cases: list[Case]
    further_letters: list[str]
    """Letters by post that are no decisions on applications."""
    town: TownClient
    poison: int
    """How many events of the story nobody could read."""

    async def check(self, screen: Screen) -> bool:
        """Print each promise with its verdict; true if all were kept."""
        screen.chapter("What was promised, checked from outside")
        promises: dict[str, Callable[[], Awaitable[str | None]]] = {
            "Polled = handled + duplicate + skipped + parked + held, on every partition": self._accounted,
            "Every event recorded was published, in order and without gaps per key": self._published,
            "Every decision has one letter, by post or in the inbox; no e-mail came twice": self._one_of_each,
            "The print spool holds what its manifests say, byte for byte": self._spool,
            "Every household has one town, proposed once; no town's feed has a gap": self._placed,
            "A town is told the same through feed, webhook and topic, in the same order": self._told,
            "Every event nobody could read is kept with its reason": self._parked,
            "Every audit chain is whole": self._audit,
        }
        verdicts = [(promise, await check()) for promise, check in promises.items()]
        for promise, problem in verdicts:
            screen.check(promise, problem)
        return all(problem is None for _, problem in verdicts)

    async def _accounted(self) -> str | None:
        everywhere = 0
        for service in self.platform.services.values():
            samples = await _metrics(service.url)
            ended: Counter[tuple[str, ...]] = Counter()
            for (name, consumer, topic, partition, *_), value in samples.items():
                if name == "consumer_records_total":
                    ended[consumer, topic, partition] += int(value)
            polled = {
                labels[1:4]: int(value) for labels, value in samples.items() if labels[0] == "consumer_polled_total"
            }
            different = [where for where in polled if polled[where] != ended[where]]
            if different:
                return f"{service.name}: {different}"
            everywhere += sum(polled.values())
        return None if everywhere else "nothing was polled"

    async def _published(self) -> str | None:
        for name in self.platform.services:
            waiting = await self._rows(name, "SELECT count(*) FROM outbox_due")
            if waiting[0][0]:
                return f"{waiting[0][0]} events wait in the outbox of {name}"
        numbers: dict[tuple[str, str], list[int]] = {}
        for seen in self.observer.seen:
            numbers.setdefault((seen.event.topic, seen.envelope.subject), []).append(seen.envelope.sequence)
        wrong = [key for key, found in numbers.items() if found != list(range(1, len(found) + 1))]
        return f"sequence broken for {wrong}" if wrong else None

    async def _one_of_each(self) -> str | None:
        posted = Counter(entry["notification_id"] for entry in _entries(self.platform.spool))
        ordered = [*(case.letter_id for case in self.cases if case.posted), *self.further_letters]
        if posted != Counter(ordered):
            return f"{posted.total()} letters posted"
        kept = [str(row["id"]) for row in await self._rows("notifications", _IN_THE_INBOX)]
        if Counter(kept) != Counter(case.letter_id for case in self.cases if not case.posted):
            return f"{len(kept)} decisions in the inbox"
        ((sent,),) = await self._rows("notifications", _EMAILS)
        mails = Counter(mail.message_id for mail in self.platform.mails.messages())
        return None if len(mails) == mails.total() == sent else f"{mails.total()} e-mails came, {sent} were sent"

    async def _spool(self) -> str | None:
        for entry in _entries(self.platform.spool):
            content = (Path(entry["folder"]) / entry["file"]).read_bytes()
            if hashlib.sha256(content).hexdigest() != entry["sha256"]:
                return f"{entry['file']} is not the file its manifest names"
        return None

    async def _placed(self) -> str | None:
        ((households, without),) = await self._rows("allocation", _PLACED)
        proposed = {
            (seen.envelope.id, seen.envelope.subject)
            for seen in self.observer.seen
            if isinstance(seen.event, AllocationProposed)
        }
        if without or not households == len(proposed) == len({subject for _, subject in proposed}):
            return f"{households} households, {without} without a town, {len(proposed)} proposals"
        gaps = await self._rows("allocation", _GAPS)
        return f"gaps in the feeds of {[row[0] for row in gaps]}" if gaps else None

    async def _told(self) -> str | None:
        rows = await self._rows("allocation", _TOLD, self.town.ags)
        feed = [(row["position"], str(row["event_id"])) for row in rows]
        said = {}
        for door in DOORS:
            heard = self.town.heard(door)
            if [kind_of(one) for one in heard[:1]] != ["test-event"]:
                return f"the {door} did not begin with the test event"
            places = [(int(one["sequence"]), one["id"]) for one in heard]
            if places != feed[places[0][0] - 1 :]:
                return f"{len(places)} events came through the {door}, not those of the feed from {places[0][0]} on"
            said[door] = [(one["type"], one["subject"], one.get("dataref"), one["data"]) for one in heard]
        if any(said[door] != said[FEED] for door in DOORS):
            return "the doors tell different things about the same events"
        surprised = [mail for mail in self.platform.mails.messages() if CONTACT in mail.recipients]
        return f"{len(surprised)} e-mails about the endpoint" if surprised else None

    async def _parked(self) -> str | None:
        kept = await self._rows("notifications", "SELECT reason FROM dead_letter")
        reasons = [row[0] for row in kept]
        return None if len(reasons) == self.poison and all(reasons) else f"{len(reasons)} parked, {self.poison} sent"

    async def _audit(self) -> str | None:
        for name in self.platform.services:
            self.platform.command("kfi", "audit", "verify", "--service", name, service=name)
        return None

    async def _rows(self, service: str, query: str, *arguments: str) -> list[Any]:
        async with connection_to(self.platform.databases[service].runtime_url) as connection:
            found: list[Any] = await connection.fetch(query, *arguments)
            return found


async def _metrics(url: str) -> Samples:
    async with httpx2.AsyncClient(timeout=5) as http:
        text = (await http.get(f"{url}/metrics")).raise_for_status().text
    return {
        (
            sample.name,
            *(sample.labels.get(label, "") for label in ("consumer", "topic", "partition", "outcome")),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _entries(spool: Path) -> list[dict[str, str]]:
    return [json.loads(file.read_bytes()) | {"folder": str(file.parent)} for file in sorted(spool.glob("*/*.json"))]
