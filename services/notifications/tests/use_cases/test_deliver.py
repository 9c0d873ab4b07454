"""What leaves the house: once, the signed version, and what stops one letter stops no other."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from kfi_chassis.sealing import Sealer, new_sealing_key
from kfi_contracts.letters import GrantDecisionFacts, GrantRejectionFacts, LetterContent, content_bytes
from kfi_notifications.configuration import DEMO
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.backoff import LONGEST
from kfi_notifications.domain.notification import Notification
from kfi_notifications.use_cases.deliver import AT_ONCE, hand_over_due, prepare_due
from kfi_notifications.work import NotificationsWork

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)


class Crash(BaseException):
    """The process ends at this instruction; nothing catches it."""


async def state_of(office: Any, notification_id: UUID) -> Notification:
    found: Notification = await office.run(lambda work: work.notifications.get(notification_id))
    return found


async def obstacle_of(office: Any, notification_id: UUID) -> str | None:
    obstacles = await office.run(lambda work: work.deliveries.obstacles([notification_id]))
    return str(obstacles[notification_id]) if notification_id in obstacles else None


async def test_a_letter_goes_to_the_spool_and_is_said_to_be_dispatched_that_day(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    entry_file, pdf_file = office.spooled()
    assert pdf_file.read_bytes().startswith(b"%PDF")
    assert json.loads(entry_file.read_bytes())["sha256"] == sha256(pdf_file.read_bytes()).hexdigest()
    ((number, kind, facts),) = await office.events()
    assert (number, kind, facts["dispatched_on"]) == (1, "notification-dispatched.v1", "2026-03-09")
    assert (facts["notification_id"], facts["ordered_by"]) == (str(notification_id), "applications")


async def test_the_file_that_left_is_kept_as_the_very_version(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    document = await office.run(lambda work: work.documents.get(notification_id))
    assert document.content == office.spooled()[1].read_bytes()
    assert document.sha256 == sha256(document.content).hexdigest()
    assert (await state_of(office, notification_id)).content is None


async def test_nothing_in_the_manifest_says_who_gets_the_letter(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    entry = json.loads(office.spooled()[0].read_bytes())
    assert set(entry) == {"notification_id", "file", "sha256", "pages"}


async def test_another_content_than_the_signed_one_is_never_sent(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = uuid4()
    forged = content_bytes(content_of(grant_facts, organisation="Somebody Else"))
    sealed = office.sealer.seal(forged, bound_to=str(notification_id))
    await office.accept(office.order(content_of(grant_facts), notification_id=notification_id, content=sealed))
    await office.deliver()
    assert office.spooled() == []
    ((_, kind, facts),) = await office.events()
    assert (kind, facts["reason"], facts["final"]) == ("notification-failed.v1", "content_digest_mismatch", True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("bound_elsewhere", "content_not_openable"),
        ("not_content", "content_invalid"),
        ("another_template", "content_invalid"),
        ("template_version", "template_unknown"),
        ("language", "language_unknown"),
    ],
)
async def test_what_is_wrong_for_good_fails_with_its_reason(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents, fault: str, reason: str
) -> None:
    content, notification_id = content_of(grant_facts), uuid4()
    garbage = b'{"facts": 1}'
    changes: dict[str, dict[str, Any]] = {
        "bound_elsewhere": {"content": office.sealer.seal(content_bytes(content), bound_to="another")},
        "not_content": {
            "content": office.sealer.seal(garbage, bound_to=str(notification_id)),
            "content_digest": sha256(garbage).hexdigest(),
        },
        "another_template": {"template": "grant-rejection"},
    }
    signed: dict[str, dict[str, Any]] = {"template_version": {"template_version": 9}, "language": {"language": "fr"}}
    order = office.order(
        content.model_copy(update=signed.get(fault, {})),
        notification_id=notification_id,
        **changes.get(fault, {}),
    )
    await office.accept(order)
    await office.deliver()
    assert [facts["reason"] for _, _, facts in await office.events()] == [reason]
    assert await obstacle_of(office, notification_id) is None


async def test_a_letter_that_cannot_be_set_waits_and_holds_up_no_other(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    unprintable = rejection_facts.model_copy(update={"project_title": "\N{CJK UNIFIED IDEOGRAPH-4E00}"})
    bad = await office.accept(office.order(content_of(unprintable)))
    good = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    assert [path.stem for path in office.spooled()] == [str(good), str(good)]
    assert await obstacle_of(office, bad) == "typesetting_missing_glyph"


async def test_a_fault_of_ours_in_one_letter_holds_up_no_other(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await office.accept(office.order(content_of(rejection_facts)))
    good = await office.accept(office.order(content_of(rejection_facts)))
    write = NotificationsWork.writing_desk.func.__globals__["WritingDesk"].write  # type: ignore[attr-defined]

    async def faulty(self: Any, notification: Notification, **times: Any) -> Any:
        if notification.id == bad:
            raise ZeroDivisionError
        return await write(self, notification, **times)

    monkeypatch.setattr("kfi_notifications.writing.WritingDesk.write", faulty)
    await office.deliver()
    assert await obstacle_of(office, bad) == "fault"
    assert (await state_of(office, good)).dispatched_on == MONDAY


async def test_no_decision_leaves_without_a_confirmed_court(
    office_with: Callable[..., Awaitable[Any]],
    rejection_facts: GrantRejectionFacts,
    content_of: Contents,
    tmp_path: Any,
) -> None:
    courts = tmp_path / "courts.toml"
    courts.write_text((DEMO / "courts.toml").read_text("utf-8").replace('confirmed_by = "Vorführung"\n', ""), "utf-8")
    office = await office_with(courts_file=courts)
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    assert office.spooled() == []
    assert await obstacle_of(office, notification_id) == "court_unconfirmed"


async def test_a_key_that_is_not_here_yet_is_waited_for(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    content, notification_id = content_of(rejection_facts), uuid4()
    sealed = Sealer(new_sealing_key()).seal(content_bytes(content), bound_to=str(notification_id))
    await office.accept(office.order(content, notification_id=notification_id, content=sealed))
    await office.deliver()
    assert await obstacle_of(office, notification_id) == "sealing_key_unknown"


async def test_what_waits_is_tried_again_after_its_wait_and_not_before(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    spool = office.folder / "spool"
    spool.write_text("a file where the folder should be")
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    assert await obstacle_of(office, notification_id) == "print_spool_unavailable"
    spool.unlink()
    await office.deliver()
    assert office.spooled() == []
    office.clock.advance(LONGEST)
    await office.deliver()
    assert len(office.spooled()) == 2


async def test_an_order_for_a_later_day_waits_for_it(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    await office.accept(office.order(content_of(rejection_facts), not_before=TUESDAY))
    await office.deliver()
    assert office.spooled() == []
    office.on(TUESDAY)
    await office.deliver()
    assert [path.parent.name for path in office.spooled()] == ["2026-03-10", "2026-03-10"]


async def test_after_a_crash_between_handing_over_and_commit_there_is_one_letter_with_the_same_bytes(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    notification_id = await office.accept(office.order(content_of(grant_facts)))
    await office.run(prepare_due)
    with monkeypatch.context() as patched:
        patched.setattr(Notification, "dispatch", crash)
        with pytest.raises(Crash):
            await office.run(partial(hand_over_due, Step.LETTER))
    first = [(path, path.read_bytes()) for path in office.spooled()]
    assert len(first) == 2
    assert await office.events() == []
    office.on(TUESDAY)  # the process comes back a day later
    await office.deliver()
    assert [(path, path.read_bytes()) for path in office.spooled()] == first
    assert (await state_of(office, notification_id)).dispatched_on == MONDAY
    assert len(await office.events()) == 1


async def test_a_crash_while_writing_repeats_the_letter_from_the_start(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.accept(office.order(content_of(grant_facts)))
    with monkeypatch.context() as patched:
        patched.setattr(Notification, "prepare", crash)
        with pytest.raises(Crash):
            await office.run(prepare_due)
    await office.deliver()
    assert len(office.spooled()) == 2
    assert [number for number, _, _ in await office.events()] == [1]


async def test_many_workers_hand_over_each_letter_once(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    ids = [await office.accept(office.order(content_of(rejection_facts))) for _ in range(6)]
    await asyncio.gather(*(office.deliver() for _ in range(4)))
    events = await office.events()
    assert sorted(facts["notification_id"] for _, _, facts in events) == sorted(str(each) for each in ids)
    assert len(office.spooled()) == 2 * len(ids)


async def test_a_burst_leaves_together_and_each_letter_is_a_conversation_of_its_own(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    ids = [await office.accept(office.order(content_of(rejection_facts))) for _ in range(AT_ONCE + 1)]
    assert [await office.run(prepare_due) for _ in range(3)] == [AT_ONCE, 1, 0]
    assert [await office.run(partial(hand_over_due, Step.LETTER)) for _ in range(3)] == [AT_ONCE, 1, 0]
    assert len(office.spooled()) == 2 * len(ids)
    told = text("SELECT count(DISTINCT headers ->> 'ce_correlationid'), count(*) FROM outbox")
    assert (await office.run(lambda work: work.connection.execute(told))).one() == (len(ids), len(ids))


async def test_what_waits_is_seen_with_its_obstacle_and_its_age(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    (office.folder / "spool").write_text("a file where the folder should be")
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    (waiting,) = await office.run(lambda work: work.deliveries.waiting(today=MONDAY))
    assert (waiting.step, waiting.obstacle, waiting.count) == (Step.LETTER, "print_spool_unavailable", 1)
    assert waiting.since <= office.clock.now() + timedelta(minutes=1)


def crash(*_: object) -> None:
    raise Crash
