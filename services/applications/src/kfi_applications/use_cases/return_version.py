"""A proposed call or budget plan is not approved, or its proposer withdraws it."""

from typing import TypeVar

from kfi_applications.domain.master_records import MasterRecord, ReturnedBecause
from kfi_applications.master_record_repository import MasterRecords
from kfi_applications.works import ApplicationsWork

T = TypeVar("T")


async def return_version(
    records: MasterRecords[T], key: str, because: ReturnedBecause, seen_version: int, work: ApplicationsWork
) -> MasterRecord[T]:
    """What is in force stays as it is. Raises WrongState."""
    record = await records.get_to_change(key, seen_version=seen_version)
    record.give_back(by=work.actor.person, on=work.calendar.today(), because=because)
    await records.save(record)
    return record
