"""A service's database as it was at a moment, and set back to it; by PostgreSQL's own dump."""

import asyncio
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kfi_stack.databases import connection_to, quoted, service_roles, with_database
from kfi_stack.postgres import binary
from kfi_stack.running_platform import Platform


@dataclass(frozen=True)
class Backup:
    """The dump of one service's database."""

    service: str
    taken_at: datetime
    file: Path

    @classmethod
    async def take(cls, service: str, platform: Platform, folder: Path) -> "Backup":
        """Dump the database while its service works."""
        backup = cls(service, datetime.now(UTC), folder / f"{service}.dump")
        await _run("pg_dump", "--format=custom", f"--file={backup.file}", _plain(backup._url(platform)))
        return backup

    async def bring_back(self, platform: Platform) -> None:
        """Set the database back; whoever is connected is thrown out."""
        name = f"kfi_{self.service}"
        owner, runtime = service_roles(self.service)
        async with connection_to(platform.servers.postgres_url) as admin:
            await admin.execute(f"DROP DATABASE {quoted(name)} WITH (FORCE)")
            await admin.execute(f"CREATE DATABASE {quoted(name)} OWNER {quoted(owner)} TEMPLATE template0")
            await admin.execute(f"REVOKE ALL ON DATABASE {quoted(name)} FROM PUBLIC")
            await admin.execute(f"GRANT CONNECT ON DATABASE {quoted(name)} TO {quoted(runtime)}")
        await _run("pg_restore", "--exit-on-error", f"--dbname={_plain(self._url(platform))}", str(self.file))

    def _url(self, platform: Platform) -> str:
        return with_database(platform.servers.postgres_url, f"kfi_{self.service}")


async def _run(program: str, *arguments: str) -> None:
    await asyncio.to_thread(subprocess.run, [binary(program), *arguments], check=True, capture_output=True)


def _plain(url: str) -> str:
    """The URL as libpq reads it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
