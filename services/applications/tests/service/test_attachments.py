"""Attachments over HTTP: taken whole or not at all, read as they came, removed before the decision."""

import asyncio
import hashlib
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from kfi_applications.attachment_repository import PART_BYTES
from kfi_applications.domain.attachment import Kind
from kfi_applications.use_cases.erase_person import ErasureReason, erase_person
from kfi_chassis.archive_check import check
from kfi_chassis.identity import SYSTEM
from kfi_chassis.privacy.keys import ERASED

pytestmark = pytest.mark.servers

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

FINAL = """UPDATE application SET state = 'final', remedies = remedies || '{"final_on": "2026-04-14"}' WHERE id = :id
           RETURNING id"""


def told(answer: Any, status: int, slug: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), answer.text
    assert answer.json()["remedy"]


async def added(desk: Any, who: str, case: str, content: bytes, **named: str) -> dict[str, Any]:
    answer = await desk.attach(who, case, content, **named)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/attachments/{answer.json()['id']}")
    return dict(answer.json())


async def removal(desk: Any, who: str, case: str, one: dict[str, Any], reason: str = "by-mistake") -> Any:
    path = f"/applications/{case}/attachments/{one['id']}/removal"
    return await desk.post(who, path, {"reason": reason}, **{"If-Match": f'"{one["version"]}"'})


async def nothing_is_stored(desk: Any) -> None:
    for table in ("attachment", "attachment_part"):
        assert await desk.rows(f"SELECT 1 FROM {table}") == [], table  # noqa: S608 - the names above
    assert await desk.rows("SELECT 1 FROM audit WHERE action = 'add-attachment'") == []


