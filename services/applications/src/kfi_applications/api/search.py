"""Cases by the names in them. The name travels in a body: addresses are written down in too many logs."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from kfi_applications.api.readers import STAFF
from kfi_applications.api.views import ApplicationLine
from kfi_applications.stated import Statement
from kfi_applications.use_cases.search_applications import search_applications
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged

router = APIRouter(prefix="/applications", tags=["applications"])
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]


class Search(Statement):
    """What is looked for."""

    text: Annotated[
        str,
        StringConstraints(min_length=2, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
        Field(description="words of the applicant's or the contact's name, all of them whole; or an e-mail address"),
    ]


@router.post("/search")
async def post_search(body: Search, asked: Paged, door: Staff) -> Page[ApplicationLine]:
    """Find cases by the name of applicant or contact, the latest first; creates nothing. What was found is recorded."""
    after = asked.after(int)

    async def search(work: ApplicationsWork) -> Page[ApplicationLine]:
        before = after[0] if after else None
        found = await search_applications(body.text, work, before=before, most=asked.rows)
        return asked.page(found, lambda row: ApplicationLine.of(row[1], door.principal), lambda row: (row[0],))

    return await door.read(search)
