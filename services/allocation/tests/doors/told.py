"""What tests of the doors share: events of placements, and a town that reads its feed."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from kfi_allocation.doors.feed_writer import give_positions
from kfi_allocation.use_cases.tell_towns import tell_of_placement
from kfi_chassis.cause import Cause
from kfi_chassis.identity import SYSTEM
from kfi_contracts import allocation as said
from kfi_contracts.event import Event

MUENSTER, DORTMUND, BIELEFELD = "05515000", "05913000", "05711000"
RUN = UUID(int=8)
DAY = date(2026, 3, 9)


def proposed(ags: str = MUENSTER, household: UUID | None = None, persons: int = 4) -> said.AllocationProposed:
    """A household is proposed to a town."""
    return said.AllocationProposed(
        household_id=household or uuid4(), run_id=RUN, ags=ags, persons=persons, object_until=date(2026, 3, 23)
    )


def revised(household: UUID, here: str, there: str) -> said.AllocationRevised:
    """A household is meant for another town."""
    return said.AllocationRevised(
        household_id=household,
        run_id=RUN,
        from_ags=here,
        to_ags=there,
        reason=said.RevisionReason.OBJECTION_UPHELD,
        object_until=date(2026, 3, 30),
    )


async def hear(desk: Any, *events: Event) -> None:
    """The service hears its own events, each in a transaction of its own, as its consumer does."""
    for event in events:
        await hear_again(desk, event, uuid4())


async def hear_again(desk: Any, event: Event, event_id: UUID) -> None:
    """The service hears an event of this id."""

    async def use(work: Any) -> None:
        work.follow(Cause(str(uuid4()), str(event_id)))
        await tell_of_placement(event, work)

    await desk.transactions.run(use, actor=SYSTEM("allocation"))


async def positioned(desk: Any) -> int:
    """The feed's writer takes a turn; how many entries got a position."""
    return len(await desk.run(give_positions))


class Reader:
    """A town that reads its feed by its cursor."""

    def __init__(self, desk: Any, who: str, ags: str) -> None:
        self.desk, self.who, self.ags = desk, who, ags
        self.cursor: str | None = None
        self.events: list[dict[str, Any]] = []

    async def read(self, **query: Any) -> list[dict[str, Any]]:
        """Read on; what came."""
        asked = query if self.cursor is None else {"after": self.cursor, **query}
        answer = await self.desk.get(self.who, f"/municipalities/{self.ags}/feed", **asked)
        assert answer.status_code == 200, answer.text
        self.cursor = answer.headers["Feed-Cursor"]
        self.events += answer.json()
        return list(answer.json())

    async def begin(self) -> dict[str, Any]:
        """Take the snapshot and go on from there."""
        answer = await self.desk.get(self.who, f"/municipalities/{self.ags}/feed/snapshot")
        assert answer.status_code == 200, answer.text
        self.cursor = answer.json()["cursor"]
        return dict(answer.json())
