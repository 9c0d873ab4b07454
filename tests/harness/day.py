"""A day's work that came to rest undisturbed: what is left of it, to be delivered again, mixed, or tampered with."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kfi_chassis.broker import Record
from kfi_contracts.notifications import NotificationAnnounced
from kfi_stack.databases import DatabaseUrls
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.running_platform import Platform

from .aftermath import come_to_rest, everything_left, findings, in_words
from .bus import Bus
from .databases import copy_of
from .evidence import Evidence, gathered
from .load import Load
from .office import Office
from .size import size
from .ways import WAYS

CASES = size(short=len(WAYS), nightly=10 * len(WAYS))


@dataclass(frozen=True)
class Day:
    """The evidence of a load, and the applications' database as it was before the days of the law passed."""

    load: Load
    evidence: Evidence
    before: DatabaseUrls
    platform: Platform

    @property
    def told(self) -> list[Record]:
        """All that the applications service was told about these cases, in the order of the topic."""
        return [copy.record for copy in self.evidence.copies if copy.place[0] == NotificationAnnounced.topic]

    @property
    def letter(self) -> str:
        """One letter whose decision became final by time."""
        waiting = {case.id for case in self.load.cases if not case.way.waived}
        rows = self.evidence.of("notifications", "notification")
        return next(str(row["id"]) for row in rows if row["channel"] == "letter" and str(row["concerns"]) in waiting)

    async def checked(self, applications: DatabaseUrls | None = None) -> Mapping[str, Sequence[str]]:
        """What the checker finds now; with another database for the rows of the applications service if given."""
        urls = {} if applications is None else {"applications": applications.runtime_url}
        return findings(await gathered(self.load, self.platform, urls=urls))


@asynccontextmanager
async def day_at_work(office: Office, bus: Bus, platform: Platform, postgres: PostgresServer) -> AsyncIterator[Day]:
    """One case of each way and more, from its receipt to its finality."""
    async with Load(office, at_least=CASES) as load:
        pass
    await everything_left(load, bus)
    async with copy_of(platform, postgres, "applications") as before:
        await come_to_rest(load, office, bus)
        evidence = await gathered(load, platform)
        assert findings(evidence) == {}, in_words(findings(evidence))
        yield Day(load, evidence, before, platform)
