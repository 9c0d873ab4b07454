"""A service as the chassis sees it: its name, its settings, its transaction, its doors."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from fastapi import APIRouter

from kfi_chassis.consumer import Consumer
from kfi_chassis.desk.reasons import Reasons
from kfi_chassis.http import DomainProblems
from kfi_chassis.metrics import Metrics
from kfi_chassis.restore.declaration import Recovery
from kfi_chassis.settings import ServiceSettings
from kfi_chassis.work import Work
from kfi_chassis.worker import Worker

S = TypeVar("S", bound=ServiceSettings)
W = TypeVar("W", bound=Work)


class Role(StrEnum):
    """What a process does; the demo runs all in one, production one each."""

    API = "api"
    CONSUMER = "consumer"
    RELAY = "relay"
    WORKER = "worker"


@dataclass(frozen=True)
class Command:
    """A command of the service's own, beside `run`, `migrate`, `openapi` and `version`; `run` gives the exit code."""

    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


@dataclass(frozen=True)
class Service(Generic[S, W]):
    """All the chassis must know of a service. `build_routers` makes the routes below /<name>/v1.

    `reasons` explains to operators why the service's own rules park a record.
    """

    name: str
    package: str
    settings_class: type[S]
    work_class: type[W]
    build_routers: Callable[[], Sequence[APIRouter]]
    consumer: Consumer | None = None
    worker: Worker | None = None
    metrics_class: type[Metrics] = Metrics
    domain_problems: DomainProblems = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)
    recovery: Recovery | None = None
    reasons: Reasons = field(default_factory=dict)

    @property
    def migrations(self) -> str:
        """The package of its revisions."""
        return f"{self.package}.migrations"

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles this service has: consumer and worker only where they are declared."""
        absent = {Role.CONSUMER: self.consumer is None, Role.WORKER: self.worker is None}
        return tuple(role for role in Role if not absent.get(role, False))
