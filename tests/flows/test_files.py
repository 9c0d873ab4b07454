"""Files across the platform: through the gateway in both directions, and the archives of both services as one file."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.door import Door
from tests.harness.office import Case, Office

from kfi_chassis.archive_check import Checked, check
from kfi_stack.demo.story import APPLICATIONS

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
LIMIT = 20_971_520
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 12_000 + b"\n%%EOF\n"
"""Three times what the gateway takes of anything else."""


async def attached(door: Door, case: Case, content: bytes, *, name: str = "Satzung.pdf") -> httpx2.Response:
    disposition = f"attachment; filename*=UTF-8''{name}"
    path = f"{case.path}/attachments"
    return await door.ask("POST", path, raw=content, Content_Type="application/pdf", Content_Disposition=disposition)


async def exported(door: Door, path: str, file: Path) -> Checked:
    answer = await door.ask("GET", path, login="auditor")
    assert answer.status_code == 200, answer.text
    return kept(file, answer.content)


def kept(file: Path, content: bytes) -> Checked:
    file.write_bytes(content)
    return check(file)


async def test_a_file_comes_back_as_it_went_in_and_another_association_never_sees_it(
    office: Office, door: Door
) -> None:
    case = await office.filed()
    added = await attached(door, case, PDF)
    assert added.status_code == 201, added.text
    content = f"{case.path}/attachments/{added.json()['id']}/content"
    for login in ("applicant", "caseworker"):
        assert (await door.ask("GET", content, login=login)).content == PDF
    await door.problem(await door.ask("GET", content, login="other-applicant"), 404, "not-found")


async def test_what_is_too_large_or_not_what_it_says_is_told_through_the_gateway(office: Office, door: Door) -> None:
    case = await office.filed()
    await door.problem(await attached(door, case, PDF + bytes(LIMIT)), 413, "file-too-large")
    await door.problem(await attached(door, case, b"MZ" + PDF), 422, "file-not-what-it-says")
    await door.problem(await attached(door, case, PDF, name="Satzung.exe"), 422, "file-not-what-it-says")
    assert (await door.ask("GET", f"{case.path}/attachments")).json()["items"] == []


async def test_the_archives_of_both_services_are_whole_and_belong_together(
    office: Office, door: Door, tmp_path: Path
) -> None:
    case = await office.sent()
    assert (await attached(door, case, PDF)).status_code == 201
    of_case = await exported(door, f"{APPLICATIONS}/{case.id}/export", tmp_path / "akte.zip")
    of_letters = await exported(door, of_case.about["letters_at"], tmp_path / "schreiben.zip")
    assert (of_case.findings, of_letters.findings) == ((), ())
    (letter,) = of_case.about["letters"]
    there: dict[str, Any] = {one["notification_id"]: one["content_digest"] for one in of_letters.about["letters"]}
    assert there[letter["notification_id"]] == letter["content_digest"] == case.digest
