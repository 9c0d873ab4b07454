"""Brings a cluster to what `infra/kafka` states: topics, users, rights; says what it changed and what it left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kfi_stack.credentials import Credentials
from kfi_stack.kafka_admin import KafkaAdmin, Right
from kfi_stack.topics import Plan, User

CLUSTER = "kafka-cluster"
_WRITING = ("WRITE", "DESCRIBE")
_OPENING = ("CREATE", "DESCRIBE", "DESCRIBE_CONFIGS")


@dataclass
class Report:
    """What was changed (or would be), and where the cluster differs in a way only a person may put right."""

    changes: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)


def apply_plan(
    admin: KafkaAdmin,
    plan: Plan,
    passwords: Mapping[str, Credentials],
    *,
    superusers: frozenset[str],
    check: bool = False,
) -> Report:
    """Applies the plan and returns what was done; a second run changes nothing.

    Partitions are never changed (a key would move to another partition and lose its order); topics and users the plan
    does not know are only named; rights of the plan's users beyond the plan are revoked. A user gets the password
    given here each time; one without a password here must exist. With `check` nothing is changed.
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
    unknown = sorted(name for name in found.keys() - plan.topics.keys() if not plan.is_opened(name))
    report.drift += [f"topic {name} is not in topics.yaml" for name in unknown]
    for name, topic in plan.topics.items():
        if name in found and found[name] != topic.partitions:
            report.drift.append(f"topic {name} has {found[name]} partitions, topics.yaml says {topic.partitions}")
    changes = _settings_to_change(admin, plan, found)
    report.changes += [f"topic {name}: {key}={value}" for name, new in changes.items() for key, value in new.items()]
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
    found, opened = admin.scram_users(), opened_users(admin, plan)
    missing = [name for name in plan.users if name not in found]
    report.changes += [f"user {name} made" for name in missing if name in passwords]
    report.drift += [f"user {name} is missing and has no password here" for name in missing if name not in passwords]
    report.drift += [
        f"user {name} is not in users.yaml" for name in sorted(found - plan.users.keys() - superusers - opened)
    ]
    if not check:
        admin.set_passwords(passwords[name] for name in plan.users if name in passwords)


def _apply_rights(admin: KafkaAdmin, plan: Plan, report: Report, *, check: bool) -> None:
    wanted = {right for name, user in plan.users.items() for right in rights_of(name, user)}
    found = admin.rights()
    missing, surplus = wanted - found, found - wanted
    ours = {right for right in surplus if right.user in plan.users}
    opened = opened_users(admin, plan)
    surplus = {right for right in surplus if right.user not in opened}
    report.changes += [f"granted {right}" for right in sorted(missing)]
    report.changes += [f"revoked {right}" for right in sorted(ours)]
    report.drift += [f"right not in users.yaml: {right}" for right in sorted(surplus - ours)]
    if not check:
        admin.grant(missing)
        admin.revoke(ours)


def opened_users(admin: KafkaAdmin, plan: Plan) -> set[str]:
    """The users that have no right but to read topics which a user of the plan opens."""
    rights: dict[str, set[Right]] = {}
    for right in admin.rights():
        rights.setdefault(right.user, set()).add(right)
    return {user for user, held in rights.items() if user not in plan.users and _only_reads_opened(held, plan)}


def _only_reads_opened(held: set[Right], plan: Plan) -> bool:
    topics = {right for right in held if right.kind == "TOPIC"}
    return (
        {right.operation for right in held} <= {"READ", "DESCRIBE"}
        and {right.kind for right in held} == {"TOPIC", "GROUP"}
        and all(right.pattern == "LITERAL" and plan.is_opened(right.name) for right in topics)
    )


def rights_of(name: str, user: User) -> set[Right]:
    """The access rules of one user; its consumer group and its transactional id are named like it."""
    used = {("WRITE", "TOPIC", topic) for topic in user.writes} | {("READ", "TOPIC", topic) for topic in user.reads}
    below = {
        Right(name, operation, "TOPIC", beginning, pattern="PREFIXED")
        for beginnings, operations in ((user.writes_below, _WRITING), (user.opens_below, _OPENING))
        for beginning in beginnings
        for operation in operations
    }
    if user.reads:
        used.add(("READ", "GROUP", name))
    if user.writes:
        used.add(("WRITE", "TRANSACTIONAL_ID", name))
    rights = {Right(name, *use) for use in used} | {Right(name, "DESCRIBE", *use[1:]) for use in used}
    if user.opens_below:
        below |= {Right(name, operation, "BROKER", CLUSTER) for operation in ("ALTER", "DESCRIBE")}
    return rights | below | ({Right(name, "IDEMPOTENT_WRITE", "BROKER", CLUSTER)} if user.writes else set())
