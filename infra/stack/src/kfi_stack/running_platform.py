"""The whole platform on one machine: identity provider, mailbox, services and gateway on two servers."""

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from kfi_stack import databases, ports
from kfi_stack.credentials import Passwords
from kfi_stack.databases import DatabaseUrls
from kfi_stack.doorkeeper import NAME as DOORKEEPER
from kfi_stack.doorkeeper import doorkeeper
from kfi_stack.errors import StackError
from kfi_stack.gateway import Gateway, Limit, Service
from kfi_stack.identity.program import identity_provider, issuer
from kfi_stack.identity.tokens import Tokens
from kfi_stack.mail import mail_server
from kfi_stack.mail_folder import MailFolder
from kfi_stack.moved_calendar import MovedCalendar
from kfi_stack.parts import Say
from kfi_stack.program import Program
from kfi_stack.servers import Servers
from kfi_stack.services import ServiceProcess, installed
from kfi_stack.supervisor import Running, Supervisor

SERVICES = ("allocation", "applications", "notifications")
DEMO_LIMIT = Limit(per_second=500, burst=1000)


class Platform:
    """One platform in one folder; `start` returns once the gateway answers for every service."""

    def __init__(self, folder: Path, servers: Servers, supervisor: Supervisor, *, say: Say) -> None:
        self.folder = folder
        self.servers = servers
        self.supervisor = supervisor
        self._say = say
        names = ("identity", "mail", "gateway", "admin", *SERVICES)
        self._ports = dict(zip(names, ports.free_ports(len(names)), strict=True))
        self._passwords = Passwords(folder / "passwords.json")
        self.calendar = MovedCalendar(folder / "business-date")
        self.mails = MailFolder(folder / "mail")
        self.spool = folder / "print-spool"
        self.databases: dict[str, DatabaseUrls] = {}
        self.services: dict[str, ServiceProcess] = {}
        self.running: dict[str, Running] = {}

    @property
    def gateway_url(self) -> str:
        """The one door for people and programs."""
        return f"http://{ports.LOOPBACK}:{self._ports['gateway']}"

    @property
    def tokens(self) -> Tokens:
        """Signs in the people of the demo."""
        return Tokens(issuer(self._ports["identity"]))

    def start(self, *, budget: Mapping[str, object]) -> None:
        """Start everything; what does not depend on each other, side by side. Raises StackError."""
        self.calendar.begin()
        logs = self.folder / "logs"
        with ThreadPoolExecutor(6) as pool:
            identity = pool.submit(self.supervisor.start, self._identity())
            mail = pool.submit(self.supervisor.start, self._mail(logs))
            keys = pool.submit(self._make_keys)
            self.databases = asyncio.run(self._make_databases())
            self._say("Databases and roles are there; migrating")
            list(pool.map(self._migrate, SERVICES))
            for done in (identity, mail, keys):
                done.result()
            self._say("Identity provider and mailbox are up; starting the services")
            self.services = {name: self._service(name) for name in SERVICES}
            loaded = pool.submit(self._load_budget_and_calls, budget)
            opening = pool.submit(self.start_doorkeeper)
            self.running |= zip(SERVICES, pool.map(self.start_service, SERVICES), strict=True)
            self.running[DOORKEEPER] = opening.result()
            loaded.result()
        self.running["gateway"] = self.supervisor.start(self._gateway().program(self.folder / "gateway"))
        self._say(f"The gateway answers at {self.gateway_url}")

    def start_service(self, name: str) -> Running:
        """Start one service, also again after it was stopped or killed."""
        return self.supervisor.start(self.services[name].program(self.folder / "logs"))

    def start_doorkeeper(self) -> Running:
        """Start the process that opens towns' doors at the broker, also again after it was killed."""
        url, log_file = self.databases["allocation"].runtime_url, self.folder / "logs" / f"{DOORKEEPER}.log"
        return self.supervisor.start(doorkeeper(url, self.servers.kafka, self._doorkeeper_keys, log_file))

    def command(self, program: str, *arguments: str, service: str | None = None) -> str:
        """Run one of the platform's commands with the settings of a service; its output. Raises StackError."""
        settings = self.services[service].environment() if service else {}
        return _run([str(installed(program)), *arguments], settings)

    async def _make_databases(self) -> dict[str, DatabaseUrls]:
        made: dict[str, DatabaseUrls] = {}
        for name in SERVICES:
            owner, runtime = databases.service_roles(name)
            accounts = self._passwords.of(owner, runtime)
            database = databases.service_database(name, accounts[owner], accounts[runtime])
            made[name] = await databases.apply_database(self.servers.postgres_url, database)
        return made

    def _migrate(self, name: str) -> None:
        _run([str(installed(f"kfi-{name}")), "migrate"], {"KFI_MIGRATION_URL": self.databases[name].owner_url})

    def _identity(self) -> Program:
        return identity_provider(self._ports["identity"], self.folder / "identity")

    def _mail(self, logs: Path) -> Program:
        return mail_server(self._ports["mail"], self.folder / "mail", logs / "mail.log")

    def _make_keys(self) -> None:
        if not self._private_key.exists():
            self._private_key.parent.mkdir(parents=True, exist_ok=True)
            _run(
                [str(installed("kfi-notifications")), "keys", "new", str(self._private_key), str(self._public_key)], {}
            )
        missing = [str(file) for file in map(self.person_keys, SERVICES) if not file.exists()]
        if missing:
            _run([str(installed("kfi-notifications")), "privacy", "new-key", *missing], {})
        if not self._doorkeeper_keys.exists():
            files = str(self._doorkeeper_keys), str(self._doorkeeper_public_key)
            _run([str(installed("kfi-allocation")), "doorkeeper-key", *files], {})
        if not self.certificate_keys.exists():
            _run([str(installed("kfi-allocation")), "certificate", "keys", "--out", str(self.certificate_keys)], {})

    @property
    def certificate_keys(self) -> Path:
        """The folder with the keys of certificates of plans."""
        return self.folder / "keys" / "certificates"

    def person_keys(self, service: str) -> Path:
        """The keys of a service that wrap persons' keys."""
        return self.folder / "keys" / f"person-keys-{service}.json"

    def _load_budget_and_calls(self, budget: Mapping[str, object]) -> None:
        file = self.folder / "budget.json"
        file.write_text(json.dumps(budget, indent=2), "utf-8")
        self.command("kfi-applications", "budget", "load", str(file), service="applications")
        self.command("kfi-applications", "calls", "load", service="applications")

    @property
    def _private_key(self) -> Path:
        return self.folder / "keys" / "open-orders.json"

    @property
    def _public_key(self) -> Path:
        return self.folder / "keys" / "seal-orders.json"

    @property
    def _doorkeeper_keys(self) -> Path:
        return self.folder / "keys" / "doorkeeper-keys.json"

    @property
    def _doorkeeper_public_key(self) -> Path:
        return self.folder / "keys" / "doorkeeper-key.json"

    def _service(self, name: str) -> ServiceProcess:
        own = {
            "allocation": self._allocation, "applications": self._applications, "notifications": self._notifications,
        }[name]()  # fmt: skip
        return ServiceProcess(
            name=name,
            port=self._ports[name],
            database_url=self.databases[name].runtime_url,
            kafka_bootstrap=self.servers.kafka.bootstrap,
            kafka_security=self.servers.kafka.security,
            kafka_user=self.servers.kafka.user(name),
            issuer=issuer(self._ports["identity"]),
            business_date_file=self.folder / "business-date",
            own=own,
        )

    def _allocation(self) -> dict[str, str]:
        return {
            "SEALING_KEY_FILE": str(self._public_key),
            "PERSON_KEYS_FILE": str(self.person_keys("allocation")),
            "CERTIFICATE_KEYS": str(self.certificate_keys),
            "SOLVER_LEASE_SECONDS": "10",
            "WEBHOOKS_INSIDE": "true",
            "DOORKEEPER_KEY_FILE": str(self._doorkeeper_public_key),
            "OFFICE_FILE": str(_package_folder("kfi_allocation") / "demo" / "office.toml"),
        }

    def _applications(self) -> dict[str, str]:
        return {
            "SEALING_KEY_FILE": str(self._public_key),
            "PERSON_KEYS_FILE": str(self.person_keys("applications")),
        }

    def _notifications(self) -> dict[str, str]:
        demonstration = _package_folder("kfi_notifications") / "demo"
        return {
            "LETTERHEAD_FILE": str(demonstration / "letterhead.toml"),
            "COURTS_FILE": str(demonstration / "courts.toml"),
            "OPENER_KEYS_FILE": str(self._private_key),
            "PERSON_KEYS_FILE": str(self.person_keys("notifications")),
            "SPOOL_FOLDER": str(self.spool),
            "SMTP_HOST": ports.LOOPBACK,
            "SMTP_PORT": str(self._ports["mail"]),
            "SMTP_SENDER": "kfi@bra.example",
            "SMTP_SECURITY": "none",
        }

    def _gateway(self) -> Gateway:
        return Gateway(
            port=self._ports["gateway"],
            admin_port=self._ports["admin"],
            issuer=issuer(self._ports["identity"]),
            jwks_url=f"{issuer(self._ports['identity'])}/jwks",
            services=tuple(Service(name, self._ports[name]) for name in SERVICES),
            per_subject=DEMO_LIMIT,
        )


def _run(command: Sequence[str], settings: Mapping[str, str]) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KFI_")}
    done = subprocess.run(  # noqa: S603 - the platform's own programs
        command, env={**inherited, **settings}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = " | ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StackError(f"{Path(command[0]).name} {command[1]} failed and said: {told}; put right what it names.")
    return done.stdout


def _package_folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise StackError(f"The package {package} is not installed: run `make demo`, which installs it.")
    return Path(found.origin).parent
