"""The households of a list before they are imported, and the mistakes found in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, func, insert, literal, select, text

from kfi_allocation.arrival_tables import ARRIVAL_ENTRY, ARRIVAL_MISTAKE, HOUSEHOLD
from kfi_allocation.domain.arrivals.difference import Difference, Outcome
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake, Severity
from kfi_allocation.domain.household import Announcement
from kfi_chassis.privacy.keys import PersonKey
from kfi_chassis.work import Work

MOST_MISTAKES: Final = 20_000
"""So many mistakes of a list are kept; all are counted."""
_ANNOUNCEMENT: Final = TypeAdapter(Announcement)
_COUNTED: Final = select(func.coalesce(func.max(ARRIVAL_ENTRY.c.number), 0))
_MISTAKES: Final = select(func.coalesce(func.max(ARRIVAL_MISTAKE.c.number), 0))
_OUTCOMES: Final = text("""
    UPDATE arrival_entry SET outcome = dealt.outcome, refusal = dealt.refusal, household_id = dealt.household,
        content = NULL
    FROM unnest(CAST(:numbers AS integer[]), CAST(:outcomes AS text[]), CAST(:refusals AS text[]),
                CAST(:households AS uuid[])) AS dealt (number, outcome, refusal, household)
    WHERE list_id = :list AND arrival_entry.number = dealt.number
