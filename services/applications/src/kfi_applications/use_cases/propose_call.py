"""The first person says how a call shall be: a new one, or the correction of one that is there."""

from uuid import UUID

from kfi_applications.domain.calls import Call
from kfi_applications.domain.master_records import MasterRecord
from kfi_applications.works import ApplicationsWork


async def propose_call(call: Call, work: ApplicationsWork) -> UUID:
    """A new call waits for its approval. Raises AlreadyThere, CallNotAccepting, DateNotPossible, NotInBudget."""
    record = work.calls.records.new(call.key)
    await _propose(record, call, work)
    await work.calls.records.add(record)
    return record.id


async def correct_call(call: Call, seen_version: int, work: ApplicationsWork) -> MasterRecord[Call]:
    """The next version waits; the one in force stays until it is approved. Raises as propose_call, and WrongState."""
    record = await work.calls.records.get_to_change(call.key, seen_version=seen_version)
    await _propose(record, call, work)
    await work.calls.records.save(record)
    return record


async def _propose(record: MasterRecord[Call], call: Call, work: ApplicationsWork) -> None:
    work.catalogue.must_bear(call)
    await work.budget.title(call.budget_title)
    record.propose(call, by=work.actor.person, on=work.calendar.today())
