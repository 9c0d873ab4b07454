"""What tests need of the stack, as pytest fixtures: a PostgreSQL and a Kafka, one of each per session.

`KFI_SERVERS=embedded` (default) starts them; `external` takes those of `KFI_POSTGRES_URL`, `KFI_KAFKA_BOOTSTRAP`,
`KFI_KAFKA_ADMIN_USER` and `KFI_KAFKA_ADMIN_PASSWORD`. All that the collected tests use start together, when the first
test asks for one.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a session without servers need not spend the time these imports take
    from kfi_stack.databases import DatabaseUrls
    from kfi_stack.kafka_server import KafkaServer
    from kfi_stack.postgres_server import Migrate, PostgresServer
    from kfi_stack.session_servers import SessionServers

WANTED = pytest.StashKey[set[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has several processes share tests by file, and leave those of the running platform to one of them."""
    for item in items:
        together = "platform" if "platform" in getattr(item, "fixturenames", ()) else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(together))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes which servers the collected tests use."""
    used = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    session.config.stash[WANTED] = used & {"postgres", "kafka"}


@pytest.fixture(scope="session")
def session_servers(pytestconfig: pytest.Config) -> "Iterator[SessionServers]":
    """The servers of this session; all that its tests use start together."""
    from kfi_stack.session_servers import SessionServers  # noqa: PLC0415 - see above

    servers = SessionServers()
    try:
        servers.want(pytestconfig.stash[WANTED])
        yield servers
    finally:
        servers.stop()


@pytest.fixture(scope="session")
def postgres(session_servers: "SessionServers") -> "PostgresServer":
    """The session's PostgreSQL."""
    return session_servers.postgres()


@pytest.fixture(scope="session")
def kafka(session_servers: "SessionServers") -> "KafkaServer":
    """The session's Kafka, with the topics, users and rights of `infra/kafka`."""
    return session_servers.kafka()


@pytest.fixture
def fresh_database(postgres: "PostgresServer") -> "Iterator[Callable[[str, Migrate], DatabaseUrls]]":
    """Gives a test migrated databases of its own: `fresh_database("applications", migrate)`; dropped after the test."""
    made: list[DatabaseUrls] = []

    def make(service: str, migrate: "Migrate") -> "DatabaseUrls":
        made.append(postgres.fresh_database(service, migrate))
        return made[-1]

    yield make
    for urls in made:
        postgres.drop_database(urls.owner_url.rpartition("/")[2])
