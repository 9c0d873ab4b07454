"""What cases leave on disk: tables with their indexes, topics of Kafka, the print spool."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kfi_contracts.topics import ALL_TOPICS
from kfi_stack.databases import connection_to
from kfi_stack.running_platform import SERVICES, Platform

_SIZES: Final = """
    SELECT relname AS name, pg_table_size(oid) AS rows, pg_indexes_size(oid) AS indexes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


async def stored(platform: Platform) -> dict[str, int]:
    """Bytes on disk by what they are, after a vacuum, so that dead rows do not count."""
    found: dict[str, int] = {}
    for service in SERVICES:
        async with connection_to(platform.databases[service].owner_url) as owner:
            await owner.execute("VACUUM (ANALYZE)")
            for row in await owner.fetch(_SIZES):
                found[f"table {service}.{row['name']}"] = row["rows"]
                found[f"its indexes {service}.{row['name']}"] = row["indexes"]
    for topic in ALL_TOPICS:
        found[f"topic {topic.name}"] = sum(map(folder_bytes, _logs(platform, topic.name)))
    found["print spool"] = folder_bytes(platform.spool)
    return found


def per_case(before: Mapping[str, int], after: Mapping[str, int], cases: int) -> dict[str, float]:
    """Bytes that each case between two looks added."""
    return {name: (after[name] - before.get(name, 0)) / cases for name in after}


def folder_bytes(folder: Path) -> int:
    """What the files of a folder hold, without Kafka's indexes: they are laid out in advance and shrink later."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".index", ".timeindex"}]
    return sum(path.stat().st_size for path in files)


def _logs(platform: Platform, topic: str) -> list[Path]:
    return sorted((platform.folder / "kafka" / "data").glob(f"{topic}-[0-9]*"))