@pytest.fixture
def large(files: dict[Kind, bytes]) -> bytes:
    """A file of several parts, the last of them not full."""
    return files[Kind.PDF][:9] + bytes(range(256)) * (PART_BYTES // 256) * 3 + b"%%EOF"


async def test_a_file_is_read_as_it_came(desk: Any, large: bytes) -> None:
    case = await desk.filed()
    name = "Vereinsregister Müller.pdf"
    one = await added(desk, "association", case, large, name=name)
    sha256 = hashlib.sha256(large).hexdigest()
    assert (one["name"], one["sha256"], one["size"], one["scan"]) == (name, sha256, len(large), "unscanned")
    read = await desk.get("caseworker", f"/applications/{case}/attachments/{one['id']}/content")
    assert read.content == large
    assert read.headers["ETag"] == f'"{sha256}"'
    assert read.headers["Content-Disposition"].startswith('attachment; filename="anhang-1.pdf"; filename*=UTF-8')
    assert (read.headers["X-Content-Type-Options"], read.headers["Content-Type"]) == ("nosniff", "application/pdf")
    assert "M%C3%BCller" in read.headers["Content-Disposition"]


async def test_every_step_with_a_file_is_on_record_by_hash_and_never_by_name(desk: Any, files: Any) -> None:
    case = await desk.filed()
    one = await added(desk, "caseworker", case, files[Kind.PDF])
    await desk.get("caseworker", f"/applications/{case}/attachments")
    await desk.get("auditor", f"/applications/{case}/attachments/{one['id']}/content")
    await removal(desk, "caseworker", case, one)
    found = await desk.rows(
        "SELECT action, subject, details, reason FROM audit WHERE action LIKE '%attachment%' ORDER BY 1"
    )
    by_action = {row.action: row for row in found}
    assert set(by_action) == {"add-attachment", "read-attachments", "read-attachment", "remove-attachment"}
    for action in ("add-attachment", "read-attachment", "remove-attachment"):
        assert by_action[action].details["sha256"] == one["sha256"]
    assert (by_action["remove-attachment"].reason, by_action["read-attachment"].subject) == ("by-mistake", "auditor")
    assert "Satzung" not in str(found)


async def test_an_association_sees_its_own_files_and_nobody_elses(desk: Any, files: Any) -> None:
    case = await desk.filed()
    own = await added(desk, "association", case, files[Kind.PDF])
    internal = await added(desk, "caseworker", case, files[Kind.PNG], name="Vermerk.png", kind=Kind.PNG)
    seen = (await desk.get("association", f"/applications/{case}/attachments")).json()["items"]
    assert [one["id"] for one in seen] == [own["id"]]
    for_staff = (await desk.get("signatory", f"/applications/{case}/attachments")).json()["items"]
    assert [one["number"] for one in for_staff] == [1, 2]
    for path in ("", "/content"):
        told(
            await desk.get("association", f"/applications/{case}/attachments/{internal['id']}{path}"), 404, "not-found"
        )
        told(await desk.get("stranger", f"/applications/{case}/attachments/{own['id']}{path}"), 404, "not-found")
    told(await removal(desk, "association", case, internal), 404, "not-found")
    told(await removal(desk, "stranger", case, own), 404, "not-found")
    told(await desk.attach("stranger", case, files[Kind.PDF]), 404, "not-found")
    told(await desk.attach("signatory", case, files[Kind.PDF]), 403, "forbidden")
    another = await desk.filed()
    told(await desk.get("caseworker", f"/applications/{another}/attachments/{own['id']}"), 404, "not-found")


@pytest.mark.parametrize(
    ("content", "sent", "status", "slug"),
    [
        (b"MZ" + bytes(100), {}, 422, "file-not-what-it-says"),
        (b"", {}, 422, "file-not-what-it-says"),
        (b"%PDF-1.7\n%%EOF", {"name": "Satzung.docx"}, 422, "file-not-what-it-says"),
        (b"%PDF-1.7\n%%EOF", {"kind": "image/png", "name": "Foto.png"}, 422, "file-not-what-it-says"),
        (b"<html>", {"kind": "text/html", "name": "Seite.html"}, 415, "file-type-not-taken"),
        (b"{}", {"kind": "application/json", "name": "x.json"}, 415, "file-type-not-taken"),
        (b"%PDF-1.7\n%%EOF", {"name": "../Satzung.pdf"}, 422, "invalid-input"),
        (b"%PDF-1.7\n%%EOF", {"Content-Disposition": "inline"}, 422, "invalid-input"),
        (b"%PDF-1.7\n%%EOF", {"Idempotency-Key": ""}, 400, "idempotency-key-missing"),
    ],
)
async def test_what_is_not_what_it_says_is_told_and_nothing_stored(
    desk: Any, content: bytes, sent: dict[str, str], status: int, slug: str
) -> None:
    case = await desk.filed()
    told(await desk.attach("association", case, content, **sent), status, slug)
    await nothing_is_stored(desk)


async def test_a_file_beyond_the_limit_is_told_however_it_is_sent(
    desk: Any, api: FastAPI, settings: Any, large: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(api.state._state, "settings", settings.model_copy(update={"attachment_max_bytes": len(large)}))
    case = await desk.filed()

    async def in_parts() -> Any:
        for start in range(0, len(large) + 1, 10_000):
            yield (large + b"x")[start : start + 10_000]

    told(await desk.attach("association", case, large + b"x"), 413, "file-too-large")
    told(await desk.attach("association", case, in_parts()), 413, "file-too-large")
    await nothing_is_stored(desk)
    await added(desk, "association", case, large)


async def test_sent_twice_it_is_stored_once_and_another_file_with_the_same_key_is_told(desk: Any, files: Any) -> None:
    case, key = await desk.filed(), str(uuid4())
    first = await desk.attach("association", case, files[Kind.PDF], **{"Idempotency-Key": key})
    again = await desk.attach("association", case, files[Kind.PDF], **{"Idempotency-Key": key})
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await desk.attach("association", case, files[Kind.PDF] + b"\n", **{"Idempotency-Key": key})
    told(other, 422, "idempotency-key-reused")
    renamed = await desk.attach("association", case, files[Kind.PDF], name="x.pdf", **{"Idempotency-Key": key})
    told(renamed, 422, "idempotency-key-reused")
    assert (await desk.rows("SELECT count(*) AS n FROM attachment"))[0].n == 1


async def test_many_at_once_get_each_their_number_and_one_too_many_is_told(
    desk: Any, settings: Any, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = settings.model_copy(update={"attachments_per_case": 5})
    monkeypatch.setattr(desk.transactions._work_class, "settings", few)
    case = await desk.filed()
    answers = await asyncio.gather(*(desk.attach("association", case, files[Kind.PDF]) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409]
    listed = (await desk.get("association", f"/applications/{case}/attachments")).json()["items"]
    assert [one["number"] for one in listed] == [1, 2, 3, 4, 5]
    assert (await removal(desk, "association", case, listed[2])).status_code == 200
    assert (await added(desk, "association", case, files[Kind.PDF]))["number"] == 6


async def test_a_removed_file_is_gone_but_for_its_hash_and_the_reason(desk: Any, files: Any) -> None:
    case = await desk.filed()
    one = await added(desk, "association", case, files[Kind.PDF])
    removed = (await removal(desk, "association", case, one, "replaced")).json()
    assert (removed["removed_on"], removed["removal_reason"], removed["sha256"]) == (
        "2026-03-09",
        "replaced",
        one["sha256"],
    )
    told(await desk.get("caseworker", f"/applications/{case}/attachments/{one['id']}/content"), 404, "not-found")
    assert await desk.rows("SELECT 1 FROM attachment_part") == []
    told(await removal(desk, "association", case, one), 412, "version-mismatch")
    told(await removal(desk, "association", case, removed), 409, "wrong-state")


async def test_after_the_decision_nothing_is_removed_and_more_may_be_added(desk: Any, files: Any) -> None:
    case = await desk.in_second_check()
    one = await added(desk, "association", case, files[Kind.PDF])
    await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    told(await removal(desk, "caseworker", case, one), 409, "wrong-state")
    await added(desk, "association", case, files[Kind.PDF])


async def test_a_file_with_a_virus_is_refused_and_unseen_none_is_stored(
    desk: Any, api: FastAPI, settings: Any, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await desk.filed()

    async def as_clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        content = b""
        while length := int.from_bytes(await reader.readexactly(4)):
            content += await reader.readexactly(length)
        writer.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")
        writer.close()

    server = await asyncio.start_server(as_clamd, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    monkeypatch.setitem(api.state._state, "settings", settings.model_copy(update={"scanner": address}))
    infected = files[Kind.PDF][:-6] + EICAR + files[Kind.PDF][-6:]
    told(await desk.attach("association", case, infected), 422, "file-infected")
    await nothing_is_stored(desk)
    assert (await added(desk, "association", case, files[Kind.PDF]))["scan"] == "clean"
    server.close()
    await server.wait_closed()
    unseen = await desk.attach("association", case, files[Kind.PDF])
    told(unseen, 503, "scanner-unavailable")
    assert int(unseen.headers["Retry-After"]) > 0
    assert (await desk.rows("SELECT count(*) AS n FROM attachment"))[0].n == 1


async def test_names_and_contents_lie_under_the_key_of_the_case_and_go_with_it(
    desk: Any, files: Any, tmp_path: Path
) -> None:
    case = await desk.granted()
    secret = files[Kind.PDF][:9] + b"Unverkennbar" + files[Kind.PDF][9:]
    one = await added(desk, "association", case, secret, name="Unverkennbar.pdf")
    rows = await desk.rows(
        "SELECT a.name, p.content FROM attachment AS a JOIN attachment_part AS p ON attachment_id = id"
    )
    assert b"Unverkennbar" not in bytes(rows[0].name) + bytes(rows[0].content)
    await desk.rows(FINAL, id=UUID(case))
    desk.calendar.day = date(2039, 1, 1)
    await desk.transactions.run(
        lambda work: erase_person(UUID(case), ErasureReason.RETENTION_OVER, work), actor=SYSTEM("applications")
    )
    shown = (await desk.get("auditor", f"/applications/{case}/attachments")).json()["items"]
    assert [(each["name"], each["sha256"]) for each in shown] == [(ERASED, one["sha256"])]
    told(await desk.get("auditor", f"/applications/{case}/attachments/{one['id']}/content"), 410, "person-erased")
    told(await desk.attach("caseworker", case, files[Kind.PDF]), 410, "person-erased")
    export = tmp_path / "akte.zip"
    export.write_bytes((await desk.get("auditor", f"/applications/{case}/export")).content)
    assert check(export).whole
    assert b"Unverkennbar" not in export.read_bytes()


async def test_a_part_that_was_put_elsewhere_is_not_given_out(desk: Any, large: bytes) -> None:
    case = await desk.filed()
    one = await added(desk, "association", case, large)
    await desk.rows("""
        UPDATE attachment_part AS p SET content = q.content FROM attachment_part AS q
        WHERE p.number = 1 AND q.number = 2 RETURNING 1""")
    with pytest.raises(AssertionError):  # the transport's: the answer has no end
        await desk.get("caseworker", f"/applications/{case}/attachments/{one['id']}/content")
