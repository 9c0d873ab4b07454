"""The quota ledger in the database: entries are only added, the database numbers them and lets nobody overwrite one."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Row, bindparam, func, or_, select, text

from kfi_allocation.domain import quota_ledger
from kfi_allocation.domain.account.entries import Booking, Entry, counted
from kfi_allocation.domain.account.statement import Account
from kfi_allocation.domain.placement_states import State
from kfi_allocation.domain.policy import AllocationPolicy
from kfi_allocation.domain.publication import Received
from kfi_allocation.domain.quota_ledger import NewEntry
from kfi_allocation.ledger_tables import BOOKING, LEDGER
from kfi_allocation.placement_tables import PLACEMENT
from kfi_chassis.among import among

if TYPE_CHECKING:
    from kfi_allocation.work import AllocationWork

AGGREGATE: Final = "town-account"
_COLUMNS: Final = tuple(column.name for column in BOOKING.columns)
_CAUSE: Final = BOOKING.alias("cause")
_IN_ORDER: Final = select(BOOKING).order_by(BOOKING.c.number)
_OF_TOWN: Final = _IN_ORDER.where(BOOKING.c.ags == bindparam("wanted"))
_OF_HOME: Final = _IN_ORDER.where(BOOKING.c.household_id == bindparam("wanted"))
_ABOUT: Final = _IN_ORDER.where(or_(BOOKING.c.number == bindparam("wanted"), BOOKING.c.corrects == bindparam("wanted")))
_SUMS: Final = (
    select(
        BOOKING.c.ags,
        _CAUSE.c.kind,
        _CAUSE.c.credit,
        _CAUSE.c.counts_on,
        _CAUSE.c.until,
        func.sum(BOOKING.c.persons).label("persons"),
    )
    .join(_CAUSE, _CAUSE.c.number == func.coalesce(BOOKING.c.corrects, BOOKING.c.number))
    .where(BOOKING.c.counts_on <= bindparam("day"))
    .group_by(BOOKING.c.ags, _CAUSE.c.kind, _CAUSE.c.credit, _CAUSE.c.counts_on, _CAUSE.c.until)
)
_ADDED: Final = text(f"""
    INSERT INTO booking ({", ".join(_COLUMNS)})
    SELECT {", ".join(_COLUMNS)} FROM jsonb_populate_recordset(CAST(NULL AS booking), CAST(:entries AS jsonb))
