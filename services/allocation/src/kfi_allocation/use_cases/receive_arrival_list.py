"""A list of arrivals comes in as a file; it is stored, and the service reads it by itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.arrival_files.reading import PackagedMapping, mappings_in
from kfi_allocation.arrival_lists import AGGREGATE
from kfi_allocation.domain.arrivals.arrival_list import (
    ArrivalList,
    ListNotCorrectable,
    ListNotReadAsSaid,
    ListState,
    UnknownArrivalList,
)
from kfi_allocation.domain.arrivals.gathering import Said
from kfi_allocation.domain.arrivals.mapping import Encoding, Separator
from kfi_allocation.work import AllocationWork
from kfi_chassis.canonical import canonical_json, digest

READING = "read-arrival-lists"
"""The step of the worker that reads what came in."""


@dataclass(frozen=True)
class ReceiveList:
    """What whoever uploads a list says of it; encoding and separator where the mapping does not say them."""

    source: str
    mapping: str
    kind: FileKind
    encoding: Encoding | None
    separator: Separator | None
    said: Said
    corrects: UUID | None


@dataclass(frozen=True)
class ReceivedList:
    """A file that came in whole; its length in bytes."""

    content: BinaryIO
    size: int
    sha256: str


async def receive_arrival_list(command: ReceiveList, file: ReceivedList, work: AllocationWork) -> UUID:
    """Store the list, or find that this very list is there already: the same file with the same words changes nothing.

    Raises ListNotReadAsSaid, ListNotCorrectable.
    """
    layout = _layout(command, work)
    await work.arrival_lists.one_at_a_time(command.source)
    received = await _list(command, file, layout, work)
    known = await work.arrival_lists.same(command.source, received.asked)
    if known is not None:
        return known.id
    if command.corrects is not None:
        await _must_be_correctable(command.corrects, command.source, work)
    await work.arrival_lists.add(received, file.content)
    details = {"source": received.source, "sha256": received.sha256, "mapping": received.mapping}
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=received.id, version=1, action="receive", details=details
    )  # fmt: skip
    work.wake(READING)
    return received.id


def mappings_of(folder: Path | None) -> Mapping[str, PackagedMapping]:
    """The mappings of the installation, read once per process."""
    return _mappings(folder)


@cache
def _mappings(folder: Path | None) -> Mapping[str, PackagedMapping]:
    return mappings_in(folder)


def _layout(command: ReceiveList, work: AllocationWork) -> PackagedMapping:
    layout = mappings_of(work.settings.arrival_mappings).get(command.mapping)
    if layout is None:
        raise ListNotReadAsSaid(
            "There is no mapping of this name.", fix="Choose one of the mappings that are listed.", field="mapping"
        )
    if command.kind is FileKind.CSV:
        for field in ("encoding", "separator"):
            if getattr(command, field) is None and getattr(layout.mapping, field) is None:
                raise ListNotReadAsSaid(
                    f"Neither the request nor the mapping says the {field} of the file.",
                    fix=f"Say the {field}; it is never guessed.", field=field,
                )  # fmt: skip
    return layout


async def _list(command: ReceiveList, file: ReceivedList, layout: PackagedMapping, work: AllocationWork) -> ArrivalList:
    encoding = command.encoding or layout.mapping.encoding or Encoding.UTF_8
    separator = command.separator or layout.mapping.separator or Separator.SEMICOLON
    list_id = uuid4()
    root_id = list_id
    if command.corrects is not None:
        root_id = (await _corrected(command.corrects, work)).root_id
    said = {name: str(value) for name, value in asdict(command.said).items() if value is not None}
    words = [command.source, file.sha256, command.kind, encoding, separator, said, str(command.corrects or "")]
    return ArrivalList(
        list_id, root_id, command.source, command.mapping, layout.document, command.kind, encoding, separator,
        command.said, file.size, file.sha256, digest(canonical_json([*words, dict(layout.document)])),
        work.actor.person, work.calendar.today(), corrects=command.corrects,
    )  # fmt: skip


async def _corrected(list_id: UUID, work: AllocationWork) -> ArrivalList:
    try:
        return await work.arrival_lists.get(list_id)
    except UnknownArrivalList:
        raise _not_correctable("There is no such list.") from None


async def _must_be_correctable(list_id: UUID, source: str, work: AllocationWork) -> None:
    corrected = await work.arrival_lists.get_to_change(list_id)
    if corrected.state is not ListState.IMPORTED or corrected.source != source:
        raise _not_correctable("The list is not imported, or it is of another source.")
    if await work.arrival_lists.correction_of(list_id) is not None:
        raise _not_correctable("Another list corrects it already.")


def _not_correctable(detail: str) -> ListNotCorrectable:
    return ListNotCorrectable(detail, fix="Correct the newest imported list of the chain.", field="corrects")
