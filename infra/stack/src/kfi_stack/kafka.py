"""One node of Apache Kafka 4.3 (KRaft) on loopback: SCRAM users, ACLs, nothing created by itself."""

import base64
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kfi_stack import ports
from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError
from kfi_stack.kafka_classes import SMALL_JAVA, fast_start
from kfi_stack.kafka_settings import ALONE, NODE, REPLICATED
from kfi_stack.parts import Say, fetch, java
from kfi_stack.program import Program

LOG_SETTINGS = Path(__file__).with_name("kafka_log4j2.properties")
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True)
class Voter:
    """A controller as its peers know it: number, address, and the identity its folder gets."""

    node_id: int
    port: int
    directory_id: str

    def __str__(self) -> str:
        return f"{self.node_id}@{ports.LOOPBACK}:{self.port}:{self.directory_id}"


@dataclass(frozen=True)
class Quorum:
    """The nodes that make one cluster, and its identity; each of them is a voter."""

    cluster_id: str
    voters: tuple[Voter, ...]


@dataclass(frozen=True)
class Kafka:
    """One node, broker and controller at once: its folder, its two ports, its superuser, its controller's own user.

    Alone it is a cluster of one; with a quorum it is the node of that number in a cluster that outlives any of them.
    """

    folder: Path
    port: int
    controller_port: int
    admin: Credentials
    controller: Credentials
    heap_megabytes: int = 256
    java_options: tuple[str, ...] | None = None
    """Instead of those that make it start fast, for the run that finds out what it loads."""
    node_id: int = 1
    quorum: Quorum | None = None

    @property
    def name(self) -> str:
        """What its supervisor calls it."""
        return "Apache Kafka" if self.quorum is None else f"Apache Kafka {self.node_id}"

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"{ports.LOOPBACK}:{self.port}"

    @property
    def data(self) -> Path:
        """Where the node keeps its log."""
        return self.folder / "data"

    def program(self, *, say: Say = print) -> Program:
        """Returns the program, after fetching its parts and formatting its folder if that has not been done yet."""
        jars = fetch("kafka", say=say)
        fast = fast_start(jars, say=say) if self.java_options is None else self.java_options
        command = (*self._java(), *fast, "-cp", os.pathsep.join(map(str, jars)))
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self._write_settings()
        if not (self.data / "meta.properties").exists():
            self._format(command)
        return Program(
            name=self.name,
            argv=(*command, "kafka.Kafka", str(settings)),
            log_file=self.folder / "kafka.log",
            ready=lambda: ports.is_open(self.port),
            ports=(self.port, self.controller_port),
        )

    def _java(self) -> tuple[str, ...]:
        heap, log = f"-Xmx{self.heap_megabytes}m", f"-Dlog4j2.configurationFile={LOG_SETTINGS.as_uri()}"
        return str(java()), *SMALL_JAVA, heap, "-XX:+ExitOnOutOfMemoryError", log

    def _format(self, command: tuple[str, ...]) -> None:
        """Gives the node its identity and its superuser, in a draft: a start killed half-way leaves nothing half."""
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        settings = self.folder / "format.properties"
        write_private(settings, self._settings(draft))
        admin = f"SCRAM-SHA-512=[name={self.admin.username},password={self.admin.password}]"
        formatting = (
            *command, "kafka.tools.StorageTool", "format", "-c", str(settings), *self._identity(), "--add-scram", admin,
        )  # fmt: skip
        done = subprocess.run(formatting, capture_output=True, text=True, check=False)  # noqa: S603 - our own Java
        settings.unlink()
        if done.returncode != 0:
            told = " | ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
            raise StackError(f"Apache Kafka cannot format {draft} ({told}): free disk space or choose another folder.")
        draft.rename(self.data)

    def _identity(self) -> tuple[str, ...]:
        if self.quorum is None:
            return "-t", new_id(), "--standalone"
        return "-t", self.quorum.cluster_id, "--initial-controllers", ",".join(map(str, self.quorum.voters))

    def _write_settings(self) -> Path:
        file = self.folder / "server.properties"
        write_private(file, self._settings(self.data))
        return file

    def _settings(self, data: Path) -> str:
        login = f'{SCRAM_LOGIN} required username="{self.admin.username}" password="{self.admin.password}";'
        name, password = self.controller.username, self.controller.password
        controller_login = f'{PLAIN_LOGIN} required username="{name}" password="{password}" user_{name}="{password}";'
        controllers = [self.controller_port] if self.quorum is None else [one.port for one in self.quorum.voters]
        settings = {
            **NODE,
            **(ALONE if self.quorum is None else REPLICATED),
            "node.id": self.node_id,
            "log.dirs": data,
            "controller.quorum.bootstrap.servers": ",".join(f"{ports.LOOPBACK}:{port}" for port in controllers),
            "listeners": f"CLIENT://{self.bootstrap},CONTROLLER://{ports.LOOPBACK}:{self.controller_port}",
            "listener.name.client.scram-sha-512.sasl.jaas.config": login,
            "listener.name.controller.plain.sasl.jaas.config": controller_login,
            "super.users": f"User:{self.admin.username};User:{name}",
        }
        return "".join(f"{key}={value}\n" for key, value in settings.items())


def new_id(random: Callable[[], uuid.UUID] = uuid.uuid4) -> str:
    """A new identity in Kafka's own form; like Kafka's, never one that begins as an option of its command line does."""
    while True:
        written = base64.urlsafe_b64encode(random().bytes).decode().rstrip("=")
        if not written.startswith("-"):
            return written


def write_private(file: Path, content: str) -> None:
    """Writes a file only its owner can read: it holds passwords."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(content)
