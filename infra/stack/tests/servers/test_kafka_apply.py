"""Applying `infra/kafka` to a real cluster; the session's has it applied already."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kfi_stack.command_line import main
from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError
from kfi_stack.kafka_admin import KafkaAdmin, Right
from kfi_stack.kafka_apply import Report, apply_plan
from kfi_stack.topics import Plan, Topic, User, load_plan

pytestmark = pytest.mark.servers


@pytest.fixture
def admin(kafka: Any) -> KafkaAdmin:
    return KafkaAdmin(kafka.bootstrap, kafka.security, kafka.admin)


@pytest.fixture
def name(admin: KafkaAdmin) -> Iterator[str]:
    """A name for a topic and a user of this test; what bears it goes with the test."""
    one = f"probe-{uuid4().hex[:8]}"
    yield one
    admin.delete_topics([one])
    admin.revoke(right for right in admin.rights() if one in (right.user, right.name))


def applied(admin: KafkaAdmin, plan: Plan, *, check: bool = False) -> Report:
    passwords = {name: Credentials(name, secrets.token_urlsafe(12)) for name in plan.users}
    return apply_plan(admin, plan, passwords, superusers=frozenset({"admin"}), check=check)


def about(name: str, lines: list[str]) -> list[str]:
    """What a report says of one name; other tests of the session leave topics of their own."""
    return [line for line in lines if name in line]


def plan_of(name: str, *, partitions: int = 2, days: int | None = 1, writes: bool = True) -> Plan:
    user = User(writes=(name,)) if writes else User(reads=(name,))
    return Plan(topics={name: Topic(partitions=partitions, retention_days=days)}, users={name: user})


def test_what_is_missing_is_made_and_a_second_run_changes_nothing(admin: KafkaAdmin, name: str) -> None:
    would = about(name, applied(admin, plan_of(name), check=True).changes)
    first = about(name, applied(admin, plan_of(name)).changes)
    assert would == first
    assert {f"topic {name} made", f"user {name} made", f"granted {name}: WRITE TOPIC {name}"} <= set(first)
    assert admin.topics()[name] == 2
    assert applied(admin, plan_of(name)).changes == []


def test_a_topic_can_be_seen_when_the_call_that_makes_it_returns(
    admin: KafkaAdmin, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Iterator[dict[str, int]] = iter([{}, {}, {name: 1}])
    with monkeypatch.context() as lagging:
        lagging.setattr(admin, "topics", lambda: next(seen))
        admin.create_topics({name: (1, {})})
    assert next(seen, None) is None


def test_a_changed_retention_is_set(admin: KafkaAdmin, name: str) -> None:
    applied(admin, plan_of(name, days=1))
    assert applied(admin, plan_of(name, days=3)).changes == [f"topic {name}: retention.ms=259200000"]
    assert admin.topic_settings([name])[name]["retention.ms"] == "259200000"


@pytest.mark.parametrize("partitions", [1, 4])
def test_partitions_are_never_changed_but_told(admin: KafkaAdmin, name: str, partitions: int) -> None:
    applied(admin, plan_of(name, partitions=2))
    report = applied(admin, plan_of(name, partitions=partitions))
    assert f"topic {name} has 2 partitions, topics.yaml says {partitions}" in report.drift
    assert admin.topics()[name] == 2


def test_a_right_taken_out_of_the_file_is_revoked(admin: KafkaAdmin, name: str) -> None:
    applied(admin, plan_of(name, writes=True))
    report = applied(admin, plan_of(name, writes=False))
    assert f"revoked {name}: WRITE TOPIC {name}" in report.changes
    assert {right for right in admin.rights() if right.user == name and right.operation == "WRITE"} == set()


def test_what_the_files_do_not_know_is_told_and_left(admin: KafkaAdmin, name: str) -> None:
    admin.create_topics({name: (1, {})})
    admin.grant([Right(name, "READ", "TOPIC", name, pattern="PREFIXED")])
    admin.set_passwords([Credentials(name, "secret")])
    drift = applied(admin, plan_of(f"{name}-other"), check=True).drift
    assert about(f"topic {name} is", drift) == [f"topic {name} is not in topics.yaml"]
    assert about(f"user {name} is", drift) == [f"user {name} is not in users.yaml"]
    assert about("right", about(f"{name}:", drift)) == [
        f"right not in users.yaml: {name}: READ TOPIC {name} (ALLOW PREFIXED from *)"
    ]
    assert name in admin.topics()


def test_the_orders_go_after_seven_days(admin: KafkaAdmin) -> None:
    settings = admin.topic_settings(load_plan().topics)
    kept_days = {name: int(one["retention.ms"]) / 86_400_000 for name, one in settings.items()}
    assert kept_days["notifications.order.v1"] == 7
    assert settings["notifications.order.v1"]["segment.ms"] == "86400000"
    assert kept_days["applications.application.v1"] < 0


@pytest.fixture
def environment(kafka: Any, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("KFI_KAFKA_BOOTSTRAP", kafka.bootstrap)
    monkeypatch.setenv("KFI_KAFKA_SECURITY", kafka.security)
    monkeypatch.setenv("KFI_KAFKA_ADMIN_USER", kafka.admin.username)
    monkeypatch.setenv("KFI_KAFKA_ADMIN_PASSWORD", kafka.admin.password)
    return monkeypatch


def test_the_command_changes_nothing_the_second_time(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["kafka", "apply"])
    assert "done:" not in capsys.readouterr().out


def test_the_command_tells_a_wrong_password_in_one_sentence(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.setenv("KFI_KAFKA_ADMIN_PASSWORD", "guessed")
    monkeypatch.setattr("kfi_stack.kafka_admin.TIMEOUT_SECONDS", 2)
    assert main(["kafka", "apply"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "guessed" not in told


def test_a_file_that_names_an_unknown_topic_is_refused(tmp_path: Path) -> None:
    (tmp_path / "topics.yaml").write_text("topics: {a.topic.v1: {partitions: 1, retention_days: null}}")
    (tmp_path / "users.yaml").write_text("users: {somebody: {reads: [another.topic.v1]}}")
    with pytest.raises(StackError, match=r"users\.yaml names topics that topics\.yaml lacks: add another\.topic\.v1"):
        load_plan(tmp_path)
