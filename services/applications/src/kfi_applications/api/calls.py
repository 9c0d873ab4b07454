"""Calls for applications."""

from typing import Annotated

from fastapi import APIRouter

from kfi_applications.api.readers import READERS
from kfi_applications.api.views import CallView
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, edge

router = APIRouter(tags=["calls"])


@router.get("/calls")
async def list_calls(door: Annotated[Edge[ApplicationsWork], edge(*READERS)]) -> list[CallView]:
    """All calls, the newest first; `open` says whether an application of today is taken."""

    async def calls(work: ApplicationsWork) -> list[CallView]:
        today = work.calendar.today()
        return [CallView.of(call, today) for call in work.catalogue.calls]

    return await door.read(calls)
