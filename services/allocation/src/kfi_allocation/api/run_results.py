"""What a run found: preview and plan in figures, placements, certificate, a town's part, the files of an audit."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from kfi_allocation.api.plan_views import PlanView, RunPlacementView
from kfi_allocation.api.runs import PLANNER, READERS
from kfi_allocation.api.town_doors import TOWN, Ags, at_own_door
from kfi_allocation.certificate_keys import keys_in
from kfi_allocation.domain.run_summary import summary_of
from kfi_allocation.runs import Document
from kfi_allocation.use_cases.read_run import certificate_of, instance_file, part_of_town, plan_file, planned_run
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged

router = APIRouter(tags=["runs"])
Reader = Annotated[Edge[AllocationWork], edge(*READERS)]
Anybody = Annotated[Edge[AllocationWork], edge()]
Auditor = Annotated[Edge[AllocationWork], edge("auditor")]
TownOrPlanner = Annotated[Edge[AllocationWork], edge(TOWN, PLANNER, "auditor")]
_JSON: Final = "application/json"
_FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {_JSON: {}}}}


@router.get("/runs/{run_id}/preview")
async def get_preview(run_id: UUID, door: Reader) -> PlanView:
    """The first complete plan, in figures, while the run still looks for a better one."""
    return await _plan(run_id, Document.PREVIEW, door)


@router.get("/runs/{run_id}/plan")
async def get_plan(run_id: UUID, door: Reader) -> PlanView:
    """The proven plan in figures, whom a repair moves, or the rules to relax when nothing fits."""
    return await _plan(run_id, Document.PLAN, door)


@router.get("/runs/{run_id}/placements")
async def list_placements(run_id: UUID, door: Reader, asked: Paged) -> Page[RunPlacementView]:
    """The town of each household of the proven plan, by household id."""
    after = asked.after(UUID)

    async def page(work: AllocationWork) -> Page[RunPlacementView]:
        await work.runs.get(run_id)
        found = await work.run_figures.placements(run_id, after[0] if after else None, asked.rows)
        return asked.page(found, RunPlacementView.model_validate, lambda row: (row["household_id"],))

    return await door.read(page)


@router.get("/runs/{run_id}/certificate")
async def get_certificate(run_id: UUID, door: Anybody) -> dict[str, Any]:
    """The signed certificate: objective, bound, gap, and the roots over input and placements. Anybody may have it."""
    return dict(await door.read(lambda work: certificate_of(run_id, work)))


@router.get("/certificate-key")
async def get_certificate_key(door: Anybody) -> dict[str, str]:
    """The public key (Ed25519, hexadecimal) that checks every certificate."""

    async def read(work: AllocationWork) -> dict[str, str]:
        return {"public_key": keys_in(work.settings.certificate_keys).public_key}

    return await door.read(read)


@router.get("/municipalities/{ags}/runs/{run_id}/part")
async def get_part(ags: Ags, run_id: UUID, door: TownOrPlanner) -> dict[str, Any]:
    """A town's own figures and placements with their proofs, checked offline by `certificate verify`."""
    own = at_own_door(door, ags)
    return dict(await own.read(lambda work: part_of_town(run_id, ags, work)))


@router.get("/runs/{run_id}/instance", response_class=Response, responses=_FILE)
async def get_instance(run_id: UUID, door: Auditor) -> Response:
    """The whole instance, for `certificate audit`; that it was read is recorded."""
    return Response(await door.read(lambda work: instance_file(run_id, work)), media_type=_JSON)


@router.get("/runs/{run_id}/plan-file", response_class=Response, responses=_FILE)
async def get_plan_file(run_id: UUID, door: Auditor) -> Response:
    """The plan as it was found, for `certificate audit`; that it was read is recorded."""
    return Response(await door.read(lambda work: plan_file(run_id, work)), media_type=_JSON)


async def _plan(run_id: UUID, kind: Document, door: Edge[AllocationWork]) -> PlanView:
    async def read(work: AllocationWork) -> PlanView:
        planned = await planned_run(run_id, kind, work)
        return PlanView.of(planned, summary_of(planned.frozen, planned.assignments))

    return await door.read(read)
