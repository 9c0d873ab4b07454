"""An archive is made while it is sent, with flat memory; whatever is changed in it afterwards is found."""

import argparse
import hashlib
import json
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kfi_chassis.archive import MANIFEST, Archive
from kfi_chassis.archive_check import COMMAND, HISTORY, NotAnArchive, check
from kfi_chassis.audit import HASHED, hash_of

PART = 262_144


def chain(aggregate_id: str, length: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number in range(1, length + 1):
        row: dict[str, Any] = dict.fromkeys(HASHED, "x") | {
            "number": number, "version": number, "reason": None, "details": {"key": "ä"}, "aggregate_id": aggregate_id,
            "previous_hash": rows[-1]["hash"] if rows else "0" * 64,
        }  # fmt: skip
        rows.append(row | {"hash": hash_of(row)})
    return rows


async def parts(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def lines(rows: list[dict[str, Any]]) -> AsyncIterator[bytes]:
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode()


async def sent(archive: Archive, rows: list[dict[str, Any]]) -> AsyncIterator[bytes]:
    for stream in (
        archive.text("LIESMICH.txt", "Grüße"),
        archive.document("vorgang.json", {"name": "Müller"}),
        archive.file("anlagen/001-Satzung Müller.pdf", parts(b"%PDF", b"-1.7", b"")),
        archive.lines(HISTORY, lines(rows)),
        archive.end({"service": "tests"}),
    ):
        async for part in stream:
            yield part


@pytest.fixture
async def exported(tmp_path: Path) -> Path:
    """An archive with two chains of audit rows."""
    file = tmp_path / "export.zip"
    rows = [*chain("a", 3), *chain("b", 2)]
    file.write_bytes(b"".join([part async for part in sent(Archive(), rows)]))
    return file


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other content, packed anew without an error of packing."""
    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file


def consistent(contents: dict[str, bytes]) -> None:
    """The manifest adjusted to what was changed, as a careful forger does."""
    manifest = json.loads(contents[MANIFEST])
    for entry in manifest["entries"]:
        content = contents[entry["name"]]
        entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    contents[MANIFEST] = json.dumps(manifest).encode()


def test_what_was_sent_is_read_by_anybody_and_checked_as_whole(exported: Path) -> None:
    found = check(exported)
    assert (found.whole, found.entries, found.records, found.chains) == (True, 4, 5, 2)
    assert found.about == {"format": "kfi-export/1", "service": "tests"}
    with zipfile.ZipFile(exported) as archive:
        assert archive.testzip() is None
        assert archive.read("anlagen/001-Satzung Müller.pdf") == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda c: c.update({"vorgang.json": b"{}"}), "vorgang.json: is not what it was"),
        (lambda c: c.pop("LIESMICH.txt"), "LIESMICH.txt: is missing"),
        (lambda c: c.update({"more.txt": b"x"}), "more.txt: is not in the manifest"),
        (lambda c: (c.update({HISTORY: c[HISTORY].replace("ä".encode(), b"a", 1)}), consistent(c)), "row 1 of x a"),
        (lambda c: (c.update({HISTORY: b"".join(c[HISTORY].splitlines(True)[1:])}), consistent(c)), "row 1 of x a"),
        (lambda c: (c.update({HISTORY: b"".join(c[HISTORY].splitlines(True)[::2])}), consistent(c)), "row 2 of x a"),
    ],
)
def test_every_change_is_found(exported: Path, change: Callable[[dict[str, bytes]], None], finding: str) -> None:
    findings = check(rewritten(exported, change)).findings
    assert any(finding in each for each in findings), findings


def test_a_damaged_byte_anywhere_is_found(exported: Path) -> None:
    whole = exported.read_bytes()
    with zipfile.ZipFile(exported) as archive:
        entry = archive.getinfo("vorgang.json")
    first = entry.header_offset + 30 + len(entry.filename)
    for place in range(first, first + entry.compress_size - 1):  # the last byte may end in bits that say nothing
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        exported.write_bytes(damaged)
        assert not check(exported).whole


def test_what_is_no_archive_of_ours_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.zip"
    for content in (b"", b"PK", b"%PDF"):
        other.write_bytes(content)
        with pytest.raises(NotAnArchive):
            check(other)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(NotAnArchive):
        check(other)


def test_the_command_says_it_by_its_exit_code(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> int:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        return COMMAND.run(parser.parse_args(["verify", *arguments]))

    assert run(str(exported)) == 0
    assert check(exported).manifest_sha256 in capsys.readouterr().out
    assert run(str(rewritten(exported, lambda c: c.pop("LIESMICH.txt")))) == 1
    assert "LIESMICH.txt: is missing" in capsys.readouterr().out
    assert run("--json", str(exported)) == 1
    assert json.loads(capsys.readouterr().out)["findings"]
    assert run(str(exported.parent / "absent.zip")) == 2


async def test_memory_stays_flat_however_much_goes_through() -> None:
    async def large() -> AsyncIterator[bytes]:
        for number in range(80):
            yield bytes([number]) * PART

    archive, length = Archive(), 0
    tracemalloc.start()
    for number in range(20):
        async for part in archive.file(f"{number}.bin", large()):
            length += len(part)
    async for part in archive.end({}):
        length += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length > 20 * 80 * PART
    assert peak < 8 * PART, f"{peak} bytes for {length}"


def test_it_can_be_read_by_readers_of_streams_too(exported: Path) -> None:
    """Every entry is deflated: a stored one of unknown length has no end for a reader that cannot look back."""
    with zipfile.ZipFile(exported) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}
