"""`/consent` and `/consents`: whether an organisation wants to be told by its inbox, and what it said before."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_notifications.api.readers import APPLICANT, own_organisation
from kfi_notifications.domain.consent import Consent
from kfi_notifications.domain.duties import APPLICATIONS, AUDITOR, OFFICES
from kfi_notifications.use_cases.change_consent import change_consent
from kfi_notifications.work import NotificationsWork

router = APIRouter(tags=["consent"])
OwnEdge = Annotated[Edge[NotificationsWork], edge(APPLICANT)]
StaffEdge = Annotated[Edge[NotificationsWork], edge(*sorted(OFFICES[APPLICATIONS].staff), AUDITOR)]
"""Organisations are the business of funding; a family has no inbox."""


class StatedConsent(BaseModel):
    """What the organisation says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    given: bool
    """True: letters may be announced by retrieval from the inbox (§ 41 (2a) VwVfG). False: they come by post."""


class SaidView(BaseModel):
    """What was said once."""

    given: bool
    changed_on: date
    changed_at: datetime
    account: str


class ConsentView(BaseModel):
    """What an organisation says now, for letters ordered from now on, and what it said before."""

    id: UUID | None
    organisation: str
    given: bool
    since: date | None
    history: list[SaidView]
    version: int
    actions: list[str]


@router.get("/consent")
async def read_consent(edge: OwnEdge) -> ConsentView:
    """See what the own organisation says; its ETag is the version, 0 while nothing was said."""
    organisation = own_organisation(edge.principal)

    async def read(work: NotificationsWork) -> ConsentView:
        return await _view(await work.consents.of(organisation), ["consent"], work)

    return _tagged(await edge.read(read), edge)


@router.post("/consent")
async def post_consent(body: StatedConsent, seen: IfMatch, edge: OwnEdge) -> ConsentView:
    """Consent for the own organisation, or take that back; it holds for letters that are ordered later."""
    organisation = own_organisation(edge.principal)

    async def change(work: NotificationsWork) -> ConsentView:
        return await _view(await change_consent(organisation, seen, body.given, work), ["consent"], work)

    return _tagged(await edge.command(change), edge)


@router.get("/consents")
async def read_consent_of(
    edge: StaffEdge,
    organisation: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")],
) -> ConsentView:
    """See what an organisation says and said: staff have to prove it when an announcement is disputed."""

    async def read(work: NotificationsWork) -> ConsentView:
        return await _view(await work.consents.of(organisation), [], work)

    return _tagged(await edge.read(read), edge)


async def _view(consent: Consent, actions: list[str], work: NotificationsWork) -> ConsentView:
    said = [SaidView(**{name: getattr(each, name) for name in SaidView.model_fields})
            for each in await work.consents.history(consent.id)]  # fmt: skip
    return ConsentView(
        id=consent.id if consent.version else None,
        organisation=consent.organisation,
        given=consent.given,
        since=consent.since,
        history=said,
        version=consent.version,
        actions=actions,
    )


def _tagged(view: ConsentView, edge: Edge[NotificationsWork]) -> ConsentView:
    edge.etag(view.version)
    return view
