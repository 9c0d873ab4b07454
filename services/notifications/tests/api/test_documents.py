from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from kfi_contracts.letters import GrantRejectionFacts, LetterContent
from kfi_notifications.tables import chassis

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]


async def test_the_document_is_the_very_file_that_left(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    answer = await door.get(f"/notifications/{notification_id}/document")
    pdf = office.spooled()[1]
    assert answer.content == pdf.read_bytes()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{notification_id}.pdf"'
    shown = (await door.get(f"/notifications/{notification_id}")).json()
    assert answer.headers["ETag"] == f'"{shown["document_sha256"]}"'


async def test_a_document_that_is_not_written_yet_is_not_found(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    assert (await door.get(f"/notifications/{notification_id}/document")).status_code == 404


async def test_each_look_at_a_letter_is_on_record(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    await door.get(f"/notifications/{notification_id}/document", role="auditor")
    audit = chassis.audit.c
    looks = select(audit.person).where(audit.action == "document-read", audit.aggregate_id == notification_id)
    rows = (await office.run(lambda work: work.connection.execute(looks))).all()
    assert [row.person for row in rows] == ["person-auditor"]
