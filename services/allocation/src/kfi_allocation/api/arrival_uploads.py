"""How a list comes in over HTTP: its bytes as the body, all that has to be said with it as the query."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, Final, cast
from uuid import UUID

from fastapi import Depends, Query

from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.domain.arrivals.arrival_list import ListNotReadAsSaid
from kfi_allocation.domain.arrivals.gathering import Said
from kfi_allocation.domain.arrivals.mapping import Encoding, Separator
from kfi_allocation.domain.groups import Group
from kfi_allocation.use_cases.receive_arrival_list import ReceivedList, ReceiveList
from kfi_chassis.byte_body import ByteBody

IN_MEMORY_BYTES: Final = 262_144
_CODE: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
_CHARTER: Final = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"


class NamedSeparator(StrEnum):
    """A separator by its name, because a tab in an address is hard to see."""

    SEMICOLON = "semicolon"
    COMMA = "comma"
    TAB = "tab"


@dataclass(frozen=True)
class SaidWithFile:
    """What the query says."""

    source: str
    mapping: str
    encoding: Encoding | None
    separator: Separator | None
    said: Said
    corrects: UUID | None

    def command(self, media_type: str) -> ReceiveList:
        """The command for a file of this type. Raises ListNotReadAsSaid for one that is not taken."""
        declared = media_type.partition(";")[0].strip().lower()
        if declared not in set(FileKind):
            raise ListNotReadAsSaid(
                "Files of this type are not taken.", fix="Send CSV, XLSX or JSON with its Content-Type.",
                field="Content-Type",
            )  # fmt: skip
        return ReceiveList(
            self.source, self.mapping, FileKind(declared), self.encoding, self.separator, self.said, self.corrects
        )


async def said_with_file(
    source: Annotated[str, Query(pattern=_CODE, description="Who sends such lists; references are unique within it.")],
    mapping: Annotated[str, Query(pattern=_CODE, description="The layout by which the list is read.")],
    encoding: Annotated[Encoding | None, Query(description="Of a CSV file, if not as the mapping says.")] = None,
    separator: Annotated[NamedSeparator | None, Query(description="Of a CSV file, if not as the mapping says.")] = None,
    corrects: Annotated[UUID | None, Query(description="The imported list this one replaces.")] = None,
    group: Annotated[Group | None, Query(description="For rows that name no group.")] = None,
    arrival_on: Annotated[date | None, Query(description="For rows that name no day of arrival.")] = None,
    charter: Annotated[str | None, Query(pattern=_CHARTER, description="For rows that name no charter.")] = None,
    households: Annotated[int | None, Query(ge=1, le=1_000_000, description="Control total.")] = None,
    persons: Annotated[int | None, Query(ge=1, le=10_000_000, description="Control total.")] = None,
) -> SaidWithFile:
    """What is said with the file."""
    named = None if separator is None else Separator[separator.name]
    return SaidWithFile(
        source, mapping, encoding, named, Said(group, arrival_on, charter, households, persons), corrects
    )


WithFile = Annotated[SaidWithFile, Depends(said_with_file)]
"""Parameter of the route that takes a list."""


@asynccontextmanager
async def received(body: ByteBody) -> AsyncIterator[ReceivedList]:
    """The file, written away as it comes and gone when the block ends. Raises BodyTooLarge, BadRequest."""
    digest, size = hashlib.sha256(), 0
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spooled:
        async for part in body.parts():
            digest.update(part)
            size += len(part)
            spooled.write(part)
        if size == 0:
            raise ListNotReadAsSaid("The file is empty.", fix="Send the file with its content.")
        yield ReceivedList(cast("BinaryIO", spooled), size, digest.hexdigest())


@asynccontextmanager
async def heard_out(body: ByteBody) -> AsyncIterator[None]:
    """Whatever is refused meanwhile, the client may finish and read why."""
    try:
        yield
    finally:
        await body.drop()
