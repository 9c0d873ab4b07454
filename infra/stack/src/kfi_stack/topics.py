"""Topics, users and rights as the two files of `infra/kafka` state them; the only place where they are written."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kfi_stack.errors import StackError

DAY_MS = 86_400_000
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=200)]
Beginning = Annotated[str, Field(pattern=r"^[a-z0-9]+\.$", max_length=50)]


class Topic(BaseModel):
    """One topic: its partitions and how many days a record is kept (none: for good)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partitions: int = Field(ge=1, le=100)
    retention_days: int | None = Field(ge=1)

    def settings(self) -> dict[str, str]:
        """The topic's settings for the broker.

        A record goes only with its whole segment, so segments end daily: it is kept at most one day longer than stated.
        """
        kept = -1 if self.retention_days is None else self.retention_days * DAY_MS
        return {"retention.ms": str(kept), "segment.ms": str(DAY_MS), "cleanup.policy": "delete"}


class User(BaseModel):
    """What one user may: the topics it writes, the topics it reads; its consumer group is named like it.

    `writes_below` and `opens_below` are beginnings of names: of topics it writes that are made when they are needed,
    and of topics it makes itself, together with the users that read them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    writes: tuple[Name, ...] = ()
    reads: tuple[Name, ...] = ()
    writes_below: tuple[Beginning, ...] = ()
    opens_below: tuple[Beginning, ...] = ()


class Plan(BaseModel):
    """The broker's content as it should be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: dict[Name, Topic]
    users: dict[Name, User]

    def is_opened(self, topic: str) -> bool:
        """Whether a user of the plan makes topics of such names: which of them there are the plan does not say."""
        return any(topic.startswith(user.opens_below) for user in self.users.values() if user.opens_below)

    def unknown_topics(self) -> list[str]:
        """Topics some user is given that the plan does not have."""
        named = {topic for user in self.users.values() for topic in (*user.writes, *user.reads)}
        return sorted(named - self.topics.keys())


def plan_folder() -> Path:
    """The folder `infra/kafka` of this clone."""
    return Path(__file__).resolve().parents[3] / "kafka"


def load_plan(folder: Path | None = None) -> Plan:
    """Reads `topics.yaml` and `users.yaml`; raises StackError if they are not there or do not fit together."""
    folder = folder or plan_folder()
    try:
        topics, users = (read_mapping(folder / name) for name in ("topics.yaml", "users.yaml"))
    except OSError as problem:
        raise StackError(
            f"{problem.filename} cannot be read ({problem.strerror}): give the folder of topics.yaml and users.yaml."
        ) from problem
    plan = Plan(topics=topics["topics"], users=users["users"])
    if unknown := plan.unknown_topics():
        raise StackError(
            f"users.yaml names topics that topics.yaml lacks: add {', '.join(unknown)} there or correct the name."
        )
    return plan


def read_mapping(file: Path) -> dict[str, Any]:
    """Reads a YAML file that holds a mapping."""
    return TypeAdapter(dict[str, Any]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
