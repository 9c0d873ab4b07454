"""One process of a service: what its roles share, and how they run side by side until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from kfi_chassis import logs, tracing
from kfi_chassis.clock import SystemClock, calendar_for
from kfi_chassis.compatibility import works_with
from kfi_chassis.consumer import RunningConsumer
from kfi_chassis.database import create_engine
from kfi_chassis.declaration import Role, Service
from kfi_chassis.desk import parked_api
from kfi_chassis.desk.api import dead_letters_router
from kfi_chassis.details import describe_roles, describe_service, relay_of, version_of
from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.http_server import http_server, listening_socket
from kfi_chassis.identity import TokenVerifier
from kfi_chassis.metrics import Metrics
from kfi_chassis.migrate import newest_revision
from kfi_chassis.relay import Relay
from kfi_chassis.roles import Runner, gauges_of, runner_part
from kfi_chassis.settings import ServiceSettings
from kfi_chassis.shutdown import Part, Shutdown
from kfi_chassis.work import Transactions, Work
from kfi_chassis.worker import RunningWorker

CLOSE_SECONDS: Final = 2.0


@dataclass
class Database:
    """The database of a service as readiness sees it: reached, and with a schema this code works with."""

    engine: AsyncEngine
    migrations: str

    @cached_property
    def revision(self) -> str:
        """The newest revision this code knows."""
        return newest_revision(self.migrations)

    async def ready(self) -> bool:
        """Whether it answers and works with this code; asked each time, for schemas move on and restores set back."""
        async with self.engine.connect() as connection:
            return await works_with(connection, self.revision)

    async def close(self) -> None:
        """Close the connections; those of a frozen server are left to it, which rolls back what they had begun."""
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.engine.dispose()


@dataclass(frozen=True)
class Process:
    """What all roles of a process share."""

    service: Service[Any, Any]
    settings: ServiceSettings
    database: Database
    transactions: Transactions[Any]
    health: Health
    metrics: Metrics


async def run_process(service: Service[Any, Any], settings: ServiceSettings, roles: Sequence[Role]) -> bool:
    """Run the roles until a signal; true when everything in flight was finished.

    Raises ConfigurationError when the port cannot be had; a role that fails ends the process with its error logged.
    """
    asyncio.get_running_loop().set_exception_handler(_log_stray_error)
    process = assembled(service, settings)
    shutdown = Shutdown(process.health, drain_seconds=settings.drain_seconds, grace_seconds=settings.grace_seconds)
    listener = listening_socket(settings.http_host, settings.http_port)
    end_of_traces = tracing.begin(
        settings.traces_endpoint, service=service.name, instance=settings.instance, version=version_of(service.name)
    )
    shutdown.listen()
    logs.event("starting", roles=[role.value for role in roles], profile=settings.profile.value)
    server = http_server(api_of(process, roles), listener, grace_seconds=settings.grace_seconds)
    try:
        finished = await shutdown.run([server, *role_parts(process, roles)])
    except Exception as error:  # noqa: BLE001 - whatever it was, the process ends and says where it arose
        logs.event("process_failed", level=logging.ERROR, error=error)
        return False
    finally:
        await process.database.close()
        await _in_time(asyncio.to_thread(end_of_traces))
    logs.event("stopped", finished=finished)
    return finished


async def _in_time(closing: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing


def assembled(service: Service[Any, Any], settings: ServiceSettings) -> Process:
    """Put together what the roles share; nothing is connected yet. Raises ConfigurationError."""
    clock = SystemClock()
    engine = create_engine(
        settings.database_url,
        pool_size=settings.database_pool,
        connect_seconds=settings.database_timeout_seconds,
    )
    transactions: Transactions[Any] = Transactions(
        engine,
        _with_settings(service.work_class, settings),
        clock=clock,
        calendar=calendar_for(settings, clock),
        max_event_bytes=settings.max_event_bytes,
    )
    database, health, metrics = Database(engine, service.migrations), Health(), service.metrics_class()
    health.require("database", database.ready)
    describe_service(health, service, settings, transactions, lambda: database.revision)
    health.describe("gauges", lambda: gauges_of(metrics.registry))
    return Process(service, settings, database, transactions, health, metrics)


def api_of(process: Process, roles: Sequence[Role]) -> FastAPI:
    """The application of the process: a process without the role `api` serves health and metrics all the same."""
    settings = process.settings
    describe_roles(process.health, roles)
    return create_api(
        process.service.name,
        settings,
        routers_of(process.service) if Role.API in roles else [],
        transactions=process.transactions,
        verifier=TokenVerifier(settings.issuer, settings.audience, settings.jwks_url),
        health=process.health,
        metrics=process.metrics,
        domain_problems=process.service.domain_problems,
    )


def role_parts(process: Process, roles: Sequence[Role]) -> list[Part]:
    """The parts of the roles besides the API, which is the HTTP server's."""
    made = ((role, _runner(role, process)) for role in roles if role is not Role.API)
    return [runner_part(role.value, runner, process.health, process.database.ready) for role, runner in made]


def _runner(role: Role, process: Process) -> Runner:
    service, settings = process.service, process.settings
    if role is Role.CONSUMER and service.consumer is not None:
        consumer = RunningConsumer(
            service.consumer,
            process.transactions,
            settings,
            process.metrics,
            grace_seconds=settings.grace_seconds,
        )
        process.health.describe("consumer", consumer.details)
        return consumer
    if role is Role.WORKER and service.worker is not None:
        worker = RunningWorker(service.worker, process.transactions, settings, process.metrics)
        process.health.describe("worker", worker.details)
        return worker
    relay = Relay(settings.database_url, settings, process.metrics)
    process.health.describe("relay", lambda: relay_of(relay))
    return relay


def routers_of(service: Service[Any, Any]) -> list[APIRouter]:
    """The routes of a service: its own, and the operators' desks that every service has."""
    desks = [parked_api.router]
    if service.consumer is not None:
        desks.append(dead_letters_router(service.consumer, service.reasons))
    return [*service.build_routers(), *desks]


def api_document(service: Service[Any, Any]) -> dict[str, Any]:
    """The OpenAPI document of a service; it needs no settings and no server."""
    application = create_api(
        service.name,
        service.settings_class.model_construct(),
        routers_of(service),
        transactions=None,
        verifier=None,
        health=Health(),
        metrics=Metrics(),
        domain_problems=service.domain_problems,
    )
    return application.openapi()


def _with_settings(work_class: type[Work], settings: ServiceSettings) -> type[Work]:
    return type(work_class.__name__, (work_class,), {"settings": settings, "__module__": work_class.__module__})


def _log_stray_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Of a task nobody waited for: its error's kind and place; the loop's own text would quote its message."""
    logs.event("stray_error", level=logging.ERROR, error=context.get("exception"))
