"""What of a run may be read, and by whom: the plan by planners, its part by its town, all of it by an auditor."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from kfi_allocation.certificate.signing import part_of
from kfi_allocation.certificate_keys import keys_in
from kfi_allocation.domain.freezing import FrozenInput, thawed
from kfi_allocation.domain.run import Run
from kfi_allocation.runs import AGGREGATE, Document, UnknownRun
from kfi_allocation.work import AllocationWork


@dataclass(frozen=True)
class PlannedRun:
    """A run with its frozen input and a plan of it."""

    run: Run
    frozen: FrozenInput
    plan: Mapping[str, Any]

    @property
    def assignments(self) -> Mapping[str, str]:
        """The town of each household."""
        assignments: Mapping[str, str] = self.plan["assignments"]
        return assignments


async def frozen_input(run_id: UUID, work: AllocationWork) -> tuple[Run, FrozenInput]:
    """A run with its input. Raises UnknownRun."""
    run = await work.runs.get(run_id)
    return run, thawed(await work.runs.document(run_id, Document.INPUT))


async def planned_run(run_id: UUID, kind: Document, work: AllocationWork) -> PlannedRun:
    """A run with its preview or its plan. Raises UnknownRun where there is none yet."""
    run, frozen = await frozen_input(run_id, work)
    plan = json.loads(await work.runs.document(run_id, kind), parse_float=Decimal)
    return PlannedRun(run, frozen, plan)


async def certificate_of(run_id: UUID, work: AllocationWork) -> Mapping[str, Any]:
    """The signed certificate, which everybody may know. Raises UnknownRun before the run was proved."""
    run = await work.runs.get(run_id)
    if run.certificate is None:
        raise UnknownRun
    return run.certificate


async def part_of_town(run_id: UUID, ags: str, work: AllocationWork) -> Mapping[str, Any]:
    """What a town checks offline: its own figures and placements with their proofs.

    Raises UnknownRun for a run nobody accepted, and for a town the run does not know.
    """
    found = await planned_run(run_id, Document.PLAN, work)
    signed = found.run.certificate
    known = any(town.ags == ags for town in found.frozen.instance.municipalities)
    if signed is None or found.run.accepted_on is None or not known:
        raise UnknownRun
    _note(found.run, "read-part", work, {"ags": ags})
    return part_of(found.frozen.instance, found.plan, signed, ags, keys_in(work.settings.certificate_keys).salts)


async def instance_file(run_id: UUID, work: AllocationWork) -> bytes:
    """The instance as the offline commands read it; that it was read is recorded. Raises UnknownRun."""
    run = await work.runs.get(run_id)
    document = json.loads(await work.runs.document(run_id, Document.INPUT))
    _note(run, "read-instance", work, {})
    return json.dumps(document["instance"], ensure_ascii=False, separators=(",", ":")).encode()


async def plan_file(run_id: UUID, work: AllocationWork) -> bytes:
    """The plan as the solver wrote it; that it was read is recorded. Raises UnknownRun."""
    run = await work.runs.get(run_id)
    content = await work.runs.document(run_id, Document.PLAN)
    _note(run, "read-plan", work, {})
    return content


def _note(run: Run, action: str, work: AllocationWork, details: Mapping[str, str]) -> None:
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=run.id, version=run.version, action=action, reason=None, details=details
    )
