"""The demo identity provider as a process, for the tests that need its tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kfi_stack.identity.program import identity_provider, issuer, signing_key
from kfi_stack.ports import free_port
from kfi_stack.supervisor import Supervisor


@dataclass(frozen=True)
class RunningProvider:
    """Where the provider is and where it keeps its key."""

    issuer: str
    key_file: Path


@pytest.fixture(scope="session")
def supervisor() -> Iterator[Supervisor]:
    """Ends with the session what was started by it."""
    with Supervisor() as one:
        yield one


@pytest.fixture(scope="session")
def provider(supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> RunningProvider:
    """One demo provider for the whole session."""
    port, folder = free_port(), tmp_path_factory.mktemp("identity")
    supervisor.start(identity_provider(port, folder))
    return RunningProvider(issuer(port), signing_key(folder))
