"""Mandates to stand in for a colleague."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import STAFF
from kfi_applications.api.requests import NewMandate
from kfi_applications.api.views import View
from kfi_applications.domain.errors import MandateNotPossible, NotYours, UnknownColleague, WrongState
from kfi_applications.domain.mandate import Mandate
from kfi_applications.domain.states import Mover
from kfi_applications.stated import PERSON_PATTERN
from kfi_applications.use_cases.grant_mandate import GrantMandate, grant_mandate, revoke_mandate
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/mandates", tags=["mandates"])
Granting = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER, Mover.SIGNATORY)]
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]


class MandateView(View):
    """Who stands in for whom, both days included; `revoked_on` is the first day without it."""

    id: UUID
    represented: str
    deputy: str
    valid_from: date
    valid_until: date
    granted_by: str
    revoked_on: date | None
    in_force: bool

    @classmethod
    def of(cls, mandate: Mandate, today: date) -> "MandateView":
        """The view of a mandate on a day."""
        known = {name: getattr(mandate, name) for name in cls.model_fields if name != "in_force"}
        return cls(**known, in_force=mandate.in_force(today))


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[MandateNotPossible], KINDS[NotYours], KINDS[UnknownColleague])
async def post_mandate(body: NewMandate, once: Idempotent, door: Granting) -> MandateView:
    """Have a colleague stand in, for oneself or, as a signatory, for somebody who is away."""
    command = GrantMandate(
        body.person(door.principal.person), body.deputy, body.valid_from, body.valid_until,
    )  # fmt: skip

    async def show(mandate_id: UUID, work: ApplicationsWork) -> MandateView:
        return _shown(door, await work.mandates.get(mandate_id), work)

    view = await door.create(once, lambda work: grant_mandate(command, work), show)
    door.located(f"/applications/v1/mandates/{view.id}")
    return view


@router.get("")
async def list_mandates(
    door: Staff,
    asked: Paged,
    person: Annotated[
        str | None, Query(pattern=PERSON_PATTERN, description="Only those of this person or for it.")
    ] = None,
) -> Page[MandateView]:
    """Mandates that have not ended, in the order in which they end."""
    after = asked.after(date.fromisoformat, UUID)

    async def page(work: ApplicationsWork) -> Page[MandateView]:
        today = work.calendar.today()
        found = await work.mandates.page(person=person, on=today, after=after, rows=asked.rows)
        return asked.page(found, lambda one: MandateView.of(one, today), lambda one: (one.valid_until, one.id))

    return await door.read(page)


@router.get("/{mandate_id}")
async def get_mandate(mandate_id: UUID, door: Staff) -> MandateView:
    """One mandate, with its ETag."""

    async def read(work: ApplicationsWork) -> MandateView:
        return _shown(door, await work.mandates.get(mandate_id), work)

    return await door.read(read)


@router.post("/{mandate_id}/revocation")
@documents(KINDS[NotYours], KINDS[WrongState])
async def post_revocation(mandate_id: UUID, seen: IfMatch, door: Granting) -> MandateView:
    """End a mandate today."""

    async def revoke(work: ApplicationsWork) -> MandateView:
        return _shown(door, await revoke_mandate(mandate_id, seen, work), work)

    return await door.command(revoke)


def _shown(door: Edge[ApplicationsWork], mandate: Mandate, work: ApplicationsWork) -> MandateView:
    door.etag(mandate.version)
    return MandateView.of(mandate, work.calendar.today())
