"""The first person drafts a policy."""

from typing import Any
from uuid import UUID, uuid4

from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.policy_record import PolicyRecord
from kfi_allocation.work import AllocationWork


async def draft_policy(document: dict[str, Any], work: AllocationWork) -> UUID:
    """A draft waits for another person, and nothing goes by it until then.

    Raises DocumentNotReadable with every problem, TakenName.
    """
    policy = policy_from(document, await work.series.names())
    record = PolicyRecord.draft(uuid4(), policy, document, by=work.actor.person, on=work.calendar.today())
    await work.policies.add(record)
    return record.id
