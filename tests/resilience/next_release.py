"""The release after this one, made for the test: a service with one more migration, which its new code makes use of.

The migration expands: the outbox gets a column that new code fills and old code does not know, the service's main table
one that must not be empty and has a default. So releases before it go on working.
"""

import shutil
import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from kfi_stack.program import Program

REVISION = "9999"
MAIN_TABLES = {"allocation": "household", "applications": "application", "notifications": "notification"}
_MIGRATION = """
from alembic import op

revision = "{revision}"
down_revision = "{before}"
compatible_from = "{before}"


def upgrade() -> None:
    op.execute("ALTER TABLE {table} ADD COLUMN kept_until date NOT NULL DEFAULT 'infinity'")
    op.execute("ALTER TABLE outbox ADD COLUMN recorded_by text")
"""
_MAIN = """
from dataclasses import replace

from sqlalchemy import text

import kfi_chassis.work
from kfi_chassis.outbox import Outbox
from kfi_chassis.service import command_line
from {package}.main import SERVICE

SIGN = text("UPDATE outbox SET recorded_by = 'next release' WHERE event_id = ANY(:ids)")


class SigningOutbox(Outbox):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.ids = []

    def add(self, event, *, sequence):
        self.ids.append(super().add(event, sequence=sequence))
        return self.ids[-1]

    async def flush(self, connection):
        await super().flush(connection)
        ids, self.ids = self.ids, []
        if ids:
            await connection.execute(SIGN, {{"ids": ids}})


kfi_chassis.work.Outbox = SigningOutbox
command_line(replace(SERVICE, package="{next}"))
"""


@dataclass(frozen=True)
class NextRelease:
    """One service's next release, in a folder of its own."""

    service: str
    folder: Path

    @property
    def module(self) -> str:
        """Its program."""
        return f"{self._package}_next.main"

    def make(self) -> None:
        """Write its package: the revisions of this release and one more, and a program that uses it."""
        spec = find_spec(f"{self._package}.migrations")
        assert spec is not None
        assert spec.origin is not None
        package = self.folder / f"{self._package}_next"
        shutil.copytree(Path(spec.origin).parent, package / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
        versions = package / "migrations" / "versions"
        before = max(path.name for path in versions.glob("*.py")).partition("_")[0]
        assert before < REVISION, "give the made-up migration a later number"
        migration = _MIGRATION.format(revision=REVISION, before=before, table=MAIN_TABLES[self.service])
        (versions / f"{REVISION}_next.py").write_text(migration)
        (package / "__init__.py").touch()
        (package / "main.py").write_text(_MAIN.format(package=self._package, next=f"{self._package}_next"))

    def program(self, current: Program) -> Program:
        """The program of this release, with everything but its code as it was."""
        argv = (sys.executable, "-m", self.module, *current.argv[1:])
        return replace(current, argv=argv, env={**current.env, "PYTHONPATH": str(self.folder)})

    @property
    def _package(self) -> str:
        return f"kfi_{self.service}"
