"""The archive that lets Kafka start fast."""

from pathlib import Path

import pytest

from kfi_stack import kafka_classes
from kfi_stack.kafka_classes import fast_start


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    jar = tmp_path / "kafka" / "part-1.0.jar"
    jar.parent.mkdir()
    jar.write_bytes(b"a jar")
    return jar


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Java that writes any archive it is asked for."""
    script = tmp_path / "java"
    script.write_text('#!/bin/sh\nfor word; do case $word in -XX:SharedArchiveFile=*) : > "${word#*=}";; esac; done\n')
    script.chmod(0o755)
    monkeypatch.setattr(kafka_classes, "java", lambda: script)
    return script


def test_the_archive_is_made_once(java: Path, jar: Path) -> None:
    said: list[str] = []
    first = fast_start([jar], say=said.append)
    assert fast_start([jar], say=said.append) == first
    assert Path(first[0].partition("=")[2]).exists()
    assert len(said) == 1


def test_another_jar_gets_another_archive_and_the_old_one_goes(java: Path, jar: Path) -> None:
    first = fast_start([jar], say=lambda _: None)
    jar.write_bytes(b"another jar")
    assert fast_start([jar], say=lambda _: None) != first
    assert len(list(jar.parent.glob("classes-*"))) == 1


def test_a_java_that_can_make_none_still_starts(java: Path, jar: Path) -> None:
    java.write_text("#!/bin/sh\nexit 1\n")
    assert fast_start([jar], say=lambda _: None) == ()
    assert list(jar.parent.glob("classes-*")) == []
