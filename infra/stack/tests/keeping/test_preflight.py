"""The look at the machine before a start."""

from collections import namedtuple
from pathlib import Path

import pytest

from kfi_stack import preflight
from kfi_stack.errors import StackError

Usage = namedtuple("Usage", "total used free")


def test_this_machine_can_carry_the_stack(tmp_path: Path) -> None:
    preflight.require_machine(tmp_path / "not" / "there" / "yet")


def test_an_old_python_is_told() -> None:
    with pytest.raises(StackError, match=r"Python 3\.10, the platform needs 3\.11 or newer"):
        preflight.require_python((3, 10))


def test_a_missing_module_is_told() -> None:
    with pytest.raises(StackError, match="lacks no_such_module"):
        preflight.require_modules(["sys", "no_such_module"])


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10**10, 10**10 - 5_000_000, 5_000_000))
    with pytest.raises(StackError, match="has 5 MB left and the stack needs 1000"):
        preflight.require_disk(tmp_path)


def test_too_little_memory_is_told(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 2000000 kB\nMemAvailable:  500000 kB\n")
    with pytest.raises(StackError, match="512 MB of memory are available"):
        preflight.require_memory(tmp_path / "meminfo")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot be written"):
        preflight.require_writable(tmp_path / "file" / "folder")
    assert preflight.require_writable(tmp_path / "a" / "b").is_dir()
