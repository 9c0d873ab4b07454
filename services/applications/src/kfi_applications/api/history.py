"""The history of a case: who did what, when and why."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from kfi_applications.api.readers import STAFF
from kfi_applications.api.views import View
from kfi_applications.case_history import Happened
from kfi_applications.use_cases.read_application import Look, read_application
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged

router = APIRouter(prefix="/applications/{application_id}", tags=["history"])


class HistoryLine(View):
    """One change of the case or one look at it; `version` is that of the case then, the reason a code."""

    number: int
    recorded_at: datetime
    action: str
    person: str
    reason: str | None
    version: int
    details: dict[str, str]

    @classmethod
    def of(cls, happened: Happened) -> "HistoryLine":
        """The line of a row."""
        return cls(**{name: getattr(happened, name) for name in cls.model_fields})


@router.get("/history")
async def get_history(
    application_id: UUID,
    door: Annotated[Edge[ApplicationsWork], edge(*STAFF)],
    asked: Paged,
    *,
    looks: Annotated[bool, Query(description="Who looked at the case as well.")] = False,
) -> Page[HistoryLine]:
    """Every change of a case in its order. That somebody looked at it is recorded."""
    after = asked.after(int)

    async def page(work: ApplicationsWork) -> Page[HistoryLine]:
        await read_application(application_id, None, Look.HISTORY, work)
        found = await work.history.page(application_id, looks=looks, after=after[0] if after else None, rows=asked.rows)
        return asked.page(found, HistoryLine.of, lambda line: (line.number,))

    return await door.read(page)
