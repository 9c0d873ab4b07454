"""How a process starts, waits, serves and stops; each test starts a real one."""

import asyncio
import signal
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


async def test_migrate_then_run_serves_and_every_line_of_its_log_is_json(launcher: Any, postgres: Any) -> None:
    name = f"empty_{uuid4().hex[:12]}"
    empty = postgres.create_database(name, f"{name}_owner", name)
    launcher.environment.update(KFI_MIGRATION_URL=empty.owner_url, KFI_DATABASE_URL=empty.runtime_url)
    assert (await launcher.finish("migrate"))[0] == 0
    running = await launcher.start("run", "api")
    await running.until_ready()
    assert (await running.post_thing()).status_code == 201
    line = await running.event("request_answered")
    assert line["service"] == "demo"


async def test_at_sigterm_readiness_turns_red_first_and_the_request_in_flight_is_answered(
    launcher: Any, database: Any
) -> None:
    running = await launcher.start("run", "api", KFI_DRAIN_SECONDS="1")
    request = asyncio.create_task(running.post_thing(hold=2.0))
    await running.until_in_flight(database.owner_url)
    running.process.send_signal(signal.SIGTERM)
    await running.event("stopping")
    ready = await running.get("/health/ready")
    live = await running.get("/health/live")
    assert (ready.status_code, live.status_code) == (503, 200)
    assert (await request).status_code == 201
    assert await running.ended() == 0


async def test_a_second_signal_ends_it_at_once(launcher: Any, database: Any) -> None:
    running = await launcher.start("run", "api", KFI_GRACE_SECONDS="60")
    request = asyncio.create_task(running.post_thing(hold=30.0))
    await running.until_in_flight(database.owner_url)
    running.process.send_signal(signal.SIGTERM)
    await running.event("stopping")
    running.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        assert await running.ended() == 1
    request.cancel()


async def test_it_waits_for_its_database_instead_of_dying(launcher: Any, wire: Any) -> None:
    wire.break_off()
    running = await launcher.start("run", "api", "relay")
    line = await running.event("waiting")
    assert (line["waiting_for"], line["role"]) == ("database", "relay")
    assert (await running.get("/health/live")).status_code == 200
    assert (await running.get("/health/ready")).status_code == 503
    wire.mend()
    await running.until_ready()
    await running.event("reached")
    running.process.send_signal(signal.SIGTERM)
    assert await running.ended() == 0


async def test_a_process_without_the_role_api_serves_health_and_metrics_and_nothing_else(launcher: Any) -> None:
    running = await launcher.start("run", "relay")
    await running.until_ready()
    assert (await running.post_thing()).status_code == 404
    assert "http_requests_total" in (await running.get("/metrics")).text
    details = (await running.get("/health/details")).json()
    assert details["live"] == {"relay": True}
    assert "outbox_pending" in details["gauges"]


async def test_all_roles_run_in_one_process_and_a_broker_that_is_away_is_no_reason_to_die(launcher: Any) -> None:
    running = await launcher.start("run")
    await running.until_ready()
    counted = await running.event("things_counted")
    assert (await running.post_thing()).status_code == 201
    details = (await running.get("/health/details")).json()
    assert details["live"] == {"consumer": True, "relay": True, "worker": True}
    assert details["consumer"]["group"] == "demo"
    assert counted["instance_of_settings"] == "demo-1"
    running.process.send_signal(signal.SIGTERM)
    assert await running.ended() == 0
    assert (await running.event("stopped"))["finished"] is True


@pytest.mark.parametrize("role", ["api", "consumer", "relay", "worker"])
async def test_a_frozen_database_does_not_hold_up_the_end(launcher: Any, wire: Any, role: str) -> None:
    running = await launcher.start("run", role, KFI_GRACE_SECONDS="1", KFI_DATABASE_TIMEOUT_SECONDS="1")
    await running.until_ready()
    wire.freeze()
    running.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(8):
        await running.ended()
    await running.event("stopped")


async def test_a_collector_of_traces_that_is_away_disturbs_nothing(launcher: Any) -> None:
    running = await launcher.start("run", "api", KFI_TRACES_ENDPOINT="http://127.0.0.1:9/v1/traces")
    await running.until_ready()
    assert (await running.post_thing()).status_code == 201
    answered = await running.until(lambda: [line for line in running.lines if line["event"] == "request_answered"])
    assert len(answered[-1]["trace_id"]) == 32
    running.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        assert await running.ended() == 0
