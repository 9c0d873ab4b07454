"""Somebody gets a deputy, or the deputy's mandate ends early."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from kfi_applications.domain.mandate import Mandate
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.assign_case import must_be_known
from kfi_applications.works import ApplicationsWork


@dataclass(frozen=True)
class GrantMandate:
    """Who stands in for whom, both days included."""

    represented: str
    deputy: str
    valid_from: date
    valid_until: date


async def grant_mandate(command: GrantMandate, work: ApplicationsWork) -> UUID:
    """Enter a mandate. Raises MandateNotPossible, NotYours, UnknownColleague."""
    mandate = Mandate.grant(
        uuid4(),
        represented=command.represented,
        deputy=command.deputy,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        by=work.actor.person,
        by_signatory=_signs(work),
        today=work.calendar.today(),
    )
    await must_be_known(mandate.deputy, "deputy", work)
    await work.mandates.add(mandate)
    return mandate.id


async def revoke_mandate(mandate_id: UUID, seen_version: int, work: ApplicationsWork) -> Mandate:
    """End it today. Raises NotYours, UnknownMandate, WrongState."""
    mandate = await work.mandates.get(mandate_id)
    mandate.revoke(by=work.actor.person, by_signatory=_signs(work), today=work.calendar.today())
    await work.mandates.revoked(mandate, seen_version=seen_version)
    return mandate


def _signs(work: ApplicationsWork) -> bool:
    return work.actor.has_any(frozenset({Mover.SIGNATORY.value}))
