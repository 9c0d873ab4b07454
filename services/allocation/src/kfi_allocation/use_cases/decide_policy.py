"""The second person puts a policy into force, or gives it back."""

from kfi_allocation.domain.account.key import shares
from kfi_allocation.domain.policy_record import PolicyRecord, ReturnedBecause
from kfi_allocation.work import AllocationWork


async def put_policy_into_force(name: str, seen_version: int, work: AllocationWork) -> PolicyRecord:
    """From its first day on, plans and accounts go by it.

    Raises SecondPersonNeeded, SettledAlready, DateNotPossible, and AccountNotComputable when its key gives no shares.
    """
    record = await work.policies.get_to_change(name, seen_version)
    another = await work.policies.any_holds(record.policy.valid_from)
    record.put_into_force(by=work.actor.person, on=work.calendar.today(), another_holds=another)
    key, first = record.policy.account.key, max(record.policy.valid_from, work.calendar.today())
    named = [part.series for part in key.parts] + ([key.cap.over] if key.cap else [])
    shares(key, await work.series.of_day(named, record.policy.population_basis, first))
    await work.policies.save(record)
    return record


async def return_policy(name: str, because: ReturnedBecause, seen_version: int, work: AllocationWork) -> PolicyRecord:
    """The draft does not come into force; who drafted it may withdraw it so. Raises SettledAlready."""
    record = await work.policies.get_to_change(name, seen_version)
    record.give_back(by=work.actor.person, on=work.calendar.today(), because=because)
    await work.policies.save(record)
    return record
