"""Published accounts of all municipalities: every town reads all of them, exact, and never changed."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, status

from kfi_allocation.api.at_town import Planner
from kfi_allocation.api.forms import AUDITOR, PLANNER, SIGNATORY, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.town_doors import TOWN
from kfi_allocation.api.town_problems import NOT_COMPUTABLE
from kfi_allocation.domain.refusals import NoPolicyInForce
from kfi_allocation.publications import Publication
from kfi_allocation.use_cases.publish_quota import publish_quota
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/quota-publications", tags=["account"])
Anybody = Annotated[Edge[AllocationWork], edge(TOWN, PLANNER, SIGNATORY, AUDITOR)]


class PublicationLine(View):
    """A publication; `digest` is the SHA-256 of its document in canonical JSON (RFC 8785)."""

    id: UUID
    as_of: date
    policy_version: str
    digest: str
    published_on: date

    @classmethod
    def of(cls, one: Publication) -> "PublicationLine":
        """The line of a publication."""
        return cls(**{name: getattr(one, name) for name in PublicationLine.model_fields})


class PublicationView(PublicationLine):
    """A publication with its document: duty, intake, credits, fulfilment and target of every municipality."""

    document: dict[str, Any]


@router.get("")
async def list_publications(door: Anybody, asked: Paged) -> Page[PublicationLine]:
    """All publications, the last first."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[PublicationLine]:
        found = await work.publications.page(before=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: PublicationLine.of(row[1]), lambda row: (row[0],))

    return await door.read(page)


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[NoPolicyInForce], NOT_COMPUTABLE)
async def post_publication(once: Idempotent, door: Planner) -> PublicationView:
    """Publish the account of today."""
    view = await door.create(once, publish_quota, _view)
    door.located(f"/allocation/v1/quota-publications/{view.id}")
    return view


@router.get("/{publication_id}")
async def get_publication(publication_id: UUID, door: Anybody) -> PublicationView:
    """One publication."""
    return await door.read(lambda work: _view(publication_id, work))


async def _view(publication_id: UUID, work: AllocationWork) -> PublicationView:
    one = await work.publications.get(publication_id)
    return PublicationView(**PublicationLine.of(one).model_dump(), document=dict(one.document))
