"""A Kafka that tests use, embedded or external: topics of their own, and the users of `infra/kafka`."""

import os
from collections.abc import Mapping

from kfi_stack.credentials import Credentials
from kfi_stack.kafka_admin import KafkaAdmin
from kfi_stack.kafka_apply import apply_plan
from kfi_stack.topics import Plan, load_plan

KEPT_FOR_GOOD = {"retention.ms": "-1"}


class KafkaServer:
    """One cluster with the platform's topics, users and rights applied.

    `bootstrap` and `security` are what clients need (`security` is Kafka's `security.protocol`; the mechanism is
    SCRAM-SHA-512); `admin` may do everything, the users of `user()` only what `users.yaml` states.
    """

    def __init__(self, bootstrap: str, security: str, admin: Credentials, users: Mapping[str, Credentials]) -> None:
        self.bootstrap = bootstrap
        self.security = security
        self.admin = admin
        self._users = dict(users)
        self._client = KafkaAdmin(bootstrap, security, admin)
        self._made: set[str] = set()

    def apply(self, plan: Plan | None = None) -> None:
        """Brings the cluster to the plan, by default that of `infra/kafka`; returns once every user can sign in."""
        superusers = frozenset({self.admin.username})
        apply_plan(self._client, plan or load_plan(), self._users, superusers=superusers)
        for user in self._users.values():  # brokers learn a changed password a moment after the call that changed it
            KafkaAdmin(self.bootstrap, self.security, user).topics()

    def user(self, name: str) -> Credentials:
        """The credentials of a service's user, or of `admin`; raises KeyError for a name `users.yaml` lacks."""
        return self.admin if name == self.admin.username else self._users[name]

    def create_topic(self, name: str, partitions: int = 12, settings: Mapping[str, str] | None = None) -> None:
        """Makes a topic for a test; only `admin` may use it."""
        self._made.add(name)
        self._client.create_topics({name: (partitions, settings or KEPT_FOR_GOOD)})

    def delete_topic(self, name: str) -> None:
        """Deletes a topic."""
        self._client.delete_topics([name])
        self._made.discard(name)

    def topics(self) -> set[str]:
        """The names of the topics there are."""
        return set(self._client.topics())

    def drop_all(self) -> None:
        """Deletes every topic made by `create_topic`."""
        self._client.delete_topics(self._made)
        self._made.clear()

    def client_settings(self, name: str = "admin") -> dict[str, object]:
        """Keyword arguments for aiokafka's clients to connect as that user."""
        user = self.user(name)
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user.username,
            "sasl_plain_password": user.password,
        }


def passwords_from_environment(names: Mapping[str, object]) -> dict[str, Credentials]:
    """Passwords of users of an external cluster: `KFI_KAFKA_PASSWORD_<NAME>`; a user without one is left out."""
    found = {name: os.environ.get(f"KFI_KAFKA_PASSWORD_{name.upper().replace('-', '_')}") for name in names}
    return {name: Credentials(name, password) for name, password in found.items() if password}
