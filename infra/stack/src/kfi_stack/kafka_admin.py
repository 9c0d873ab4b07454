"""The few administrative calls the stack makes, on confluent-kafka (aiokafka has none for users and rights)."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import confluent_kafka.admin
from confluent_kafka import KafkaError, KafkaException

from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError

api: Any = confluent_kafka.admin  # its package does not declare what it re-exports, nor that a filter may be empty

TIMEOUT_SECONDS = 15
LOOK_EVERY = 0.02
ITERATIONS = 4096
CLUSTER_DEFAULT = -1


@dataclass(frozen=True, order=True)
class Right:
    """One access rule; kinds of resource, operations and patterns by the names of Kafka's protocol."""

    user: str
    operation: str
    kind: str
    name: str
    pattern: str = "LITERAL"
    host: str = "*"
    permission: str = "ALLOW"

    def __str__(self) -> str:
        beyond = "" if (self.pattern, self.host, self.permission) == ("LITERAL", "*", "ALLOW") else (
            f" ({self.permission} {self.pattern} from {self.host})"
        )  # fmt: skip
        return f"{self.user}: {self.operation} {self.kind} {self.name}{beyond}"


class KafkaAdmin:
    """A superuser at one cluster; a call returns when the cluster has done it, and raises StackError if it refuses."""

    def __init__(self, bootstrap: str, security: str, user: Credentials, *, ca_file: str | None = None) -> None:
        self._bootstrap = bootstrap
        settings: dict[str, str | int] = {
            "bootstrap.servers": bootstrap, "security.protocol": security, "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user.username, "sasl.password": user.password, "log_level": 0,
        }  # fmt: skip
        self._client = api.AdminClient(settings | ({"ssl.ca.location": ca_file} if ca_file else {}))

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
            api.NewTopic(name, num_partitions=partitions, replication_factor=CLUSTER_DEFAULT, config=dict(settings))
            for name, (partitions, settings) in topics.items()
        ]
        if new:
            self._done(self._client.create_topics(new).values(), tolerated=KafkaError.TOPIC_ALREADY_EXISTS)
            self._until(lambda: topics.keys() <= self.topics().keys())

    def delete_topics(self, names: Iterable[str]) -> None:
        """Deletes topics; one that is not there is as good as deleted."""
        if names := list(names):
            self._done(self._client.delete_topics(names).values(), tolerated=KafkaError.UNKNOWN_TOPIC_OR_PART)
            self._until(lambda: self.topics().keys().isdisjoint(names))

    def topic_settings(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """The settings in force for each topic."""
        resources = [api.ConfigResource(api.ConfigResource.Type.TOPIC, name) for name in names]
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
            api.ConfigResource(
                api.ConfigResource.Type.TOPIC, topic, incremental_configs=[set_to(*setting) for setting in new.items()]
            )
            for topic, new in changes.items()
        ]
        if resources:
            self._done(self._client.incremental_alter_configs(resources).values())
            self._until(lambda: self._in_force(changes))

    def _in_force(self, changes: Mapping[str, Mapping[str, str]]) -> bool:
        found = self.topic_settings(changes)
        return all(new.items() <= found[topic].items() for topic, new in changes.items())

    def scram_users(self) -> set[str]:
        """The names of all SCRAM users."""
        return set(self._result(self._client.describe_user_scram_credentials()))

    def set_passwords(self, users: Iterable[Credentials]) -> None:
        """Makes SCRAM users, or gives them another password."""
        info = api.ScramCredentialInfo(api.ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        upserts = [api.UserScramCredentialUpsertion(user.username, info, user.password.encode()) for user in users]
        if upserts:
            self._done(self._client.alter_user_scram_credentials(upserts).values())
            self._until(lambda: {upsert.user for upsert in upserts} <= self.scram_users())

    def rights(self) -> set[Right]:
        """All access rules of the cluster."""
        any_of = (api.AclOperation.ANY, api.AclPermissionType.ANY)
        everything = api.AclBindingFilter(api.ResourceType.ANY, None, api.ResourcePatternType.ANY, None, None, *any_of)
        return {right_of(binding) for binding in self._result(self._client.describe_acls(everything))}

    def grant(self, rights: Iterable[Right]) -> None:
        """Adds access rules."""
        if new := set(rights):
            self._done(self._client.create_acls([binding_of(right, api.AclBinding) for right in new]).values())
            self._until(lambda: new <= self.rights())

    def revoke(self, rights: Iterable[Right]) -> None:
        """Removes access rules."""
        if old := set(rights):
            self._done(self._client.delete_acls([binding_of(right, api.AclBindingFilter) for right in old]).values())
            self._until(lambda: old.isdisjoint(self.rights()))

    def _until(self, visible: Callable[[], bool]) -> None:
        """Returns once brokers show a change that the controller has taken; they follow it a moment later."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not visible():
            if time.monotonic() > deadline:
                raise self._silent()
            time.sleep(LOOK_EVERY)

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
            raise self._silent() from problem

    def _silent(self) -> StackError:
        return StackError(f"Kafka at {self._bootstrap} does not answer: check that it runs and may be reached.")

    def _refused(self, problem: KafkaException) -> StackError:
        return StackError(
            f"Kafka at {self._bootstrap} refuses ({problem.args[0].str()}): check that it runs, and the "
            "administrator's name, password and rights."
        )


def set_to(key: str, value: str) -> Any:
    """The change of one setting."""
    return api.ConfigEntry(key, value, incremental_operation=api.AlterConfigOpType.SET)


def right_of(binding: Any) -> Right:
    """The access rule confluent's binding stands for."""
    return Right(
        user=binding.principal.removeprefix("User:"), operation=binding.operation.name, kind=binding.restype.name,
        name=binding.name, pattern=binding.resource_pattern_type.name, host=binding.host,
        permission=binding.permission_type.name,
    )  # fmt: skip


def binding_of(right: Right, shape: Any) -> Any:
    """The access rule as confluent's binding, or as the filter that finds exactly it."""
    return shape(
        api.ResourceType[right.kind], right.name, api.ResourcePatternType[right.pattern], f"User:{right.user}",
        right.host, api.AclOperation[right.operation], api.AclPermissionType[right.permission],
    )  # fmt: skip
