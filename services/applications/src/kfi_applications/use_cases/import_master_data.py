"""Calls and budget titles come in from a file: as proposals that a person approves, or in force at once in a demo."""

from collections.abc import Mapping
from typing import Final, TypeVar

from kfi_applications.domain.budget import BudgetPlan
from kfi_applications.domain.calls import Call
from kfi_applications.domain.master_records import MasterRecord
from kfi_applications.master_record_repository import MasterRecords, UnknownRecord
from kfi_applications.works import ApplicationsWork

T = TypeVar("T")
FOR_NOBODY: Final = "system:demonstration"
"""Stands where the second person would: a demo or a test has nobody who approves what it begins with."""


async def import_budget(titles: Mapping[str, BudgetPlan], work: ApplicationsWork, *, in_force: bool) -> int:
    """Bring the titles in, all or none; how many were new or changed. Raises BudgetExceeded, WrongState."""
    changed = 0
    for key, plan in sorted(titles.items()):
        record = await _proposed(work.budget_plans, key, plan, work)
        if record is not None:
            changed += 1
            if in_force:
                record.approve(by=FOR_NOBODY, on=work.calendar.today())
                await work.budget.plan(key, plan)
            await _stored(work.budget_plans, record)
    return changed


async def import_calls(calls: tuple[Call, ...], work: ApplicationsWork, *, in_force: bool) -> int:
    """Bring the calls in, all or none; how many were new or changed.

    Raises CallNotAccepting, DateNotPossible, NotInBudget, WrongState.
    """
    changed = 0
    for call in sorted(calls, key=lambda call: call.key):
        work.catalogue.must_bear(call)
        await work.budget.title(call.budget_title)
        record = await _proposed(work.calls.records, call.key, call, work)
        if record is not None:
            changed += 1
            if in_force:
                record.approve(by=FOR_NOBODY, on=work.calendar.today())
            await _stored(work.calls.records, record)
    return changed


async def _proposed(records: MasterRecords[T], key: str, content: T, work: ApplicationsWork) -> MasterRecord[T] | None:
    """The record with a further version, or None when the newest says the same already."""
    try:
        record = await records.get_to_change(key)
    except UnknownRecord:
        record = records.new(key)
    if record.versions and record.versions[-1].content == content:
        return None
    record.propose(content, by=work.actor.person, on=work.calendar.today())
    return record


async def _stored(records: MasterRecords[T], record: MasterRecord[T]) -> None:
    await (records.add(record) if record.version == len(record.steps) else records.save(record))
