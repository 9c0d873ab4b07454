"""What several tests of the notifications service start from."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from services.notifications.tests.mailbox import Mailbox
from sqlalchemy import select

from kfi_chassis.clock import FixedClock, MovableCalendar
from kfi_chassis.database import create_engine
from kfi_chassis.identity import SYSTEM
from kfi_chassis.migrate import upgrade
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.sealing import Sealer
from kfi_chassis.settings import Profile
from kfi_chassis.work import Transactions
from kfi_contracts.addressees import Addressee
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import (
    EMAIL_KINDS,
    Facts,
    GrantDecisionFacts,
    GrantRejectionFacts,
    LetterContent,
    Summary,
    content_bytes,
    content_digest,
)
from kfi_contracts.notifications import Channel, LegalEffect, NotificationOrdered
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_notifications.channels.smtp import SmtpSecurity
from kfi_notifications.configuration import DEMO, SUMMARIES, read_courts, read_letterhead, read_summaries
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.domain.summaries import Summaries
from kfi_notifications.press import Press
from kfi_notifications.sealing_keys import add_key_pair
from kfi_notifications.settings import NotificationsSettings
from kfi_notifications.tables import chassis
from kfi_notifications.typesetting import Document
from kfi_notifications.use_cases.accept_order import accept_order
from kfi_notifications.use_cases.deliver import hand_over_due, prepare_due
from kfi_notifications.work import NotificationsWork

T = TypeVar("T")
SAMPLES = Path(__file__).with_name("samples")
MANY_ROUNDS = 50
outbox = chassis.outbox


@pytest.fixture
def letterhead() -> Letterhead:
    return read_letterhead(DEMO / "letterhead.toml", Profile.TEST)


@pytest.fixture
def courts() -> CourtDirectory:
    return read_courts(DEMO / "courts.toml", Profile.TEST)


@pytest.fixture
def addressee() -> Addressee:
    return Addressee.model_validate_json((SAMPLES / "addressee.json").read_bytes())


@pytest.fixture
def grant_facts() -> GrantDecisionFacts:
    return GrantDecisionFacts.model_validate_json((SAMPLES / "grant.json").read_bytes())


@pytest.fixture
def grant_in_full_facts() -> GrantDecisionFacts:
    return GrantDecisionFacts.model_validate_json((SAMPLES / "grant_in_full.json").read_bytes())


@pytest.fixture
def rejection_facts() -> GrantRejectionFacts:
    return GrantRejectionFacts.model_validate_json((SAMPLES / "rejection.json").read_bytes())


@pytest.fixture
def receipt_facts() -> ReceiptAcknowledgementFacts:
    return ReceiptAcknowledgementFacts.model_validate_json((SAMPLES / "receipt.json").read_bytes())


@pytest.fixture
def information_facts() -> InformationRequestFacts:
    return InformationRequestFacts.model_validate_json((SAMPLES / "information_request.json").read_bytes())


@pytest.fixture
def correction_facts() -> GrantCorrectionFacts:
    return GrantCorrectionFacts.model_validate_json((SAMPLES / "correction.json").read_bytes())


@pytest.fixture
def summaries() -> Summaries:
    return read_summaries(SUMMARIES, Profile.TEST)


@pytest.fixture
def content_of(addressee: Addressee) -> Callable[..., LetterContent]:
    def content(
        facts: Facts, *, template_version: int = 1, summary: str | None = None, **addressee_changes: object
    ) -> LetterContent:
        return LetterContent(
            template=facts.kind,
            template_version=template_version,
            language="de",
            addressee=Addressee(**(dict(addressee) | addressee_changes)),
            reference="36-2026-0042",
            facts=facts,
            summary=None if summary is None else Summary(language=summary, version=1),
        )

    return content


@pytest.fixture
def example_of() -> Callable[..., LetterContent]:
    """A published example, with other facts, another summary or other particulars of the addressee."""

    def content(name: str, *, summary: str | None = None, to: dict[str, object] | None = None, **facts: object) -> Any:
        example = LETTER_EXAMPLES[name]
        changes = {
            "facts": type(example.facts).model_validate({**dict(example.facts), **facts}),
            "addressee": type(example.addressee).model_validate({**dict(example.addressee), **(to or {})}),
            "summary": None if summary is None else Summary(language=summary, version=1),
        }
        return LetterContent.model_validate({**dict(example), **changes})

    return content


@pytest.fixture
def render(letterhead: Letterhead, courts: CourtDirectory, summaries: Summaries) -> Callable[..., Awaitable[Document]]:
    async def rendered(content: LetterContent, dated_on: date = date(2026, 11, 23), *, draft: bool = False) -> Document:
        return await Press(letterhead, courts, summaries).print(content, dated_on=dated_on, draft=draft)

    return rendered


@dataclass(frozen=True)
class Office:
    """The service in a test: a real database, a calendar and a clock the test moves, a spool folder of its own."""

    transactions: Transactions[NotificationsWork]
    clock: FixedClock
    date_file: Path
    folder: Path
    sealer: Sealer

    def on(self, day: date) -> None:
        """Move the business date."""
        self.date_file.write_text(day.isoformat(), "utf-8")

    async def run(self, use: Callable[[NotificationsWork], Awaitable[T]]) -> T:
        """Run a use case in a transaction of its own."""
        return await self.transactions.run(use, actor=SYSTEM("notifications"))

    async def deliver(self) -> None:
        """Do all work that is due."""
        steps: list[Callable[[NotificationsWork], Awaitable[int]]] = [prepare_due]
        steps += [partial(hand_over_due, step) for step in Step if step is not Step.PREPARE]
        for _ in range(MANY_ROUNDS):
            if not any([await self.run(step) for step in steps]):
                return
        raise AssertionError("what was put off is tried again at once")

    async def events(self) -> list[tuple[int, str, dict[str, Any]]]:
        """What was published so far: number, short type, facts."""
        found = select(outbox.c.sequence, outbox.c.type, outbox.c.payload).order_by(outbox.c.position)
        rows = await self.run(lambda work: work.connection.execute(found))
        return [
            (row.sequence, row.type.removeprefix("de.nrw.kfi.notifications."), json.loads(row.payload)) for row in rows
        ]

    def spooled(self) -> list[Path]:
        """All files in the print spool."""
        return sorted(path for path in (self.folder / "spool").rglob("*") if path.is_file())

    def order(self, content: LetterContent, /, **changes: Any) -> NotificationOrdered:
        """An order for this content, sealed for this office; `changes` plant a fault."""
        is_email = content.template in EMAIL_KINDS
        notification_id = changes.pop("notification_id", None) or uuid4()
        opened = content_bytes(content)
        facts: dict[str, Any] = {
            "notification_id": notification_id,
            "ordered_by": "applications",
            "concerns": UUID(int=2),
            "act_id": None if is_email else UUID(int=3),
            "channel": Channel.EMAIL if is_email else Channel.LETTER,
            "legal_effect": LegalEffect.NONE if is_email else LegalEffect.ACT,
            "template": content.template,
            "template_version": content.template_version,
            "language": content.language,
            "content_digest": content_digest(opened),
            "content": self.sealer.seal(opened, bound_to=str(notification_id)),
        }
        return NotificationOrdered(**(facts | changes))

    async def accept(self, order: NotificationOrdered) -> UUID:
        """Take an order in."""
        await self.run(partial(accept_order, order))
        return order.notification_id


@pytest.fixture
def settings_of(tmp_path: Path) -> Callable[..., NotificationsSettings]:
    """Settings of a test process; the keys are made anew."""
    add_key_pair(tmp_path / "private.json", tmp_path / "public.json")
    KeyFile.with_a_new_key(tmp_path / "person-keys.json")

    def settings(**changes: Any) -> NotificationsSettings:
        facts: dict[str, Any] = {
            "profile": Profile.TEST,
            "database_url": "postgresql://nobody@127.0.0.1/nothing",
            "kafka_bootstrap": "127.0.0.1:1",
            "issuer": "https://issuer.example",
            "jwks_url": "https://issuer.example/jwks",
            "http_port": 0,
            "person_keys_file": tmp_path / "person-keys.json",
            "letterhead_file": DEMO / "letterhead.toml",
            "courts_file": DEMO / "courts.toml",
            "opener_keys_file": tmp_path / "private.json",
            "spool_folder": tmp_path / "spool",
            "smtp_host": "127.0.0.1",
            "smtp_port": 1,
            "smtp_sender": "kfi@bra.example",
            "smtp_security": SmtpSecurity.NONE,
            "business_date_file": tmp_path / "today",
        }
        return NotificationsSettings(**(facts | changes))

    return settings


@pytest.fixture
async def office_with(
    fresh_database: Any, tmp_path: Path, settings_of: Callable[..., NotificationsSettings]
) -> AsyncIterator[Callable[..., Awaitable[Office]]]:
    """Opens the office on a new database, on Monday, 9 March 2026."""
    engines = []

    async def opened(**changes: Any) -> Office:
        urls = fresh_database("notifications", partial(upgrade, "kfi_notifications.migrations"))
        settings = settings_of(database_url=urls.runtime_url, **changes)
        engine = create_engine(settings.database_url)
        engines.append(engine)
        clock = FixedClock(datetime.now(UTC))
        work_class = type("WorkOfThisTest", (NotificationsWork,), {"settings": settings})
        calendar = MovableCalendar(tmp_path / "today", clock)
        transactions: Transactions[NotificationsWork] = Transactions(engine, work_class, clock=clock, calendar=calendar)
        sealer = Sealer(json.loads((tmp_path / "public.json").read_bytes()))
        office = Office(transactions, clock, tmp_path / "today", tmp_path, sealer)
        office.on(date(2026, 3, 9))
        return office

    yield opened
    for engine in engines:
        await engine.dispose()


@pytest.fixture
async def office(office_with: Callable[..., Awaitable[Office]]) -> Office:
    return await office_with()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    taking = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        taking.port = probe.getsockname()[1]
    controller = Controller(taking, hostname="127.0.0.1", port=taking.port)
    controller.start()
    yield taking
    controller.stop()
