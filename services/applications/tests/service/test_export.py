"""The whole file of a case as one archive: complete, checkable without the service, recorded, made with flat memory."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.attachment_repository import PART_BYTES
from kfi_applications.domain.attachment import Kind
from kfi_applications.export import exported
from kfi_applications.main import SERVICE
from kfi_applications.use_cases.export_case import collect_case
from kfi_applications.works import ApplicationsWork
from kfi_chassis.archive import Archive
from kfi_chassis.archive_check import check
from kfi_chassis.identity import SYSTEM

pytestmark = pytest.mark.servers


def opened(answer: Any, tmp_path: Path) -> tuple[Path, zipfile.ZipFile]:
    assert answer.status_code == 200, answer.text
    file = tmp_path / "akte.zip"
    file.write_bytes(answer.content)
    return file, zipfile.ZipFile(io.BytesIO(answer.content))


async def test_the_archive_has_the_whole_file_and_stands_by_itself(desk: Any, files: Any, tmp_path: Path) -> None:
    case = await desk.granted()
    account = {"iban": "DE89370400440532013000", "owner": "Verein Beispiel e.V."}
    await desk.done("association", case, "bank-account", account)
    await desk.attach("association", case, files[Kind.PDF], name="Satzung Müller.pdf")
    await desk.attach("caseworker", case, files[Kind.DOCX], name="Vermerk.docx", kind=Kind.DOCX)
    once = {"Idempotency-Key": str(uuid4())}
    await desk.post("caseworker", f"/applications/{case}/notes", {"text": "Rückruf von Frau Müller."}, **once)
    answer = await desk.get("auditor", f"/applications/{case}/export")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("application/zip", "private, no-store")
    file, archive = opened(answer, tmp_path)
    found = check(file)
    assert (found.findings, found.chains) == ((), 1)
    assert archive.read("anlagen/001-Satzung Müller.pdf") == files[Kind.PDF]
    assert archive.read("anlagen/002-Vermerk.docx") == files[Kind.DOCX]
    decided = json.loads(archive.read("entscheidung.json"))
    assert decided["assessment"]["amounts"]["grant"]["steps"][0]["paragraph"]
    assert found.about["letters"][0]["content_digest"] == decided["decision"]["letter_digest"]
    assert found.about["letters_at"] == f"/notifications/v1/exports?concerns={case}"
    applied = json.loads(archive.read("vorgang.json"))
    assert applied["addressee"]["street"] == "Musterweg"
    assert (applied["call_terms"]["source"], applied["call_terms"]["version"]) == ("a test", 1)
    assert applied["bank_account"] == {"iban": "DE89370400440532013000", "owner": "Verein Beispiel e.V."}
    assert [note["text"] for note in json.loads(archive.read("notizen.json"))] == ["Rückruf von Frau Müller."]
    assert "kfi-applications export verify" in archive.read("LIESMICH.txt").decode()


async def test_the_history_in_it_is_the_recorded_one_up_to_the_export(desk: Any, tmp_path: Path) -> None:
    case = await desk.granted()
    file, archive = opened(await desk.get("caseworker", f"/applications/{case}/export"), tmp_path)
    told = [json.loads(line) for line in archive.read("historie.jsonl").splitlines()]
    kept = await desk.rows(
        "SELECT number, action, hash FROM audit WHERE aggregate_id = :id ORDER BY number", id=UUID(case)
    )
    assert [(row["number"], row["hash"]) for row in told] == [(row.number, row.hash) for row in kept[:-1]]
    assert [row.action for row in kept[-2:]] == ["read-export", "read-export-whole"]
    (last,) = await desk.rows("SELECT details FROM audit WHERE action = 'read-export-whole'")
    assert last.details["manifest_sha256"] == check(file).manifest_sha256


async def test_a_correction_is_in_it_with_the_chain_of_its_own_records(desk: Any, tmp_path: Path) -> None:
    case = await desk.granted()
    correction = {
        "points": [{"subject": "Bewilligungszeitraum", "was": "bis März", "becomes": "bis April"}],
        "reasons": ["Das Projekt beginnt einen Monat später."], "legal_basis": ["§ 49 VwVfG NRW"],
    }  # fmt: skip
    once = {"Idempotency-Key": str(uuid4())}
    made = await desk.post("caseworker", f"/applications/{case}/corrections", correction, **once)
    assert made.status_code == 201, made.text
    file, archive = opened(await desk.get("auditor", f"/applications/{case}/export"), tmp_path)
    found = check(file)
    assert (found.findings, found.chains) == ((), 2)
    (told,) = json.loads(archive.read("entscheidung.json"))["corrections"]
    assert told["text"]["points"][0]["becomes"] == "bis April"


async def test_what_happens_while_it_is_sent_is_not_in_it(desk: Any) -> None:
    case = await desk.filed()
    run: Callable[..., Awaitable[Any]] = partial(desk.transactions.run, actor=SYSTEM("applications"))
    file = await run(lambda work: collect_case(UUID(case), work))
    await desk.get("auditor", f"/applications/{case}")
    whole = b"".join([part async for part in exported(file, run, Archive())])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert len(archive.read("historie.jsonl").splitlines()) == file.chains[0].records


async def test_an_export_that_is_not_sent_whole_is_recorded_as_begun_only(desk: Any, files: Any) -> None:
    case = await desk.filed()
    await desk.attach("association", case, files[Kind.PDF])
    await desk.rows("DELETE FROM attachment_part RETURNING 1")
    with pytest.raises(AssertionError):  # the transport's: the answer has no end
        await desk.get("auditor", f"/applications/{case}/export")
    actions = {row.action for row in await desk.rows("SELECT action FROM audit WHERE action LIKE 'read-export%'")}
    assert actions == {"read-export"}


@pytest.mark.parametrize(
    ("who", "status"), [("association", 403), ("signatory", 403), ("operator", 403), ("stranger", 403)]
)
async def test_only_who_has_to_may_export(desk: Any, who: str, status: int) -> None:
    case = await desk.filed()
    assert (await desk.get(who, f"/applications/{case}/export")).status_code == status
    assert await desk.rows("SELECT 1 FROM audit WHERE action LIKE 'read-export%'") == []


async def test_what_was_removed_is_listed_without_content(desk: Any, files: Any, tmp_path: Path) -> None:
    case = await desk.filed()
    one = (await desk.attach("association", case, files[Kind.PDF])).json()
    path = f"/applications/{case}/attachments/{one['id']}/removal"
    await desk.post("association", path, {"reason": "by-mistake"}, **{"If-Match": '"1"'})
    _, archive = opened(await desk.get("auditor", f"/applications/{case}/export"), tmp_path)
    (listed,) = json.loads(archive.read("anlagen.json"))
    assert (listed["removal_reason"], listed["sha256"]) == ("by-mistake", one["sha256"])
    assert not [name for name in archive.namelist() if name.startswith("anlagen/")]


async def test_fifty_attachments_pass_through_with_the_memory_of_a_few_parts(desk: Any, files: Any) -> None:
    case, content = await desk.filed(), files[Kind.PDF][:9] + bytes(4 * PART_BYTES) + b"%%EOF"
    for number in range(50):
        assert (await desk.attach("association", case, content, name=f"{number}.pdf")).status_code == 201
    run: Callable[..., Awaitable[Any]] = partial(desk.transactions.run, actor=SYSTEM("applications"))

    async def collect(work: ApplicationsWork) -> Any:
        return await collect_case(UUID(case), work)

    file, length = await run(collect), 0
    tracemalloc.start()
    async for part in exported(file, run, Archive()):
        length += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length > 50 * len(content)
    assert peak < 12 * PART_BYTES, f"{peak} bytes for {length}"


def test_the_service_checks_archives_by_its_program() -> None:
    assert "export" in SERVICE.commands