""")  # noqa: S608 - columns of ours
_LAST: Final = select(LEDGER.c.last).where(LEDGER.c.name == BOOKING.name)
_HELD: Final = _LAST.with_for_update()
_WAITING: Final = select(func.coalesce(func.sum(PLACEMENT.c.persons), 0)).where(
    PLACEMENT.c.state == State.ANNOUNCED.value
)


class QuotaLedger:
    """The bookings of one transaction."""

    def __init__(self, work: "AllocationWork") -> None:
        self._work = work

    async def book(self, entry: NewEntry) -> Booking:
        """Add an entry; it gets the next number. Raises BookingNotPossible for a correction that meets nothing."""
        await self._hold()
        if entry.corrects is not None:
            quota_ledger.must_fit(await self._read(_ABOUT, entry.corrects), entry)
        return (await self._add([entry]))[0]

    async def placed(self, placed: Mapping[UUID, tuple[str, int]], on: date) -> None:
        """These households are to come, each with so many persons to its town and to no other."""
        await self._hold()
        histories = await self._histories(placed)
        await self._add(
            [
                entry
                for home, (ags, persons) in placed.items()
                for entry in quota_ledger.placed(histories[home], home, ags, persons, on)
            ]
        )

    async def will_not_come(self, households: Collection[UUID], on: date) -> None:
        """These households are to come to no town."""
        await self._hold()
        histories = await self._histories(households)
        await self._add(
            [entry for home in households for entry in quota_ledger.will_not_come(histories[home], home, on)]
        )

    async def arrived(self, household_id: UUID, ags: str, persons: int, on: date) -> None:
        """The town received so many persons."""
        await self._hold()
        await self._add(quota_ledger.arrived(await self.of_household(household_id), household_id, ags, persons, on))

    async def moved(self, household_id: UUID, from_ags: str, to_ags: str | None, persons: int, on: date) -> None:
        """Under a policy by which the intake follows: so many persons count where they live now."""
        await self._hold()
        history = await self.of_household(household_id)
        await self._add(quota_ledger.moved(history, household_id, from_ags, to_ags, persons, on))

    async def another_figure(self, household_id: UUID, ags: str, change: int, on: date) -> None:
        """The town received so many persons more or fewer than it said. Raises BookingNotPossible."""
        await self._hold()
        history = await self.of_household(household_id)
        await self._add(quota_ledger.another_figure(history, household_id, ags, change, on))

    async def of_household(self, household_id: UUID) -> Sequence[Booking]:
        """All entries about a household, in their order."""
        return await self._read(_OF_HOME, household_id)

    async def of_town(self, ags: str) -> Sequence[Booking]:
        """All entries of a town, in their order."""
        return await self._read(_OF_TOWN, ags)

    async def account(
        self, on: date, policy: AllocationPolicy, *, announced: int | None = None, ags: str | None = None
    ) -> Account:
        """The account of a day under a policy: the sums of all towns, and the entries of one where it is named.

        ``announced``: persons to be distributed next, without it those who wait today for a town (of another day,
        nobody). A town with its entries is what `extract` makes of the whole account. Raises AccountNotComputable.
        """
        people = await self._waiting(on) if announced is None else announced
        sums = await self.received(on, policy)
        own = () if ags is None else tuple(await self.of_town(ags))
        names = [part.series for part in policy.account.key.parts]
        series = await self._work.series.of_day(
            dict.fromkeys([*names, *([policy.account.key.cap.over] if policy.account.key.cap else [])]),
            policy.population_basis, on,
        )  # fmt: skip
        empty = Account(on, people, policy.version, (policy.account,), series, own, {})
        return replace(
            empty, published={town: sums[town].counted if town in sums else 0 for town in empty.towns if town != ags}
        )

    async def received(self, on: date, policy: AllocationPolicy) -> Mapping[str, Received]:
        """What counts of each town, persons received and credited apart.

        Corrections stand beside what they correct, entries of one day and kind are one row: a town's sum is the same.
        """
        sums: dict[str, Received] = {}
        for row in await self._work.connection.execute(_SUMS, {"day": on}):
            cause = Booking(0, row.ags, row.counts_on, Entry(row.kind), row.persons, row.credit, row.until)
            persons, so_far = counted(cause, None, policy.account, on).persons, sums.get(row.ags, Received())
            if cause.kind is Entry.INTAKE:
                sums[row.ags] = replace(so_far, intake=so_far.intake + persons)
            else:
                sums[row.ags] = replace(so_far, credit=so_far.credit + persons)
        return sums

    async def _waiting(self, on: date) -> int:
        if on != self._work.calendar.today():
            return 0
        return int((await self._work.connection.execute(_WAITING)).scalar_one())

    async def _read(self, found: Any, wanted: object) -> Sequence[Booking]:
        return [_booking(row) for row in await self._work.connection.execute(found, {"wanted": wanted})]

    async def _hold(self) -> None:
        """Nobody else books until this transaction ends, so that what was read before an entry still holds at it."""
        await self._work.connection.execute(_HELD)

    async def _histories(self, households: Collection[UUID]) -> Mapping[UUID, Sequence[Booking]]:
        found: dict[UUID, list[Booking]] = {home: [] for home in households}
        asked = _IN_ORDER.where(among(BOOKING.c.household_id, households))
        for row in await self._work.connection.execute(asked):
            found[row.household_id].append(_booking(row))
        return found

    async def _add(self, entries: Sequence[NewEntry]) -> Sequence[Booking]:
        """The entries in their order, in one statement; the ledger is held, so its last number tells theirs."""
        if not entries:
            return ()
        rows = json.dumps([self._row(entry) for entry in entries], default=str)
        await self._work.connection.execute(_ADDED, {"entries": rows})
        last = (await self._work.connection.execute(_LAST)).scalar_one()
        booked = [
            Booking(number, one.ags, one.on, one.kind, one.persons, one.credit, one.until, one.corrects)
            for number, one in enumerate(entries, start=last - len(entries) + 1)
        ]
        self._note(entries, booked)
        return booked

    def _row(self, entry: NewEntry) -> dict[str, object]:
        return {
            "number": 0, "ags": entry.ags, "counts_on": entry.on, "kind": entry.kind.value, "persons": entry.persons,
            "credit": entry.credit, "until": entry.until, "corrects": entry.corrects, "because": entry.because.value,
            "household_id": entry.household_id, "booked_by": self._work.actor.person,
            "booked_on": self._work.calendar.today(), "recorded_at": self._work.clock.now(),
        }  # fmt: skip

    def _note(self, entries: Sequence[NewEntry], booked: Sequence[Booking]) -> None:
        """One audit row for each town and cause: of a whole plan there are many entries."""
        groups: dict[tuple[str, str, str], list[int]] = {}
        for entry, booking in zip(entries, booked, strict=True):
            groups.setdefault((entry.ags, entry.kind, entry.because), []).append(booking.number)
        for (ags, kind, because), numbers in groups.items():
            details = {"ags": ags, "first": str(numbers[0]), "last": str(numbers[-1]), "entries": str(len(numbers))}
            self._work.audit.add(
                aggregate=AGGREGATE, aggregate_id=account_id(ags), version=numbers[-1], action=kind, reason=because,
                details=details,
            )  # fmt: skip


def account_id(ags: str) -> UUID:
    """The id of a town's account, for the audit."""
    return uuid5(NAMESPACE_URL, f"urn:kfi:{AGGREGATE}:{ags}")


def _booking(row: Row[Any]) -> Booking:
    return Booking(
        row.number, row.ags, row.counts_on, Entry(row.kind), row.persons, row.credit, row.until, row.corrects
    )
