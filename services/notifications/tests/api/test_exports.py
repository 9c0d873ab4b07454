"""All letters about a case as one archive: the very files that left, checkable without the service, recorded."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from kfi_chassis.archive_check import check
from kfi_contracts.letters import GrantRejectionFacts, LetterContent
from kfi_notifications.tables import chassis

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]


@pytest.fixture
async def concerns(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> dict[str, str]:
    """A letter that left; its id and what it is about."""
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    shown = (await door.get(f"/notifications/{notification_id}")).json()
    return {"id": str(notification_id), "concerns": shown["concerns"], "document_sha256": shown["document_sha256"]}


async def test_the_archive_has_the_files_that_left_and_stands_by_itself(
    office: Any, door: Any, concerns: dict[str, str], tmp_path: Path
) -> None:
    answer = await door.get("/exports", role="auditor", concerns=concerns["concerns"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    file = tmp_path / "schreiben.zip"
    file.write_bytes(answer.content)
    found = check(file)
    assert (found.findings, found.chains) == ((), 1)
    assert [letter["notification_id"] for letter in found.about["letters"]] == [concerns["id"]]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert archive.read(name) == office.spooled()[1].read_bytes()
        entries = {entry["name"]: entry["sha256"] for entry in json.loads(archive.read("manifest.json"))["entries"]}
        (shown,) = json.loads(archive.read("schreiben.json"))
    assert entries[name] == concerns["document_sha256"]
    assert "content" not in shown
    audit = chassis.audit.c
    looks = select(audit.action, audit.details).where(audit.action.like("%export%")).order_by(audit.position)
    rows = (await office.run(lambda work: work.connection.execute(looks))).all()
    assert [row.action for row in rows] == ["export-read", "whole-export-read"]
    assert rows[-1].details["manifest_sha256"] == found.manifest_sha256


async def test_only_who_has_to_may_export_and_nothing_about_is_told(door: Any, concerns: dict[str, str]) -> None:
    for role in ("applicant", "funding-signatory", "operator"):
        assert (await door.get("/exports", role=role, concerns=concerns["concerns"])).status_code == 403
    assert (await door.get("/exports", concerns=str(uuid4()))).status_code == 404
    assert (await door.get("/exports")).status_code == 422
