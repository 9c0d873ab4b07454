"""The key that wraps persons' keys is exchanged by commands while cases stay readable; no data is touched."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.main import SERVICE
from kfi_chassis.commands import execute
from kfi_chassis.identity import SYSTEM
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.privacy.keys import KeyRing
from kfi_chassis.privacy.persons import Persons

pytestmark = pytest.mark.servers


@pytest.fixture
def in_service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The environment of the service as an operator has it."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            monkeypatch.setenv(f"KFI_{name.upper()}", str(getattr(value, "value", value)))
    return settings


async def run(*words: str) -> int:
    """The command in a loop of its own, as its program runs it."""
    return await asyncio.to_thread(execute, SERVICE, ["privacy", *words])


async def texts(desk: Any) -> list[bytes]:
    return [bytes(row.texts) for row in await desk.rows("SELECT texts FROM application ORDER BY position")]


async def test_new_key_rewrap_drop_key_and_every_case_is_read_as_before(
    desk: Any, in_service: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [await desk.filed() for _ in range(3)]
    before, stored = [(await desk.get("auditor", f"/applications/{case}")).json() for case in cases], await texts(desk)
    path = in_service.person_keys_file
    old = KeyFile.read(path).current
    assert await run("new-key", str(path)) == 0
    new = capsys.readouterr().out.strip()
    assert KeyFile.read(path).current == new != old
    assert await run("drop-key", old) == 1
    assert "rewrap" in capsys.readouterr().err
    assert await run("status") == 0
    assert capsys.readouterr().out == f"{new} (current): 0 persons\n{old}: 3 persons\n"
    assert await run("rewrap") == 0
    assert capsys.readouterr().out.startswith("3 persons' keys are wrapped anew")
    assert await run("status") == 0
    assert capsys.readouterr().out == f"{new} (current): 3 persons\n"
    assert await run("drop-key", old) == 0
    assert list(KeyFile.read(path).wrapping) == [new]
    in_service.key_ring._read_at -= 60  # the running process may look at its file again
    assert [(await desk.get("auditor", f"/applications/{case}")).json() for case in cases] == before
    assert await texts(desk) == stored
    [row] = await desk.rows("SELECT details FROM audit WHERE action = 'rewrapped'")
    assert row.details == {"kid": new, "rows": "3"}


async def test_a_process_without_the_key_answers_that_it_is_not_available_and_loses_nothing(
    desk: Any, in_service: Any
) -> None:
    case = await desk.filed()
    path = in_service.person_keys_file
    whole = path.read_bytes()
    KeyFile.with_a_new_key(path)
    await desk.transactions.run(lambda work: rewrapped_elsewhere(work, path), actor=SYSTEM("applications"))
    newest = path.read_bytes()
    path.write_bytes(whole)
    assert (await desk.get("auditor", f"/applications/{case}")).status_code == 503
    path.write_bytes(newest)
    in_service.key_ring._read_at -= 60
    assert (await desk.get("auditor", f"/applications/{case}")).status_code == 200


async def rewrapped_elsewhere(work: Any, path: Any) -> None:
    """Another process has the new file already."""
    assert await Persons(work.connection, KeyRing(path)).rewrap(10) == 1


async def test_erase_says_what_it_did_or_until_when_it_will_not(
    desk: Any, in_service: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = await desk.filed()
    words = ("--by", "privacy-officer", "--reason", "requested")
    assert await run("erase", case, *words) == 1
    assert "not closed" in capsys.readouterr().err
    assert await run("erase", str(uuid4()), *words) == 1
    assert "There is no case" in capsys.readouterr().err


async def test_search_terms_that_a_backup_left_out_are_made_anew(desk: Any, in_service: Any, capsys: Any) -> None:
    cases = [await desk.filed() for _ in range(3)]
    await desk.rows("DELETE FROM blind_index RETURNING person")
    await desk.rows("DELETE FROM person_key WHERE person = :gone RETURNING person", gone=UUID(cases[1]))
    assert await run("index") == 0
    asked = {"text": (await desk.get("auditor", f"/applications/{cases[0]}")).json()["addressee"]["email"]}
    found = (await desk.post("caseworker", "/applications/search", asked)).json()["items"]
    assert [line["id"] for line in found] == [cases[2], cases[0]]


async def test_a_key_that_a_backup_brought_back_of_an_erased_person_goes_again(desk: Any, in_service: Any) -> None:
    gone, stays = await desk.filed(), await desk.filed()
    await desk.rows("INSERT INTO erased_person (person) VALUES (:gone) RETURNING person", gone=UUID(gone))
    assert await run("forget") == 0
    assert [str(row.person) for row in await desk.rows("SELECT person FROM person_key")] == [stays]
    assert [str(row.person) for row in await desk.rows("SELECT DISTINCT person FROM blind_index")] == [stays]


async def test_encrypt_and_status_find_nothing_to_do(desk: Any, in_service: Any, capsys: Any) -> None:
    await desk.filed()
    assert await run("encrypt") == 0
    assert capsys.readouterr().out == "0 rows are encrypted; none is in the open.\n"
