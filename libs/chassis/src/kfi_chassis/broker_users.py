"""Topics and users for readers outside of the platform: the few administrative calls; each may be repeated."""

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Final

import confluent_kafka.admin
from confluent_kafka import KafkaError, KafkaException

from kfi_chassis.broker import KafkaSettings

api: Any = confluent_kafka.admin  # its package does not declare what it re-exports, nor that a filter may be empty
_ITERATIONS: Final = 4096
_SECONDS: Final = 15
_CLUSTER_DEFAULT: Final = -1
_DAY_MS: Final = 86_400_000


class BrokerRefused(ConnectionError):
    """The broker did not do what was asked; it is asked again."""


class Broker:
    """The broker, as a user sees it who may make others."""

    def __init__(self, settings: KafkaSettings) -> None:
        options: dict[str, str | int] = {
            "bootstrap.servers": settings.kafka_bootstrap,
            "security.protocol": str(settings.kafka_security),
            "log_level": 0,
        }
        if str(settings.kafka_security).startswith("SASL"):
            options |= {
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": settings.kafka_username or "",
                "sasl.password": settings.kafka_password or "",
            }
        if settings.kafka_ca_file is not None:
            options["ssl.ca.location"] = str(settings.kafka_ca_file)
        self._client = api.AdminClient(options)

    def make_topic(self, name: str, *, days: int) -> None:
        """A topic of one partition that keeps its records for so many days; one that exists stays as it is."""
        kept = {"retention.ms": str(days * _DAY_MS), "segment.ms": str(_DAY_MS), "cleanup.policy": "delete"}
        topic = api.NewTopic(name, num_partitions=1, replication_factor=_CLUSTER_DEFAULT, config=kept)
        self._wait(self._client.create_topics([topic]).values(), tolerated=KafkaError.TOPIC_ALREADY_EXISTS)

    def make_user(self, name: str, password: str) -> None:
        """A user with this password, whether or not there was one."""
        info = api.ScramCredentialInfo(api.ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        upsert = api.UserScramCredentialUpsertion(name, info, password.encode())
        self._wait(self._client.alter_user_scram_credentials([upsert]).values())

    def let_read(self, name: str, topic: str, group_prefix: str) -> None:
        """The user may read the topic, in groups that begin so, and nothing else."""
        rights = [
            self._right(name, "TOPIC", topic, "LITERAL", "READ"),
            self._right(name, "TOPIC", topic, "LITERAL", "DESCRIBE"),
            self._right(name, "GROUP", group_prefix, "PREFIXED", "READ"),
            self._right(name, "GROUP", group_prefix, "PREFIXED", "DESCRIBE"),
        ]
        self._wait(self._client.create_acls(rights).values())

    def end_user(self, name: str) -> None:
        """The user is gone, and so are its rights; one that is not there is as good as gone."""
        info = api.UserScramCredentialDeletion(name, api.ScramMechanism.SCRAM_SHA_512)
        self._wait(self._client.alter_user_scram_credentials([info]).values(), tolerated=KafkaError.RESOURCE_NOT_FOUND)
        any_of = (api.AclOperation.ANY, api.AclPermissionType.ANY)
        of_user = api.AclBindingFilter(
            api.ResourceType.ANY, None, api.ResourcePatternType.ANY, f"User:{name}", None, *any_of
        )
        self._wait(self._client.delete_acls([of_user]).values())

    def _right(self, user: str, kind: str, name: str, pattern: str, operation: str) -> Any:
        return api.AclBinding(
            api.ResourceType[kind],
            name,
            api.ResourcePatternType[pattern],
            f"User:{user}",
            "*",
            api.AclOperation[operation],
            api.AclPermissionType.ALLOW,
        )

    def _wait(self, answers: Iterable[Future[Any]], tolerated: int | None = None) -> None:
        for answer in answers:
            try:
                answer.result(_SECONDS)
            except KafkaException as problem:
                if problem.args[0].code() != tolerated:
                    raise BrokerRefused(problem.args[0].name()) from None
            except TimeoutError:
                raise BrokerRefused("no_answer") from None
