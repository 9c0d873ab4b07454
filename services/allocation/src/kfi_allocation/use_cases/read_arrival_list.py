"""The service reads a list: rows, households, mistakes, and what it would change. Nothing of it is in force yet."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast
from uuid import UUID

from kfi_allocation.arrival_entries import ArrivalEntries, Entry
from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.arrival_files.reading import rows_of
from kfi_allocation.arrival_lists import AGGREGATE, parts_of
from kfi_allocation.domain.arrivals.arrival_list import ArrivalList, Found, ReadByAnother
from kfi_allocation.domain.arrivals.describing import Described
from kfi_allocation.domain.arrivals.difference import change_of
from kfi_allocation.domain.arrivals.gathering import Gathered, described, gathered, totals_disagree
from kfi_allocation.domain.arrivals.mapping import Column, Rows, mapping_from
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake, Severity
from kfi_allocation.domain.arrivals.places import Places
from kfi_allocation.domain.arrivals.rows import Limits
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import SYSTEM, Principal
from kfi_chassis.work import Transactions
from kfi_law.municipalities import register

PORTION: Final = 500
IN_MEMORY_BYTES: Final = 1_048_576
READER: Final[Principal] = SYSTEM("arrivals")


async def read_next_list(transactions: Transactions[AllocationWork]) -> int:
    """Read the oldest list nobody reads; 1 when there was one.

    While it is read, a transaction that writes nothing holds it, so that no second process reads it; when the process
    dies, another one begins anew at once. What is read is written portion by portion, so that progress can be seen.
    """

    async def hold(work: AllocationWork) -> int:
        waiting = await work.arrival_lists.to_be_read()
        if waiting is not None:
            with suppress(ReadByAnother):
                await _read(waiting, work.settings.arrival_limits, transactions)
        return 0 if waiting is None else 1

    return await transactions.run(hold, actor=READER)


async def _read(waiting: ArrivalList, limits: Limits, transactions: Transactions[AllocationWork]) -> None:
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spooled:
        file = cast("BinaryIO", spooled)
        for number in parts_of(waiting):
            file.write(await transactions.run(partial(_part, waiting.id, number), actor=READER))
        found = await asyncio.to_thread(_gathered, waiting, file, limits)
    attempt = await transactions.run(partial(_begin, waiting.id, found), actor=READER)
    homes = described(found, waiting.said, Places(register()), transactions.calendar.today())
    number = 0
    while portion := await asyncio.to_thread(_next, homes):
        await transactions.run(partial(_stage, waiting.id, attempt, portion, number), actor=READER)
        number += len(portion)
    await transactions.run(partial(_end, waiting.id, attempt, found.whole), actor=READER)


async def _part(list_id: UUID, number: int, work: AllocationWork) -> bytes:
    return await work.arrival_lists.part(list_id, number)


def _gathered(waiting: ArrivalList, file: BinaryIO, limits: Limits) -> Gathered:
    mapping = mapping_from(dict(waiting.mapping_document))
    rows = rows_of(
        file, FileKind(waiting.kind), mapping, encoding=waiting.encoding, separator=waiting.separator, limits=limits
    )
    return gathered(rows, mapping)


def _next(homes: Iterator[Described]) -> list[Described]:
    return list(islice(homes, PORTION))


async def _begin(list_id: UUID, found: Gathered, work: AllocationWork) -> int:
    """Forget what an earlier attempt left, and note what is wrong with the file as a whole; the number of this one."""
    reading = await work.arrival_lists.get_to_change(list_id)
    attempt = reading.found.attempt
    reading.must_be_read_by(attempt)
    entries = ArrivalEntries(work, list_id)
    await entries.begin_anew()
    await entries.note(found.mistakes)
    counted = Found(rows=found.rows, errors=len(found.mistakes), attempt=attempt + 1)
    await work.arrival_lists.note_progress(replace(reading, found=counted))
    return counted.attempt


async def _stage(list_id: UUID, attempt: int, portion: Sequence[Described], after: int, work: AllocationWork) -> None:
    reading = await work.arrival_lists.get_to_change(list_id)
    reading.must_be_read_by(attempt)
    known = await work.households.live(reading.source, [each.reference for each in portion])
    entries, mistakes, counts = [], list[Mistake](), reading.found
    for number, each in enumerate(portion, start=after + 1):
        household = known.get(each.reference)
        change = change_of(household, each.announced, cancelled=each.cancelled)
        mistakes.extend(each.mistakes)
        counts = counts.counting_difference(change.difference).counting(
            households=1, persons=0 if each.announced is None else each.announced.persons
        )
        changes = {name: list(both) for name, both in change.fields.items()}
        known_as = None if household is None else household.id
        entries.append(
            Entry(number, each.reference, each.line, change.difference, changes, known_as, said=each.announced)
        )
    mistakes.extend(await _joins_into_stopped_towns(portion, work))
    staged = ArrivalEntries(work, list_id)
    await staged.stage(entries)
    await staged.note(mistakes)
    errors = sum(mistake.severity is Severity.ERROR for mistake in mistakes)
    counts = counts.counting(errors=errors, warnings=len(mistakes) - errors)
    await work.arrival_lists.note_progress(replace(reading, found=counts))


async def _joins_into_stopped_towns(portion: Sequence[Described], work: AllocationWork) -> list[Mistake]:
    """A core family whose town takes nobody that day comes in, and somebody has to look at it."""
    joining = [
        (each.line, each.announced.relatives_in, each.announced.arrival_on or work.calendar.today())
        for each in portion
        if each.announced is not None and each.announced.must_join
    ]
    stops = await work.towns.stops.of(None) if joining else ()
    return [
        Mistake(line, Column.RELATIVES_IN, Fault.JOIN_INTO_STOPPED_TOWN, severity=Severity.WARNING)
        for line, ags, day in joining
        if any(stop.ags == ags and stop.counts_on(day) for stop in stops)
    ]


async def _end(list_id: UUID, attempt: int, whole: bool, work: AllocationWork) -> None:  # noqa: FBT001 - handed over by partial
    """Totals are compared; on a whole list that corrects another, who is missing will not come."""
    reading = await work.arrival_lists.get_to_change(list_id)
    reading.must_be_read_by(attempt)
    entries, counts = ArrivalEntries(work, list_id), reading.found
    by_person = mapping_from(dict(reading.mapping_document)).rows is Rows.PERSON
    persons = counts.rows if by_person else counts.persons
    wrong = totals_disagree(reading.said, counts.households, persons)
    await entries.note(wrong)
    counts = counts.counting(errors=len(wrong))
    whole = whole and not wrong
    if reading.corrects is not None:
        if whole:
            counts = counts.counting(cancelled=await entries.stage_missing(reading.root_id))
        else:
            counts = counts.counting(held=await entries.count_missing(reading.root_id))
    done = replace(reading, found=counts).read(whole=whole)
    await work.arrival_lists.save(done)
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=list_id, version=done.version, action="read",
        details={"state": done.state, "households": str(counts.households), "errors": str(counts.errors)},
    )  # fmt: skip
