"""Prometheus as operators run it, with the platform's own rules; only their patience is shorter."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from kfi_stack.ports import LOOPBACK, free_port
from kfi_stack.probes import answers
from kfi_stack.program import Program
from kfi_stack.running_platform import Platform

from .bus import until

PROMETHEUS = shutil.which("prometheus")
MISSING = "prometheus is not on the PATH; on Debian: apt-get install prometheus"
needs_prometheus = pytest.mark.skipif(PROMETHEUS is None, reason=MISSING)
FOLDER = Path(__file__).resolve().parents[2] / "infra/prometheus"
RULES = [FOLDER / f"{name}.yaml" for name in ("rules", "slo", "allocation")]
RANGE = re.compile(r"\[\d+[mhd]\]")
SHORT_RANGE = "[5s]"
EVERY = "1s"


@asynccontextmanager
async def watch_at(
    platform: Platform, folder: Path, thresholds: Mapping[str, tuple[str, str]]
) -> AsyncIterator["Watch"]:
    """Prometheus at work at the platform."""
    watch = Watch(platform, folder, str(PROMETHEUS), thresholds)
    running = await asyncio.to_thread(platform.supervisor.start, watch.program())
    try:
        await watch.scraped()
        yield watch
    finally:
        await watch.close()
        await asyncio.to_thread(running.stop)
        platform.supervisor.forget(running)


class Watch:
    """Scrapes every service each second and evaluates every rule, at once and over seconds instead of minutes."""

    def __init__(
        self, platform: Platform, folder: Path, program: str, thresholds: Mapping[str, tuple[str, str]]
    ) -> None:
        self._platform = platform
        self._folder = folder
        self._program = program
        self._thresholds = thresholds
        self._port = free_port()
        self._http = httpx2.AsyncClient(base_url=f"http://{LOOPBACK}:{self._port}", timeout=10)

    def program(self) -> Program:
        """The server; ready once it has read its configuration."""
        (self._folder / "rules.yaml").write_text(yaml.safe_dump(self._rules()), "utf-8")
        (self._folder / "prometheus.yaml").write_text(yaml.safe_dump(self._configuration()), "utf-8")
        address = f"{LOOPBACK}:{self._port}"
        options = ("--config.file=prometheus.yaml", "--storage.tsdb.path=series", "--log.level=warn")
        return Program(
            name="Prometheus",
            argv=(self._program, f"--web.listen-address={address}", *options),
            log_file=self._folder / "prometheus.log",
            ready=lambda: answers(f"http://{address}/-/ready"),
            cwd=self._folder,
        )

    async def firing(self, name: str, **labels: str) -> bool:
        """Whether the alert fires, for a series with these labels."""
        found = (await self._http.get("/api/v1/alerts")).raise_for_status().json()["data"]["alerts"]
        wanted = {"alertname": name, **labels}.items()
        return any(wanted <= one["labels"].items() and one["state"] == "firing" for one in found)

    async def fires(self, name: str, **labels: str) -> None:
        """Wait until the alert fires."""
        await until(lambda: self.firing(name, **labels), f"{name} fires")

    async def all_fire(self, *alerts: Mapping[str, str]) -> None:
        """Wait until all of them fire."""
        await asyncio.gather(*(self.fires(**alert) for alert in alerts))

    async def all_fall_silent(self, *alerts: Mapping[str, str]) -> None:
        """Wait until none of them fires any more."""
        await asyncio.gather(*(self.falls_silent(**alert) for alert in alerts))

    async def falls_silent(self, name: str, **labels: str) -> None:
        """Wait until the alert does not fire any more."""

        async def silent() -> bool:
            return not await self.firing(name, **labels)

        await until(silent, f"{name} is silent")

    async def scraped(self) -> None:
        """Wait until every service was scraped and every rule evaluated after that."""

        async def all_up() -> bool:
            return len(await self._values("up == 1")) == len(self._platform.services)

        await until(all_up, "all services are scraped")
        (now,) = await self._values("vector(time())")

        async def evaluated() -> bool:
            groups = (await self._http.get("/metrics")).text
            times = re.findall(
                r"^prometheus_rule_group_last_evaluation_timestamp_seconds\S* (\S+)$", groups, re.MULTILINE
            )
            return bool(times) and all(float(one) > now for one in times)

        await until(evaluated, "all rules are evaluated")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _values(self, query: str) -> list[float]:
        answer = (await self._http.get("/api/v1/query", params={"query": query})).raise_for_status().json()
        return [float(one["value"][1]) for one in answer["data"]["result"]]

    def _rules(self) -> dict[str, Any]:
        """The rules with short ranges, without waiting, and with the test's thresholds in the place of theirs."""
        groups = [group for file in RULES for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
        for rule in (rule for group in groups for rule in group["rules"]):
            rule.pop("for", None)
            name = rule.get("alert") or rule["record"]
            old, new = self._thresholds.get(name, ("", ""))
            assert old in rule["expr"], f"{name} has no {old} any more"
            rule["expr"] = RANGE.sub(SHORT_RANGE, rule["expr"].replace(old, new, 1) if old else rule["expr"])
        return {"groups": groups}

    def _configuration(self) -> dict[str, Any]:
        jobs = [
            {"job_name": f"kfi-{name}", "static_configs": [{"targets": [f"{LOOPBACK}:{service.port}"]}]}
            for name, service in self._platform.services.items()
        ]
        return {
            "global": {"scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY},
            "rule_files": ["rules.yaml"],
            "scrape_configs": jobs,
        }
