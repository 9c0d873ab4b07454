"""A town's client as its IT runs it: the programs of `examples/municipality`, one per door, by their commands."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kfi_stack import ports
from kfi_stack.demo.person import Json
from kfi_stack.errors import StackError
from kfi_stack.identity.directory import Directory
from kfi_stack.program import Program
from kfi_stack.running_platform import Platform
from kfi_stack.supervisor import Running

EXAMPLE: Final = Path(__file__).parents[5] / "examples" / "municipality"
FEED, WEBHOOK, TOPIC = DOORS = ("feed", "webhook", "topic")
CONTACT: Final = "it@stadt.example"


@dataclass
class TownClient:
    """The client of one town; it knows what a town knows: addresses, its own client and secret."""

    platform: Platform
    ags: str
    running: list[Running] = field(default_factory=list)
    webhook: str = ""
    """The id of its endpoint."""
    topic: str = ""
    test_id: str = ""
    """Of the event that was asked for through all doors."""

    def __post_init__(self) -> None:
        self.folder = self.platform.folder / f"town-{self.ags}"
        self.folder.mkdir(exist_ok=True)

    async def begin(self) -> None:
        """Follow the feed, add an endpoint, ask for the topic, follow both. Raises StackError."""
        port = ports.free_port()
        kafka = self.platform.servers.kafka
        await self._follow(FEED)
        self.webhook = await self.ask("add-webhook", f"http://{ports.LOOPBACK}:{port}/hook", CONTACT)
        await self._follow(WEBHOOK, lambda: ports.is_open(port), KFI_LISTEN=f"{ports.LOOPBACK}:{port}")
        self.topic = await self.ask("open-topic")
        await self._follow(TOPIC, KFI_KAFKA=kafka.bootstrap, KFI_KAFKA_SECURITY=kafka.security)
        self.test_id = await self.ask("test")

    async def ask(self, *words: str) -> str:
        """One command; what it says. Raises StackError."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KFI_")}
        done = await asyncio.to_thread(
            subprocess.run, self._command(*words), env=inherited | self._settings(), capture_output=True, text=True
        )
        if done.returncode:
            raise StackError(f"The client of {self.ags} cannot {words[0]}: {done.stderr.strip().splitlines()[-1]}")
        return str(done.stdout.strip())

    def heard(self, door: str) -> list[Json]:
        """The events it got through a door, in the order in which they came."""
        journal = self._file(door, "journal")
        return [json.loads(line) for line in journal.read_text("utf-8").splitlines()] if journal.exists() else []

    def households(self, door: str) -> dict[str, Any]:
        """The town's households as it knows them from a door."""
        known: dict[str, Any] = json.loads(self._file(door, "state").read_text("utf-8"))["households"]
        return known

    async def end(self) -> None:
        """Stop its programs."""
        for one in self.running:
            await asyncio.to_thread(one.stop)
            self.platform.supervisor.forget(one)

    async def _follow(self, door: str, ready: Callable[[], bool] = lambda: True, **settings: str) -> None:
        state = self._file(door, "state")
        files = {"KFI_STATE": str(state), "KFI_JOURNAL": str(self._file(door, "journal"))}
        program = Program(
            name=f"client of {self.ags}: {door}",
            argv=tuple(self._command(door)),
            log_file=self.platform.folder / "logs" / f"town-{self.ags}-{door}.log",
            ready=lambda: state.exists() and ready(),
            env={**self._settings(), **files, **settings},
        )
        self.running.append(await asyncio.to_thread(self.platform.supervisor.start, program))

    def _file(self, door: str, what: str) -> Path:
        return self.folder / f"{door}-{what}.json"

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "municipality_client", *words]

    def _settings(self) -> dict[str, str]:
        client = f"town-{self.ags}"
        (secret,) = (one.client_secret for one in Directory.from_file().clients if one.client_id == client)
        return {
            "PYTHONPATH": str(EXAMPLE),
            "KFI_URL": self.platform.gateway_url,
            "KFI_TOKEN_URL": f"{self.platform.services['allocation'].issuer}/token",
            "KFI_CLIENT": client,
            "KFI_SECRET": secret or "",
            "KFI_AGS": self.ags,
            "KFI_KEYS": str(self.folder / "keys.json"),
        }


def kind_of(event: Json) -> str:
    """What a municipal event tells, without the names around it."""
    return str(event["type"]).removeprefix("de.nrw.kfi.municipality.").removesuffix(".v1")
