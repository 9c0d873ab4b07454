"""The entries of the quota ledger: listed as they were booked; a planner books what no step of a household brings."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import Field

from kfi_allocation.api.at_town import Ags, Planner, Reader, at_home
from kfi_allocation.api.forms import AUDITOR, PLANNER, Code, SomeDay, Stated, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.booking_list import Booked
from kfi_allocation.domain.account.entries import Entry
from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.quota_ledger import BookedBecause, NewEntry
from kfi_allocation.domain.refusals import BookingNotPossible
from kfi_allocation.use_cases.book_entry import book_entry
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents
from kfi_law.municipalities import register

router = APIRouter(tags=["account"])
Staff = Annotated[Edge[AllocationWork], edge(PLANNER, AUDITOR)]
MOST = 100_000


class StatedEntry(Stated):
    """An entry to be booked."""

    ags: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    on: SomeDay
    kind: Entry
    persons: Annotated[int, Field(ge=-MOST, le=MOST, strict=True)]
    because: BookedBecause
    credit: Annotated[Code | None, Field(description="a credit of the policy; of a credit alone")] = None
    until: Annotated[SomeDay | None, Field(description="the last day of a credit")] = None
    corrects: Annotated[int | None, Field(ge=1, description="the number of the entry; of a correction alone")] = None

    def entry(self) -> NewEntry:
        """The entry of the domain. Raises BookingNotPossible for members that belong to another kind."""
        belongs = {"credit": Entry.CREDIT, "corrects": Entry.CORRECTION}
        for name, kind in belongs.items():
            if (getattr(self, name) is not None) != (self.kind is kind):
                raise BookingNotPossible(f"A {self.kind} {_WITH[self.kind is kind]} it.", fix="Correct it.", field=name)
        if self.until is not None and self.kind is not Entry.CREDIT:
            raise BookingNotPossible("Only a credit ends.", fix="Leave it out.", field="until")
        if self.persons < 0 and self.kind is not Entry.CORRECTION:
            raise BookingNotPossible("Only a correction takes back.", fix="Correct the number.", field="persons")
        if self.ags not in register():
            raise BookingNotPossible("There is no such municipality.", fix="Correct its key.", field="ags")
        return NewEntry(
            self.ags, self.on, self.kind, self.persons, self.because, None, self.credit, self.until, self.corrects
        )


_WITH = {True: "needs", False: "comes without"}


class BookingView(View):
    """An entry as it was booked."""

    number: int
    ags: str
    on: date
    kind: Entry
    persons: int
    credit: str | None
    until: date | None
    corrects: int | None
    because: BookedBecause
    household_id: UUID | None
    booked_on: date
    recorded_at: datetime

    @classmethod
    def of(cls, booked: Booked) -> "BookingView":
        """The view of an entry."""
        return cls(**{name: getattr(booked, name) for name in cls.model_fields})


@router.get("/bookings")
async def list_bookings(door: Staff, asked: Paged, ags: Annotated[str | None, Query()] = None) -> Page[BookingView]:
    """All entries in their order."""
    return await door.read(lambda work: _page(work, asked, ags))


@router.get("/municipalities/{ags}/bookings")
async def list_town_bookings(ags: Ags, door: Reader, asked: Paged) -> Page[BookingView]:
    """The entries of a town's account in their order."""
    at_home(door, ags)
    return await door.read(lambda work: _page(work, asked, ags))


@router.post("/bookings", status_code=status.HTTP_201_CREATED)
@documents(KINDS[BookingNotPossible], KINDS[DateNotPossible])
async def post_booking(body: StatedEntry, once: Idempotent, door: Planner) -> BookingView:
    """Book an entry; nothing is overwritten, and a correction names what it corrects."""

    async def book(work: AllocationWork) -> UUID:
        return UUID(int=await book_entry(body.entry(), work))

    async def show(entry: UUID, work: AllocationWork) -> BookingView:
        return BookingView.of(await work.booking_list.entry(entry.int))

    return await door.create(once, book, show)


async def _page(work: AllocationWork, asked: Paged, ags: str | None) -> Page[BookingView]:
    after = asked.after(int)
    found = await work.booking_list.page(ags=ags, after=after[0] if after else None, rows=asked.rows)
    return asked.page(found, BookingView.of, lambda row: (row.number,))
