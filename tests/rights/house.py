"""Both services in one process, each on its own database, with any number of organisations and nothing else running.

Orders go from one service to the other by hand; letters are written and provided as the worker would.
"""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
from sqlalchemy import text
from tests.harness.cases import BUDGET, application, grant

from kfi_applications.budget_command import BudgetFile
from kfi_applications.domain.programmes.catalogue import demonstration_calls
from kfi_applications.main import SERVICE as APPLICATIONS
from kfi_applications.use_cases.import_master_data import import_budget, import_calls
from kfi_applications.works import ApplicationsWork
from kfi_chassis.declaration import Service
from kfi_chassis.identity import SYSTEM, Principal
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.problems import Unauthenticated
from kfi_chassis.process import Process, api_of, assembled
from kfi_chassis.service import Role
from kfi_chassis.testkit.delivery import deliver, records_of
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.configuration import DEMO
from kfi_notifications.deliveries import Step
from kfi_notifications.main import SERVICE as NOTIFICATIONS
from kfi_notifications.sealing_keys import add_key_pair
from kfi_notifications.use_cases.deliver import hand_over_due, prepare_due
from kfi_notifications.work import NotificationsWork
from kfi_stack.moved_calendar import FIRST_DAY

from .roles import DUTIES

FILE: Final = b"%PDF-1.7\n%%EOF\n"
_STEPS: Final = [prepare_due, *(partial(hand_over_due, step) for step in Step if step is not Step.PREPARE)]
_ORDERS: Final = text("""
    SELECT position, payload FROM outbox
    WHERE topic = 'notifications.order.v1' AND position > :since ORDER BY position
""")


class Accounts:
    """The token is a role; of an applicant with `@` and its organisation."""

    async def verify(self, token: str) -> Principal:
        role, _, organisation = token.partition("@")
        if role not in DUTIES:
            raise Unauthenticated("not_valid")
        return Principal(f"account-{token}", f"person-{token}", frozenset({role}), organisation or None)


class Post:
    """Takes every e-mail and keeps none."""

    async def hand_over(self, _message: bytes, _recipient: str) -> None:
        """Take it."""


class WorkWithoutMail(NotificationsWork):
    """Needs no mail server."""

    mail_server = Post()  # type: ignore[assignment]


