"""All that is left of a load's cases when everything has come to rest: rows, records, files, e-mails, audit chains."""

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import UUID

from kfi_stack.databases import connection_to
from kfi_stack.running_platform import SERVICES, Platform

from .bus import Place
from .chains import told_of_chains
from .load import Load
from .rows import NOTIFICATIONS_OF, Row, Rows, rows_of
from .sights import Sight, accounts_at
from .topics import Copy, copies_since
from .ways import Worked

CONSUMERS: Mapping[str, Any] = {
    point.name: point.load().consumer for point in entry_points(group="kfi.services") if point.name in SERVICES
}
"""What each service declares to take in."""


@dataclass(frozen=True)
class Spooled:
    """One file of the print spool."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Mail:
    """One e-mail as it came in."""

    recipient: str
    message_id: str
    sha256: str
    undated: str
    """The same without its date."""


@dataclass(frozen=True)
class Evidence:
    """What the invariants look at; nothing in it is asked for again."""

    cases: tuple[Worked, ...]
    span: tuple[datetime, datetime]
    """While the load ran; nobody else files meanwhile."""
    let_through: tuple[str, ...]
    copies: tuple[Copy, ...]
    rows: Rows
    spooled: tuple[Spooled, ...]
    mails: tuple[Mail, ...]
    chains: Mapping[str, str]
    """What the operator's command says of each service's audit chains."""
    taken: Mapping[str, Counter[Place]]
    """By service and partition, how many events there are that it takes in, each once; of other cases as well."""
    sights: tuple[Sight, ...]
    """What the consumers of living and killed processes had counted, each when it was last looked at."""

    def of(self, service: str, what: str) -> Sequence[Row]:
        """Rows of one kind."""
        return self.rows[service, what]

    def by(self, service: str, what: str, column: str) -> Mapping[str, list[Row]]:
        """Rows of one kind by a column, as text; none where there are none."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.of(service, what):
            found[str(row[column])].append(row)
        return found

    def events_by_key(self) -> Mapping[str, list[Copy]]:
        """Each event once, in the order in which its first copy stands."""
        found: dict[str, dict[UUID, Copy]] = defaultdict(dict)
        for copy in self.copies:
            found[copy.key].setdefault(copy.id, copy)
        return defaultdict(list, {key: list(copies.values()) for key, copies in found.items()})

    def mails_by_id(self) -> Mapping[str, list[Mail]]:
        """The e-mails by Message-ID."""
        found: dict[str, list[Mail]] = defaultdict(list)
        for mail in self.mails:
            found[mail.message_id].append(mail)
        return found

    def repeated_mails(self) -> Counter[str]:
        """By Message-ID, how often it came in beyond the first time."""
        return Counter({name: len(mails) - 1 for name, mails in self.mails_by_id().items() if len(mails) > 1})


async def gathered(
    load: Load, platform: Platform, *, sights: Sequence[Sight] = (), urls: Mapping[str, str] | None = None
) -> Evidence:
    """Look everywhere once. `urls` names other databases to look into than the platform's, by service."""
    databases = {name: platform.databases[name].runtime_url for name in SERVICES} | dict(urls or {})
    cases = [UUID(case.id) for case in load.cases]
    async with connection_to(databases["notifications"]) as connection:
        notified = [row["id"] for row in await connection.fetch(NOTIFICATIONS_OF, cases)]
    keys = [*cases, *notified]
    names = set(map(str, keys))
    everything = await copies_since(platform, load.began)
    copies = [copy for copy in everything if concerns(copy) in names or copy.key in names]
    arguments = {"keys": keys, "names": list(names), "events": [copy.id for copy in copies]}
    recipients = {case.body["addressee"]["email"] for case in load.cases}
    return Evidence(
        cases=tuple(load.cases),
        span=(load.began, load.ended),
        let_through=tuple(load.let_through),
        copies=tuple(copies),
        rows=await rows_of(databases, arguments),
        spooled=tuple(spooled_in(platform.spool)),
        mails=tuple(mail for mail in mails_of(platform) if mail.recipient in recipients),
        chains={} if urls else await _chains(platform),
        taken={name: _taken(consumer, everything) for name, consumer in CONSUMERS.items()},
        sights=(*sights, *await asyncio.gather(*(_at_rest(platform, name) for name in SERVICES))),
    )


def concerns(copy: Copy) -> str:
    """The case an event of a notification is about; empty for others."""
    return str(getattr(copy.event, "concerns", ""))


def spooled_in(folder: Path) -> Iterable[Spooled]:
    """All files of the print spool, of all days."""
    for file in folder.glob("*/*"):
        yield Spooled(file.name, hashlib.sha256(file.read_bytes()).hexdigest())


def mails_of(platform: Platform) -> Iterable[Mail]:
    """All e-mails, one for each recipient, oldest first."""
    for mail in platform.mails.messages():
        content = mail.file.read_bytes()
        undated = b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(b"Date: "))
        digests = [hashlib.sha256(each).hexdigest() for each in (content, undated)]
        for recipient in mail.recipients:
            yield Mail(recipient, mail.message_id, *digests)


def _taken(consumer: Any, copies: Iterable[Copy]) -> Counter[Place]:
    events = {copy.id: copy.place for copy in copies if consumer.subscription(copy.envelope.type) is not None}
    return Counter(events.values())


async def _at_rest(platform: Platform, name: str) -> Sight:
    """What the service's process counts, now that nothing is in flight."""
    accounts = await accounts_at(platform.services[name].url)
    return Sight(name, name, at_rest=True, accounts=accounts or {})


async def _chains(platform: Platform) -> Mapping[str, str]:
    told = await asyncio.gather(*(told_of_chains(platform, name) for name in SERVICES))
    return dict(zip(SERVICES, told, strict=True))
