"""To whom a case can be given."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter

from kfi_applications.api.readers import STAFF
from kfi_applications.api.views import View
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged

router = APIRouter(tags=["assignments"])


class CaseworkerView(View):
    """Somebody who works here, by the name the identity provider gives; the day it was last at work."""

    person: str
    last_seen_on: date


@router.get("/caseworkers")
async def list_caseworkers(door: Annotated[Edge[ApplicationsWork], edge(*STAFF)], asked: Paged) -> Page[CaseworkerView]:
    """Caseworkers who have opened the work list once, in the order of their names."""
    after = asked.after(str)

    async def page(work: ApplicationsWork) -> Page[CaseworkerView]:
        found = await work.caseworkers.page(after=after[0] if after else "", rows=asked.rows)
        return asked.page(found, lambda one: CaseworkerView(person=one[0], last_seen_on=one[1]), lambda one: (one[0],))

    return await door.read(page)
