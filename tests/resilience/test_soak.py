"""Under load for long nothing grows that is not meant to, and what is past its time goes."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from benchmarks.capacity_platform import programs
from benchmarks.soak import soaked, table_of
from benchmarks.soak_watch import KEPT, LONG_SECONDS, MEGABYTE, PASSING, SMALL, Pace, Watch, growing, tables_of
from tests.harness.bus import Bus
from tests.harness.cases import TITLE
from tests.harness.size import size

from kfi_stack.demo.cases import YEAR
from kfi_stack.running_platform import SERVICES, Platform

log = logging.getLogger(__name__)
HALF_THE_CAPACITY = 3.5
"""Cases a second on two cores; `docs/operations/capacity.md` has what was measured."""
PACE = Pace(
    rate=size(short=2.0, nightly=HALF_THE_CAPACITY),
    seconds=size(short=8.0, nightly=1200.0),
    warm_up=size(short=4.0, nightly=240.0),
    look_every=size(short=1.0, nightly=10.0),
    kept=size(short=2.0, nightly=60.0),
)


@pytest.mark.stack
@pytest.mark.servers
@pytest.mark.asyncio(loop_scope="session")
async def test_nothing_grows_that_is_not_meant_to_and_what_is_past_its_time_goes(
    platform: Platform, bus: Bus, session_servers: Any, tmp_path: Path
) -> None:
    await asyncio.to_thread(endless_budget, platform, tmp_path / "budget.json")
    pids = programs(platform, session_servers.supervisor)
    watch, trips = await asyncio.to_thread(soaked, platform, pids, PACE)
    log.warning("%s", table_of(watch, PACE))
    (tmp_path / "soak.json").write_text(watch.as_json())
    assert [trip.failure for trip in trips if trip.failure] == []
    assert growing(watch, PACE) == {}
    assert watch.aged >= len(trips)  # each case leaves an idempotency key and several events
    assert await bus.rows("applications", "SELECT key FROM idempotency_key") == []
    for service in SERVICES:
        assert await bus.rows(service, "SELECT event_id FROM outbox WHERE parked_reason IS NULL") == []


@pytest.mark.stack
@pytest.mark.servers
@pytest.mark.asyncio(loop_scope="session")
async def test_it_is_said_of_every_table_whether_and_why_it_grows(platform: Platform) -> None:
    for service in SERVICES:
        undecided = set(await tables_of(platform, service)) - set(KEPT[service]) - SMALL - PASSING
        assert undecided == set(), f"put these tables of {service} into benchmarks/soak_watch.py"


@pytest.mark.parametrize(
    ("name", "values", "wrong"),
    [
        ("memory of notifications", [100 * MEGABYTE + second * MEGABYTE for second in range(120)], True),
        ("memory of notifications", [(100 + second % 7) * MEGABYTE for second in range(120)], False),
        ("memory of PostgreSQL", [100 * MEGABYTE + second * MEGABYTE for second in range(120)], True),
        ("memory of PostgreSQL", [(200 - 60 * 0.95**second) * MEGABYTE for second in range(120)], False),
        ("memory of notifications", [(200 - 60 * 0.95**second) * MEGABYTE for second in range(120)], True),
        ("files of applications", [30.0 + second / 4 for second in range(120)], True),
        ("connections of applications", [12.0, 13.0, 12.0, 14.0] * 30, False),
        ("rows of notifications.outbox", [float(second * 10) for second in range(120)], True),
        ("rows of notifications.document", [float(second * 10) for second in range(120)], False),
    ],
)
def test_a_leak_is_told_from_noise(name: str, values: list[float], *, wrong: bool) -> None:
    watch = Watch()
    for second, value in enumerate(values):
        watch.note(float(second), {name: value})
    pace = Pace(rate=5.0, seconds=LONG_SECONDS, warm_up=0.0, look_every=1.0, kept=5.0)
    assert (growing(watch, pace) != {}) is wrong


def endless_budget(platform: Platform, file: Path) -> None:
    year = {"year": YEAR, "appropriation": "9999999999.00", "commitment_authorisation": "0.00"}
    file.write_text(json.dumps({"titles": [{"key": TITLE, "name": "Zuwendungen (Test)", "years": [year]}]}))
    platform.command("kfi-applications", "budget", "load", str(file), service="applications")
