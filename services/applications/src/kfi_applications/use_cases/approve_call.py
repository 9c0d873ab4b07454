"""The second person puts a call in force."""

from kfi_applications.domain.calls import Call
from kfi_applications.domain.master_records import MasterRecord
from kfi_applications.works import ApplicationsWork


async def approve_call(key: str, seen_version: int, work: ApplicationsWork) -> MasterRecord[Call]:
    """From now on who applies is taken under this version; cases keep theirs.

    Raises FourEyesViolated, WrongState, and CallNotAccepting or NotInBudget when it became impossible meanwhile.
    """
    record = await work.calls.records.get_to_change(key, seen_version=seen_version)
    call = record.approve(by=work.actor.person, on=work.calendar.today()).content
    work.catalogue.must_bear(call)
    await work.budget.title(call.budget_title)
    await work.calls.records.save(record)
    return record
