"""The account of all municipalities is published, and told by its digest."""

from uuid import UUID, uuid4

from kfi_allocation.domain.publication import published
from kfi_allocation.publications import Publication
from kfi_allocation.work import AllocationWork
from kfi_chassis.canonical import canonical_json, digest
from kfi_law.municipalities import register


async def publish_quota(work: AllocationWork) -> UUID:
    """The account of today; what is published stays. Raises NoPolicyInForce, AccountNotComputable."""
    today = work.calendar.today()
    policy = await work.policies.in_force(today)
    account = await work.ledger.account(today, policy)
    names = {town.ags: town.short_name for town in register()}
    document = published(account, await work.ledger.received(today, policy), names)
    one = Publication(uuid4(), today, policy.version, digest(canonical_json(document)), document, today)
    await work.publications.add(one)
    return one.id
