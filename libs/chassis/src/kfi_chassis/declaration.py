"""A service as the chassis sees it: its name, its settings, its transaction, its doors."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from fastapi import APIRouter

from kfi_chassis.consumer import Consumer
from kfi_chassis.desk.reasons import Reasons
from kfi_chassis.http import DomainProblems
from kfi_chassis.metrics import Metrics
from kfi_chassis.restore.declaration import Recovery
from kfi_chassis.settings import ServiceSettings
from kfi_chassis.work import Transactions, Work
from kfi_chassis.worker import Worker

DetailFunction = Callable[[Transactions[Any], Any], Awaitable[Mapping[str, Any]]]
"""Reads a detail for operators, given the transactions and the settings of the process."""

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

    `reasons` explains to operators why the service's own rules park a record; `details` are what they see besides at
    `/health/details`, by name: ids, counts, ages.
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
    details: Mapping[str, DetailFunction] = field(default_factory=dict)

    @property
    def migrations(self) -> str:
        """The package of its revisions."""
        return f"{self.package}.migrations"

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles this service has: consumer and worker only where they are declared."""
        absent = {Role.CONSUMER: self.consumer is None, Role.WORKER: self.worker is None}
        return tuple(role for role in Role if not absent.get(role, False))
