"""The sealing keys are exchanged while orders wait: old and new ones open, and no key goes that is still needed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kfi_chassis.commands import execute
from kfi_chassis.sealing import Sealer, kid_of
from kfi_contracts.letters import GrantRejectionFacts, LetterContent, content_bytes
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.domain.notification import State
from kfi_notifications.main import SERVICE
from kfi_notifications.sealed_orders import sealed_orders
from kfi_notifications.sealing_keys import add_key_pair, drop_key, kids_in
from kfi_notifications.tables import chassis

pytestmark = pytest.mark.servers


def sealed(path: Path, content: LetterContent, bound_to: Any) -> str:
    return Sealer(json.loads(path.read_bytes())).seal(content_bytes(content), bound_to=str(bound_to))


async def test_two_keys_overlap_and_the_old_one_goes_when_nothing_needs_it(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Callable[..., LetterContent], tmp_path: Path
) -> None:
    content, private = content_of(rejection_facts), tmp_path / "private.json"
    old = await office.accept(office.order(content))
    kid = add_key_pair(private, tmp_path / "public.json")
    order = office.order(content)
    new = await office.accept(
        order.model_copy(update={"content": sealed(tmp_path / "public.json", content, order.notification_id)})
    )
    first, newest = kids_in(private)
    assert newest == kid
    assert await office.run(sealed_orders) == {first: 1, newest: 1}
    restarted(office)
    await office.deliver()
    found = await office.run(lambda work: work.notifications.get_all([old, new]))
    assert {each.state for each in found.values()} == {State.DISPATCHED}
    assert await office.run(sealed_orders) == {}
    drop_key(private, first)
    assert kids_in(private) == [newest]


async def test_a_parked_order_counts_as_one_that_needs_its_key(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Callable[..., LetterContent], tmp_path: Path
) -> None:
    order = office.order(content_of(rejection_facts), act_id=None)
    values = {"good": order.model_dump_json().encode(), "junk": b"{not json", "none": b'{"content": 3}'}
    for value in values.values():
        await office.run(lambda work, value=value: work.connection.execute(parked(value)))
    assert await office.run(sealed_orders) == {kid_of(order.content): 1, "unreadable": 2}


def parked(value: bytes) -> Any:
    row = {"consumer": "notifications", "topic": NotificationOrdered.topic, "partition": 0, "offset": len(value)}
    when = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    return chassis.dead_letter.insert().values(
        **row, headers=b"[]", value=value, recorded_at=when, reason="act_missing", holds_key=False
    )


def restarted(office: Any) -> None:
    """The worker reads its keys at its start."""
    settings = office.transactions._work_class.settings
    office.transactions._work_class.settings = type(settings)(**settings.model_dump())


@pytest.fixture
def in_service(office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The environment of the office as an operator has it."""
    settings = office.transactions._work_class.settings
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            monkeypatch.setenv(f"KFI_{name.upper()}", str(value.value if hasattr(value, "value") else value))
    return settings


def test_the_commands_say_what_is_needed_and_refuse_to_take_it_out(
    in_service: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = tmp_path / "private.json"
    (first,) = kids_in(private)
    assert execute(SERVICE, ["keys", "new", str(private), str(tmp_path / "public.json")]) == 0
    newest = capsys.readouterr().out.strip()
    assert execute(SERVICE, ["keys", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{first}: 0 orders", f"{newest}: 0 orders (newest)"]
    assert execute(SERVICE, ["keys", "drop", newest]) == 2
    assert "newest" in capsys.readouterr().err
    assert execute(SERVICE, ["keys", "drop", first]) == 0
    assert kids_in(private) == [newest]
