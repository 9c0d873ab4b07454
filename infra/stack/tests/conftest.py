"""The demo identity provider as a process, for the tests that need its tokens."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class RunningProvider:
    """Where the provider is and where it keeps its key."""

    issuer: str
    key_file: Path


@contextmanager
def _running(argv: Sequence[str], probe: str) -> Iterator[None]:
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        _wait_for(process, probe)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _wait_for(process: subprocess.Popen[bytes], probe: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(probe, timeout=1).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.02)
    pytest.fail(f"{probe} did not answer; the process ended with {process.poll()}")


@pytest.fixture(scope="session")
def running() -> Callable[[Sequence[str], str], AbstractContextManager[None]]:
    """Run a command until the block ends; the block begins when the probe address answers."""
    return _running


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port nobody listens on."""

    def choose() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port: int = listening.getsockname()[1]
            return port

    return choose


@pytest.fixture(scope="session")
def provider(
    tmp_path_factory: pytest.TempPathFactory,
    free_port: Callable[[], int],
) -> Iterator[RunningProvider]:
    """One demo provider for the whole session."""
    port, key_file = free_port(), tmp_path_factory.mktemp("identity") / "signing-key.json"
    argv = [sys.executable, "-m", "kfi_stack.identity", "--port", str(port), "--key-file", str(key_file)]
    issuer = f"http://127.0.0.1:{port}"
    with _running(argv, f"{issuer}/.well-known/openid-configuration"):
        yield RunningProvider(issuer, key_file)