@dataclass
class House:
    """The services, and how people ask them."""

    services = ("applications", "notifications")
    processes: dict[str, Process]
    clients: dict[str, httpx2.AsyncClient]
    ordered: int = 0

    @classmethod
    async def opened(cls, folder: Path, databases: dict[str, str]) -> "House":
        """Both services on their databases, with the calls and the budget of the demo."""
        add_key_pair(folder / "private.json", folder / "public.json")
        KeyFile.with_a_new_key(folder / "person-keys.json")
        (folder / "today").write_text(FIRST_DAY.isoformat(), "utf-8")
        processes = {
            service.name: assembled(service, _settings(service, folder, databases[service.name]))
            for service in (APPLICATIONS, replace(NOTIFICATIONS, work_class=WorkWithoutMail))
        }
        clients = {}
        for name, process in processes.items():
            application_of_it = api_of(process, [Role.API])
            application_of_it.state.verifier = Accounts()
            transport = httpx2.ASGITransport(app=application_of_it, client=("192.0.2.7", 4711))
            clients[name] = httpx2.AsyncClient(transport=transport, base_url="http://house")
        house = cls(processes, clients)
        await processes["applications"].transactions.run(_begin, actor=SYSTEM("applications"))
        return house

    async def closed(self) -> None:
        """Leave nothing open."""
        for name, process in self.processes.items():
            await self.clients[name].aclose()
            await process.database.close()

    async def ask(
        self, method: str, path: str, who: str, *, body: Any = None, raw: bytes | None = None, **headers: str
    ) -> httpx2.Response:
        """One request; `body` goes as JSON, `raw` as it is."""
        sent = {"Authorization": f"Bearer {who}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        return await self.clients[path.split("/")[1]].request(method, path, headers=sent, content=content)

    async def rows(self, service: str, query: str, **values: Any) -> list[Any]:
        """What stands in a database."""

        async def read(work: Any) -> list[Any]:
            return list(await work.connection.execute(text(query), values))

        found: list[Any] = await self.processes[service].transactions.run(read, actor=SYSTEM(service))
        return found

    async def filed(self, organisation: str, *, key: str | None = None) -> str:
        """A new case of the organisation."""
        answer = await self.ask(
            "POST", "/applications/v1/applications", f"applicant@{organisation}",
            body=application(), Idempotency_Key=key or str(uuid4()),
        )  # fmt: skip
        return str(_done(answer)["id"])

    async def attached(self, organisation: str, case: str) -> str:
        """A file the organisation added to its case."""
        answer = await self.ask(
            "POST", f"/applications/v1/applications/{case}/attachments", f"applicant@{organisation}", raw=FILE,
            Idempotency_Key=str(uuid4()), Content_Type="application/pdf",
            Content_Disposition="attachment; filename*=UTF-8''Satzung.pdf",
        )  # fmt: skip
        return str(_done(answer)["id"])

    async def decided(self, case: str) -> str:
        """The letter of the decision, granted and handed over by whichever way the organisation wants."""
        address = f"/applications/v1/applications/{case}"
        proposal = grant()
        for role, action, body in (
            ("funding-caseworker", "formal-check", None), ("funding-caseworker", "substance-check", None),
            ("funding-caseworker", "proposal", proposal), ("budget-officer", "reservation", None),
            ("funding-signatory", "second-check", None),
        ):  # fmt: skip
            await self._act(role, address, action, body)
        letter = _done(await self.ask("GET", f"{address}/letter-content", "funding-signatory"))
        decided = await self._act("funding-signatory", address, "signature", {"digest": letter["digest"]})
        await self.delivered()
        return str(decided["decision"]["letter_id"])

    async def consented(self, organisation: str, *, given: bool) -> None:
        """What the organisation wants from now on."""
        address, who = "/notifications/v1/consent", f"applicant@{organisation}"
        seen = (await self.ask("GET", address, who)).headers["ETag"]
        _done(await self.ask("POST", address, who, body={"given": given}, If_Match=seen))

    async def delivered(self) -> None:
        """All orders taken, written and handed over."""
        rows = await self.rows("applications", str(_ORDERS), since=self.ordered)
        orders = [NotificationOrdered.read(bytes(row.payload)) for row in rows]
        self.ordered = max([self.ordered, *(row.position for row in rows)])
        transactions = self.processes["notifications"].transactions
        await deliver(NOTIFICATIONS.consumer, transactions, records_of(orders))  # type: ignore[arg-type]
        while any([await transactions.run(step, actor=SYSTEM("notifications")) for step in _STEPS]):
            pass

    async def _act(self, role: str, address: str, action: str, body: Any) -> dict[str, Any]:
        seen = (await self.ask("GET", address, role)).headers["ETag"]
        return _done(await self.ask("POST", f"{address}/{action}", role, body=body, If_Match=seen))


def _done(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    return dict(answer.json())


def _settings(service: Service[Any, Any], folder: Path, url: str) -> Any:
    common = {
        "profile": "test", "database_url": url, "kafka_bootstrap": "127.0.0.1:1", "issuer": "https://issuer.example",
        "jwks_url": "https://issuer.example/jwks", "http_port": 0, "business_date_file": folder / "today",
        "person_keys_file": folder / "person-keys.json",
    }  # fmt: skip
    own: dict[str, dict[str, Any]] = {
        "applications": {"sealing_key_file": folder / "public.json"},
        "notifications": {
            "letterhead_file": DEMO / "letterhead.toml", "courts_file": DEMO / "courts.toml",
            "opener_keys_file": folder / "private.json", "spool_folder": folder / "spool",
            "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_sender": "kfi@bra.example", "smtp_security": "none",
        },
    }  # fmt: skip
    return service.settings_class(**(common | own[service.name]))


async def _begin(work: ApplicationsWork) -> None:
    titles = BudgetFile.model_validate_json(json.dumps(BUDGET)).titles
    await import_budget({title.key: title.stated() for title in titles}, work, in_force=True)
    await import_calls(demonstration_calls(), work, in_force=True)