""")


@dataclass(frozen=True, slots=True)
class Entry:
    """One household of a list. ``said`` is what was read of it; None once it is imported, and where nothing is."""

    number: int
    reference: str
    line: int
    difference: Difference
    changes: Mapping[str, Any] = field(default_factory=dict)
    household_id: UUID | None = None
    outcome: Outcome | None = None
    refusal: str | None = None
    said: Announcement | None = None


class ArrivalEntries:
    """The entries and mistakes of one list, in one transaction."""

    def __init__(self, work: Work, list_id: UUID) -> None:
        self._work, self._list = work, list_id

    async def begin_anew(self) -> None:
        """Forget what an earlier attempt to read the list left."""
        for table in (ARRIVAL_ENTRY, ARRIVAL_MISTAKE):
            await self._work.connection.execute(delete(table).where(table.c.list_id == self._list))

    async def stage(self, entries: Sequence[Entry]) -> None:
        """Store what was read of some households, under the key of the list."""
        if entries:
            key = await self._work.persons.key(self._list)
            await self._work.connection.execute(insert(ARRIVAL_ENTRY), [self._row(each, key) for each in entries])

    async def stage_missing(self, root_id: UUID) -> int:
        """Store as cancelled every household of the chain that this list does not name; how many."""
        listed = select(ARRIVAL_ENTRY.c.reference).where(ARRIVAL_ENTRY.c.list_id == self._list)
        missing = select(
            literal(self._list), _COUNTED.where(ARRIVAL_ENTRY.c.list_id == self._list).scalar_subquery()
            + func.row_number().over(order_by=HOUSEHOLD.c.position), HOUSEHOLD.c.reference, literal(0),
            literal(Difference.CANCELLED.value), text("'{}'::jsonb"), HOUSEHOLD.c.id,
        ).where(_live_of(root_id), HOUSEHOLD.c.reference.not_in(listed))  # fmt: skip
        names = ("list_id", "number", "reference", "line", "difference", "changes", "household_id")
        stored = await self._work.connection.execute(insert(ARRIVAL_ENTRY).from_select(names, missing))
        return stored.rowcount

    async def count_missing(self, root_id: UUID) -> int:
        """How many households of the chain this list does not name."""
        listed = select(ARRIVAL_ENTRY.c.reference).where(ARRIVAL_ENTRY.c.list_id == self._list)
        asked = (
            select(func.count()).select_from(HOUSEHOLD).where(_live_of(root_id), HOUSEHOLD.c.reference.not_in(listed))
        )
        return int(await self._work.connection.scalar(asked) or 0)

    async def note(self, mistakes: Sequence[Mistake]) -> None:
        """Store mistakes, as many as are kept."""
        last = int(await self._work.connection.scalar(_MISTAKES.where(ARRIVAL_MISTAKE.c.list_id == self._list)) or 0)
        kept = mistakes[: max(MOST_MISTAKES - last, 0)]
        if kept:
            rows = [
                {
                    "list_id": self._list, "number": number, "line": each.line, "field": each.field,
                    "fault": each.fault, "severity": each.severity, "suggestions": list(each.suggestions),
                }
                for number, each in enumerate(kept, start=last + 1)
            ]  # fmt: skip
            await self._work.connection.execute(insert(ARRIVAL_MISTAKE), rows)

    async def open(self, most: int) -> Sequence[Entry]:
        """Some entries nobody dealt with, in the order of the list, with what was read of them."""
        asked = (
            select(ARRIVAL_ENTRY)
            .where(ARRIVAL_ENTRY.c.list_id == self._list, ARRIVAL_ENTRY.c.outcome.is_(None))
            .where(ARRIVAL_ENTRY.c.difference != Difference.BAD.value)
        )
        rows = (await self._work.connection.execute(asked.order_by(ARRIVAL_ENTRY.c.number).limit(most))).all()
        key = await self._work.persons.key(self._list) if rows else None
        return [self._entry(row, key) for row in rows]

    async def deal_with(self, dealt: Sequence[Entry]) -> None:
        """Store what became of entries; what was read of them goes."""
        asked = {
            "list": self._list,
            "numbers": [each.number for each in dealt],
            "outcomes": [each.outcome for each in dealt],
            "refusals": [each.refusal for each in dealt],
            "households": [each.household_id for each in dealt],
        }
        await self._work.connection.execute(_OUTCOMES, asked)

    async def page(
        self, *, difference: Difference | None, outcome: Outcome | None, after: int | None, rows: int
    ) -> Sequence[Entry]:
        """Some entries in the order of the list, without what was read of them."""
        asked = select(ARRIVAL_ENTRY).where(ARRIVAL_ENTRY.c.list_id == self._list)
        if difference is not None:
            asked = asked.where(ARRIVAL_ENTRY.c.difference == difference.value)
        if outcome is not None:
            asked = asked.where(ARRIVAL_ENTRY.c.outcome == outcome.value)
        if after is not None:
            asked = asked.where(ARRIVAL_ENTRY.c.number > after)
        found = await self._work.connection.execute(asked.order_by(ARRIVAL_ENTRY.c.number).limit(rows))
        return [self._entry(row, None) for row in found]

    async def mistakes(self, *, after: int | None, rows: int) -> Sequence[tuple[int, Mistake]]:
        """Some mistakes with their place in the order in which they were found."""
        asked = select(ARRIVAL_MISTAKE).where(ARRIVAL_MISTAKE.c.list_id == self._list)
        if after is not None:
            asked = asked.where(ARRIVAL_MISTAKE.c.number > after)
        found = await self._work.connection.execute(asked.order_by(ARRIVAL_MISTAKE.c.number).limit(rows))
        return [
            (
                row.number,
                Mistake(row.line, row.field, Fault(row.fault), tuple(row.suggestions), Severity(row.severity)),
            )
            for row in found
        ]

    def _row(self, entry: Entry, key: PersonKey) -> dict[str, Any]:
        content = None
        if entry.said is not None:
            content = key.encrypt(
                ARRIVAL_ENTRY.c.content, self._place(entry.number), _ANNOUNCEMENT.dump_json(entry.said)
            )
        return {
            "list_id": self._list, "number": entry.number, "reference": entry.reference, "line": entry.line,
            "difference": entry.difference, "changes": dict(entry.changes), "household_id": entry.household_id,
            "outcome": entry.outcome, "refusal": entry.refusal, "content": content,
        }  # fmt: skip

    def _entry(self, row: Row[Any], key: PersonKey | None) -> Entry:
        said = None
        if key is not None and row.content is not None:
            read = key.decrypt(ARRIVAL_ENTRY.c.content, self._place(row.number), row.content)
            said = _ANNOUNCEMENT.validate_json(read)
        outcome = None if row.outcome is None else Outcome(row.outcome)
        return Entry(
            row.number, row.reference, row.line, Difference(row.difference), row.changes, row.household_id, outcome,
            row.refusal, said,
        )  # fmt: skip

    def _place(self, number: int) -> str:
        return f"{self._list}:{number}"


def _live_of(root_id: UUID) -> Any:
    return (HOUSEHOLD.c.list_id == root_id) & HOUSEHOLD.c.cancelled_on.is_(None) & HOUSEHOLD.c.erased_on.is_(None)
