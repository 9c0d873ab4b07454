"""Which releases a database works with: every revision names the oldest release that may still run beside it.

A revision's module says `compatible_from = "0003"`: once it is applied, releases whose newest revision is 0003 or a
later one still work. Without it only releases that know the revision itself do. `migrate` writes both into the table
`schema_revision`, in the order of the revisions, so a release can ask about revisions that came after it.
"""

from typing import Final

from alembic.script import Script, ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

CREATE_TABLE: Final = text("""
    CREATE TABLE IF NOT EXISTS schema_revision (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        revision text NOT NULL CONSTRAINT schema_revision_once UNIQUE,
        compatible_from text NOT NULL REFERENCES schema_revision (revision),
        applied_at timestamptz NOT NULL DEFAULT now()
    )
""")
_NOTE: Final = text("""
    INSERT INTO schema_revision (revision, compatible_from) VALUES (:revision, :compatible_from) ON CONFLICT DO NOTHING
""")
_WORKS: Final = text("""
    SELECT EXISTS (SELECT FROM schema_revision WHERE revision = :head) AND NOT EXISTS (
        SELECT FROM schema_revision AS later
        JOIN schema_revision AS oldest ON oldest.revision = later.compatible_from
        JOIN schema_revision AS own ON own.revision = :head
        WHERE later.position > own.position AND oldest.position > own.position)
""")


async def works_with(connection: AsyncConnection, revision: str) -> bool:
    """True when the database is at this release's newest revision, or at a later one declared compatible with it.

    A database that no `migrate` of this kind has seen raises the error of a missing table, which is an outage.
    """
    return bool(await connection.scalar(_WORKS, {"head": revision}))


async def note_revisions(connection: AsyncConnection, scripts: ScriptDirectory) -> None:
    """Write down every revision of this release, oldest first; what is written already stays."""
    for script in reversed(list(scripts.walk_revisions())):
        noted = {"revision": script.revision, "compatible_from": _compatible_from(script)}
        await connection.execute(_NOTE, noted)


def _compatible_from(script: Script) -> str:
    return str(getattr(script.module, "compatible_from", script.revision))
