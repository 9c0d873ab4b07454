"""The export of a case with many attachments: `python -m benchmarks.export`

One process makes the archive as the service does and throws it away part by part; its peak memory is set beside the
size of what went through it. Beside it the least there is to do, in a process of its own: reading the same parts from
the database. An export of ten attachments and one of fifty must need the same memory.
"""

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from benchmarks.case_service import Place, place, running
from benchmarks.case_stock import one_case
from benchmarks.rounds import RESULTS
from kfi_applications.attachment_repository import PART_BYTES
from kfi_applications.domain.attachment import Kind, ReceivedFile, Scan
from kfi_applications.export import exported
from kfi_applications.main import SERVICE
from kfi_applications.settings import ApplicationsSettings
from kfi_applications.use_cases.add_attachment import AddAttachment, add_attachment
from kfi_applications.use_cases.export_case import collect_case
from kfi_applications.works import ApplicationsWork
from kfi_chassis.archive import Archive
from kfi_chassis.identity import SYSTEM
from kfi_chassis.process import assembled
from kfi_chassis.work import Transactions

MIB: Final = 1_048_576
COUNTS: Final = (10, 50)
WAYS: Final = ("export", "bare read")
_PARTS: Final = text("""
    SELECT attachment_id, attachment_part.number FROM attachment_part JOIN attachment ON attachment_id = id
    WHERE application_id = :case ORDER BY 1, 2
""")
_PART: Final = text("SELECT content FROM attachment_part WHERE attachment_id = :attachment_id AND number = :number")
_ACTOR: Final = SYSTEM("applications")


@dataclass(frozen=True)
class Measured:
    """One run in a process of its own: bytes that came out, seconds, memory before it began and at its peak."""

    way: str
    attachments: int
    size: int
    seconds: float
    before_mib: float
    peak_mib: float

    @property
    def grown_mib(self) -> float:
        """What the run itself needed."""
        return self.peak_mib - self.before_mib


async def stored_case(transactions: Transactions[ApplicationsWork], *, attachments: int, size: int) -> UUID:
    """A case with so many attachments of so many bytes each."""
    case = await one_case(transactions)
    for number in range(attachments):
        content = b"%PDF-1.7\n" + os.urandom(size - 15) + b"%%EOF\n"
        sha256 = hashlib.sha256(content).hexdigest()
        file = ReceivedFile(f"Beleg {number}.pdf", Kind.PDF, len(content), sha256, Scan.CLEAN)

        async def add(work: ApplicationsWork, file: ReceivedFile = file, content: bytes = content) -> UUID:
            return await add_attachment(AddAttachment(case, None), file, BytesIO(content), work)

        await transactions.run(add, actor=_ACTOR)
    return case


async def run_export(transactions: Transactions[ApplicationsWork], case: UUID) -> int:
    """Make the archive and throw it away; its size."""

    async def read(use: Any) -> Any:
        return await transactions.run(use, actor=_ACTOR)

    file = await read(lambda work: collect_case(case, work))
    return sum([len(part) async for part in exported(file, read, Archive())])


async def run_bare_read(transactions: Transactions[ApplicationsWork], case: UUID) -> int:
    """Read the same parts, one after another, and throw them away; their size."""

    async def keys(work: ApplicationsWork) -> Sequence[Any]:
        return (await work.connection.execute(_PARTS, {"case": case})).mappings().all()

    size = 0
    for key in await transactions.run(keys, actor=_ACTOR):

        async def part(work: ApplicationsWork, key: Any = key) -> bytes:
            return bytes(await work.connection.scalar(_PART, dict(key)))

        size += len(await transactions.run(part, actor=_ACTOR))
    return size


async def measured_here(way: str, settings: ApplicationsSettings, case: UUID, attachments: int) -> Measured:
    """One run in this process."""
    process = assembled(SERVICE, settings)
    run = run_export if way == "export" else run_bare_read
    try:
        await process.transactions.run(lambda work: work.applications.get(case), actor=_ACTOR)  # imports, a connection
        _count_the_peak_from_here()
        before, began = _memory_mib("VmRSS"), time.perf_counter()
        size = await run(process.transactions, case)
        return Measured(way, attachments, size, time.perf_counter() - began, before, _memory_mib("VmHWM"))
    finally:
        await process.database.close()


def _count_the_peak_from_here() -> None:
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets VmHWM


def _memory_mib(what: str) -> float:
    """What this process has of memory, or had at its peak, in MiB; `getrusage` would tell of its parent too."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def in_own_process(way: str, where: Place, case: UUID, attachments: int) -> Measured:
    """One run in a process of its own, so that its peak is its own. Raises RuntimeError."""
    settings = where.settings.model_dump(mode="json")
    asked = json.dumps({"way": way, "settings": settings, "case": str(case), "attachments": attachments})
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.export", "--here"], input=asked, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{way} failed:\n{ended.stderr[-3000:]}")
    return Measured(**json.loads(ended.stdout.splitlines()[-1]))


def line_of(runs: Sequence[Measured]) -> str:
    """A row of the table: the medians of some runs."""
    first, seconds = runs[0], statistics.median(one.seconds for one in runs)
    grown = statistics.median(one.grown_mib for one in runs)
    size = first.size / MIB
    figures = f"{size:>8.1f} | {seconds:>7.2f} | {size / seconds:>5.0f} | {grown:>10.1f}"
    return f"| {first.way:<9} | {first.attachments:>11} | {figures} |"


async def measured(size: int, rounds: int) -> dict[str, list[Measured]]:
    """All runs on a database of its own, the ways alternating."""
    found: dict[str, list[Measured]] = {}
    with place() as where:
        for attachments in COUNTS:
            async with running(where) as (process, _):
                case = await stored_case(process.transactions, attachments=attachments, size=size)
            for _ in range(rounds):
                for way in WAYS:
                    run = await asyncio.to_thread(in_own_process, way, where, case, attachments)
                    found.setdefault(f"{way}, {attachments}", []).append(run)
            print("\n".join(line_of(found[f"{way}, {attachments}"]) for way in WAYS))
    return found


def main() -> int:
    """Measure, print, keep; 1 when fifty attachments need more memory than ten and a few parts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export", description=__doc__)
    parser.add_argument("--mib", type=float, default=4.0, help="size of each attachment")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        asked = json.load(sys.stdin)
        settings = ApplicationsSettings(**asked["settings"])
        run = measured_here(asked["way"], settings, UUID(asked["case"]), asked["attachments"])
        print(json.dumps(asdict(asyncio.run(run))))
        return 0
    print(f"| {'way':<9} | attachments | MiB out  | seconds | MiB/s | MiB needed |")
    found = asyncio.run(measured(int(options.mib * MIB), options.rounds))
    RESULTS.mkdir(exist_ok=True)
    kept = {name: [asdict(one) for one in runs] for name, runs in found.items()}
    (RESULTS / "export.json").write_text(json.dumps(kept, indent=2) + "\n")
    few, many = (statistics.median(one.grown_mib for one in found[f"export, {count}"]) for count in COUNTS)
    print(f"fifty attachments need {many:.1f} MiB, ten {few:.1f} MiB")
    return 0 if many < few + 16 * PART_BYTES / MIB else 1


if __name__ == "__main__":
    sys.exit(main())
