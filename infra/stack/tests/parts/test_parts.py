"""The cache of Java parts, filled from a small repository of our own instead of Maven's."""

import errno
import hashlib
import os
import re
from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kfi_stack import parts
from kfi_stack.errors import StackError
from kfi_stack.parts import Part, PartSet, locked_parts

CONTENT = {f"de.example:part-{number}:1.0": f"content {number}".encode() for number in range(5)}
Usage = namedtuple("Usage", "total used free")


def locked(coordinate: str) -> Part:
    content = CONTENT[coordinate]
    return Part(coordinate, len(content), hashlib.sha256(content).hexdigest())


class Repository:
    """Gives what it is told to; counts what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.content = dict(CONTENT)
        self.problem: Exception | None = None

    def fetch_part(self, coordinate: str, incoming: Path) -> Path:
        self.asked.append(coordinate)
        if self.problem:
            raise self.problem
        incoming.mkdir(parents=True, exist_ok=True)
        arrived = incoming / coordinate.replace(":", "-")
        arrived.write_bytes(self.content[coordinate])
        return arrived


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Repository:
    one = Repository()
    monkeypatch.setattr(parts, "fetch_part", one.fetch_part)
    return one


@pytest.fixture
def five(tmp_path: Path) -> Callable[[], PartSet]:
    return lambda: PartSet("example", tmp_path / "example", tuple(map(locked, CONTENT)))


def quiet(_: str) -> None:
    return None


def test_a_part_is_fetched_once(repository: Repository, five: Callable[[], PartSet]) -> None:
    said: list[str] = []
    first = five().fetch(full=False, say=said.append)
    assert [path.read_bytes() for path in first] == list(CONTENT.values())
    assert five().fetch(full=True, say=said.append) == first
    assert sorted(repository.asked) == sorted(CONTENT)
    assert said[0].startswith("Fetching example: 5 parts")
    assert len(said) == 2


def test_a_damaged_part_is_replaced(repository: Repository, five: Callable[[], PartSet]) -> None:
    damaged = five().fetch(full=False, say=quiet)[2]
    damaged.write_bytes(b"something else")
    assert five().fetch(full=False, say=quiet)[2].read_bytes() == b"content 2"
    assert len(repository.asked) == 6


def test_damage_that_keeps_size_and_time_is_found_by_a_full_check(
    repository: Repository, five: Callable[[], PartSet]
) -> None:
    damaged = five().fetch(full=False, say=quiet)[2]
    before = damaged.stat()
    damaged.write_bytes(b"Content 2")
    os.utime(damaged, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert five().fetch(full=False, say=quiet)[2].read_bytes() == b"Content 2"
    assert five().fetch(full=True, say=quiet)[2].read_bytes() == b"content 2"


def test_a_download_that_arrives_damaged_is_refused_and_told(
    repository: Repository, five: Callable[[], PartSet]
) -> None:
    repository.content["de.example:part-3:1.0"] = b"a gateway's login page"
    with pytest.raises(StackError, match=r"part-3-1\.0\.jar arrived damaged"):
        five().fetch(full=False, say=quiet)
    assert not (five().folder / "part-3-1.0.jar").exists()
    repository.content = CONTENT
    assert [path.read_bytes() for path in five().fetch(full=False, say=quiet)] == list(CONTENT.values())


def test_no_space_before_the_download_is_told(
    repository: Repository, five: Callable[[], PartSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100, 90, 10))
    with pytest.raises(StackError, match=r"The disk of .* is full: free some space"):
        five().fetch(full=False, say=quiet)
    assert repository.asked == []


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.ENOSPC, "The disk of .* is full"), (errno.EACCES, "cannot be used .* make it writable")],
)
def test_a_disk_that_takes_nothing_is_told(
    repository: Repository, five: Callable[[], PartSet], number: int, sentence: str
) -> None:
    repository.problem = OSError(number, os.strerror(number))
    with pytest.raises(StackError, match=sentence):
        five().fetch(full=False, say=quiet)


def test_two_at_once_fetch_each_part_once(repository: Repository, five: Callable[[], PartSet]) -> None:
    with ThreadPoolExecutor(2) as pool:  # the lock is one of open files (flock(2)), so threads are as good as processes
        both = [pool.submit(five().fetch, full=False, say=quiet) for _ in range(2)]
        assert both[0].result() == both[1].result()
    assert sorted(repository.asked) == sorted(CONTENT)


@pytest.mark.parametrize(("name", "count"), [("kafka", 46), ("verapdf", 19)])
def test_every_part_is_locked_with_its_hash(name: str, count: int) -> None:
    found = locked_parts(name)
    assert len({part.coordinate for part in found}) == count
    assert all(re.fullmatch(r"[0-9a-f]{64}", part.sha256) and part.size > 0 for part in found)


def test_the_cache_is_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert parts.cache_folder() == tmp_path / "kfi"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert parts.cache_folder() == Path("/home/somebody/.cache/kfi")
