"""Brings a cluster to what `infra/kafka` states: topics, users, rights; says what it changed and what it will not touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

from kfi_stack.credentials import Credentials
from kfi_stack.kafka_admin import KafkaAdmin
from kfi_stack.topics import Plan, User

CLUSTER = "kafka-cluster"


@dataclass
class Report:
    """What was changed (or would be), and where the cluster differs in a way only a person may put right."""

    changes: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)


def apply_plan(
    admin: KafkaAdmin, plan: Plan, passwords: Mapping[str, Credentials], *, superusers: frozenset[str], check: bool = False
) -> Report:
    """Applies the plan and returns what was done; a second run changes nothing but setting the same passwords.

    With `check` nothing is changed. Partitions are never changed (a key would move to another partition and lose its
    order), topics and users the plan does not know are only named, rights of the plan's users beyond the plan are revoked.
    """
    report = Report()
    _apply_topics(admin, plan, report, check=check)
    _apply_users(admin, plan, passwords, superusers, report, check=check)
    _apply_rights(admin, plan, report, check=check)
    return report


def _apply_topics(admin: KafkaAdmin, plan: Plan, report: Report, *, check: bool) -> None:
    found = admin.topics()
    missing = {name: topic for name, topic in plan.topics.items() if name not in found}
    report.changes += [f"topic {name} made" for name in missing]
    report.drift += [f"topic {name} is not in topics.yaml" for name in sorted(found.keys() - plan.topics.keys())]
    for name, topic in plan.topics.items():
        if name in found and found[name] != topic.partitions:
            report.drift.append(f"topic {name} has {found[name]} partitions, topics.yaml says {topic.partitions}")
    changes = _settings_to_change(admin, plan, found)
    report.changes += [f"topic {name}: {key} set to {value}" for name, new in changes.items() for key, value in new.items()]
    if not check:
        admin.create_topics({name: (topic.partitions, topic.settings()) for name, topic in missing.items()})
        admin.set_topic_settings(changes)


def _settings_to_change(admin: KafkaAdmin, plan: Plan, found: Mapping[str, int]) -> dict[str, dict[str, str]]:
    in_force = admin.topic_settings(name for name in plan.topics if name in found)
    changes = {
        name: {key: value for key, value in plan.topics[name].settings().items() if settings.get(key) != value}
        for name, settings in in_force.items()
    }
    return {name: new for name, new in changes.items() if new}


def _apply_users(
    admin: KafkaAdmin,
    plan: Plan,
    passwords: Mapping[str, Credentials],
    superusers: frozenset[str],
    report: Report,
    *,
    check: bool,
) -> None:
    found = admin.scram_users()
    report.changes += [f"user {name} made" for name in plan.users if name not in found]
    report.drift += [f"user {name} is not in users.yaml" for name in sorted(found - plan.users.keys() - superusers)]
    if not check:
        admin.set_passwords(passwords[name] for name in plan.users)


def _apply_rights(admin: KafkaAdmin, plan: Plan, report: Report, *, check: bool) -> None:
    wanted = {right for name, user in plan.users.items() for right in rights_of(name, user)}
    found = admin.rights()
    ours = {f"User:{name}" for name in plan.users}
    missing, surplus = wanted - found, found - wanted
    to_revoke = {right for right in surplus if right.principal in ours}
    report.changes += sorted(f"granted: {told(right)}" for right in missing)
    report.changes += sorted(f"revoked: {told(right)}" for right in to_revoke)
    report.drift += sorted(f"right not in users.yaml: {told(right)}" for right in surplus - to_revoke)
    if not check:
        admin.grant(missing)
        admin.revoke(to_revoke)


def rights_of(name: str, user: User) -> list[AclBinding]:
    """The access rules of one user; its consumer group and its transactional id are named like it."""
    rules = [(ResourceType.TOPIC, topic, AclOperation.WRITE) for topic in user.writes]
    rules += [(ResourceType.TOPIC, topic, AclOperation.READ) for topic in user.reads]
    if user.reads:
        rules.append((ResourceType.GROUP, name, AclOperation.READ))
    if user.writes:
        rules.append((ResourceType.BROKER, CLUSTER, AclOperation.IDEMPOTENT_WRITE))
        rules.append((ResourceType.TRANSACTIONAL_ID, name, AclOperation.WRITE))
    rules += [(kind, resource, AclOperation.DESCRIBE) for kind, resource, _ in rules if kind != ResourceType.BROKER]
    return [
        AclBinding(kind, resource, ResourcePatternType.LITERAL, f"User:{name}", "*", operation, AclPermissionType.ALLOW)
        for kind, resource, operation in dict.fromkeys(rules)
    ]


def told(right: AclBinding) -> str:
    """The access rule in words."""
    return f"{right.principal} {right.operation.name} {right.restype.name} {right.name}"
