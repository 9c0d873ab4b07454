"""Bringing a jar through jgo."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from jgo.maven import _core

from kfi_stack.errors import StackError
from kfi_stack.part_source import fetch_part


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a Maven repository on loopback that jgo's settings file names; there is no other."""
    folder = tmp_path / "repository"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\nmirror = http://127.0.0.1:{server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    monkeypatch.setattr(_core, "DEFAULT_REMOTE_REPOS", {})
    yield folder
    server.shutdown()
    server.server_close()


def test_a_part_comes_from_the_mirror_of_jgos_settings(mirror: Path, tmp_path: Path) -> None:
    jar = mirror / "de/example/part/1.0/part-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"a jar")
    assert fetch_part("de.example:part:1.0", tmp_path / "incoming").read_bytes() == b"a jar"


def test_a_part_that_is_nowhere_is_told(mirror: Path, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"de\.example:part:2\.0 is not in the configured Maven repositories"):
        fetch_part("de.example:part:2.0", tmp_path / "incoming")


def test_no_network_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_core, "DEFAULT_REMOTE_REPOS", {"central": "http://127.0.0.1:9"})
    monkeypatch.setenv("JGO_CONFIG_FILE", str(tmp_path / "none.conf"))
    with pytest.raises(StackError, match=r"cannot be fetched \(ConnectionError\): connect to the network"):
        fetch_part("de.example:part:1.0", tmp_path / "incoming")
