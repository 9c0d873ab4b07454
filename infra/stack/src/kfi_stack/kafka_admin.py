"""The few administrative calls the stack makes, on confluent-kafka's client (aiokafka has none for users and rights)."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError

TIMEOUT_SECONDS = 15
ITERATIONS = 4096
CLUSTER_DEFAULT = -1


class KafkaAdmin:
    """A superuser at one cluster; each call returns when the cluster has done it, and raises StackError if it refuses."""

    def __init__(self, bootstrap: str, security: str, credentials: Credentials | None) -> None:
        self._bootstrap = bootstrap
        settings = {"bootstrap.servers": bootstrap, "security.protocol": security, "log_level": 0}
        if credentials:
            settings |= {
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": credentials.username,
                "sasl.password": credentials.password,
            }
        self._client: Any = AdminClient(settings)

    def topics(self) -> dict[str, int]:
        """The cluster's topics and their numbers of partitions, without Kafka's own."""
        try:
            found = self._client.list_topics(timeout=TIMEOUT_SECONDS).topics
        except KafkaException as problem:
            raise self._refused(problem) from problem
        return {name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")}

    def create_topics(self, topics: Mapping[str, tuple[int, Mapping[str, str]]]) -> None:
        """Makes topics of so many partitions and these settings; one that exists already stays as it is."""
        new = [
            NewTopic(name, num_partitions=partitions, replication_factor=CLUSTER_DEFAULT, config=dict(settings))
            for name, (partitions, settings) in topics.items()
        ]
        if new:
            self._done(self._client.create_topics(new).values(), tolerated=KafkaError.TOPIC_ALREADY_EXISTS)

    def delete_topics(self, names: Iterable[str]) -> None:
        """Deletes topics; one that is not there is as good as deleted."""
        if names := list(names):
            self._done(self._client.delete_topics(names).values(), tolerated=KafkaError.UNKNOWN_TOPIC_OR_PART)

    def topic_settings(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """The settings in force for each topic."""
        resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
        if not resources:
            return {}
        answers = self._client.describe_configs(resources)
        return {
            resource.name: {key: entry.value for key, entry in self._result(answer).items()}
            for resource, answer in answers.items()
        }

    def set_topic_settings(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        """Sets these settings of these topics and leaves their others."""
        resources = [
            ConfigResource(
                ConfigResource.Type.TOPIC,
                topic,
                incremental_configs=[
                    ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in settings.items()
                ],
            )
            for topic, settings in changes.items()
        ]
        if resources:
            self._done(self._client.incremental_alter_configs(resources).values())

    def scram_users(self) -> set[str]:
        """The names of all SCRAM users."""
        return set(self._result(self._client.describe_user_scram_credentials()))

    def set_passwords(self, users: Iterable[Credentials]) -> None:
        """Makes SCRAM users, or gives them another password."""
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        upserts = [UserScramCredentialUpsertion(user.username, info, user.password.encode()) for user in users]
        if upserts:
            self._done(self._client.alter_user_scram_credentials(upserts).values())

    def rights(self) -> set[AclBinding]:
        """All access rules of the cluster."""
        everything = AclBindingFilter(
            ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
        )
        return set(self._result(self._client.describe_acls(everything)))

    def grant(self, rights: Iterable[AclBinding]) -> None:
        """Adds access rules."""
        if rights := list(rights):
            self._done(self._client.create_acls(rights).values())

    def revoke(self, rights: Iterable[AclBinding]) -> None:
        """Removes access rules."""
        filters = [
            AclBindingFilter(
                one.restype, one.name, one.resource_pattern_type, one.principal, one.host, one.operation, one.permission_type
            )
            for one in rights
        ]
        if filters:
            self._done(self._client.delete_acls(filters).values())

    def _done(self, answers: Iterable[Future[Any]], tolerated: int | None = None) -> None:
        for answer in answers:
            self._result(answer, tolerated)

    def _result(self, answer: Future[Any], tolerated: int | None = None) -> Any:
        try:
            return answer.result(TIMEOUT_SECONDS)
        except KafkaException as problem:
            if problem.args[0].code() == tolerated:
                return None
            raise self._refused(problem) from problem
        except TimeoutError as problem:
            raise StackError(f"Kafka at {self._bootstrap} does not answer: check that it runs and may be reached.") from problem

    def _refused(self, problem: KafkaException) -> StackError:
        return StackError(
            f"Kafka at {self._bootstrap} refuses ({problem.args[0].str()}): check that it runs, and the administrator's "
            "name, password and rights."
        )
