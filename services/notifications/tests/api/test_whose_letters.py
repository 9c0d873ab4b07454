"""A family's letters are no business of those who decide on grants, and the other way round; auditors read all."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_contracts.letters import GrantRejectionFacts, LetterContent

pytestmark = pytest.mark.servers
FUNDING = ("funding-caseworker", "funding-signatory")
ALLOCATION = ("allocation-planner", "allocation-signatory")
HOUSEHOLD = UUID(int=71)


@pytest.fixture
async def letters(
    office: Any,
    rejection_facts: GrantRejectionFacts,
    content_of: Callable[..., LetterContent],
    example_of: Callable[..., LetterContent],
) -> dict[str, UUID]:
    """A letter of each office, dispatched."""
    grant = await office.accept(office.order(content_of(rejection_facts)))
    about_town = example_of("allocation-decision")
    family = await office.accept(office.order(about_town, ordered_by="allocation", concerns=HOUSEHOLD))
    await office.deliver()
    return {"applications": grant, "allocation": family}


def offices() -> list[Any]:
    sides = (("applications", FUNDING, ALLOCATION), ("allocation", ALLOCATION, FUNDING))
    return [pytest.param(*side, id=side[0]) for side in sides]


@pytest.mark.parametrize(("service", "own", "others"), offices())
async def test_a_letter_is_read_by_its_office_and_auditors_and_does_not_exist_for_another(
    service: str, own: tuple[str, ...], others: tuple[str, ...], letters: dict[str, UUID], door: Any
) -> None:
    paths = [f"/notifications/{letters[service]}", f"/notifications/{letters[service]}/document"]
    for path in paths:
        for role in (*own, "auditor"):
            assert (await door.get(path, role=role)).status_code == 200, role
        for role in others:
            assert (await door.get(path, role=role)).status_code == 404, role


@pytest.mark.parametrize(("service", "own", "others"), offices())
async def test_what_is_about_a_case_is_listed_and_exported_for_its_own_office(
    service: str, own: tuple[str, ...], others: tuple[str, ...], letters: dict[str, UUID], door: Any
) -> None:
    concerns = str(UUID(int=2) if service == "applications" else HOUSEHOLD)
    for role, expected in ((own[0], [str(letters[service])]), ("auditor", [str(letters[service])]), (others[0], [])):
        listed = (await door.get("/notifications", role=role, concerns=concerns)).json()["items"]
        assert [each["id"] for each in listed] == expected
    assert (await door.get("/exports", role=own[0], concerns=concerns)).status_code == 200
    assert (await door.get("/exports", role=others[0], concerns=concerns)).status_code == 404


@pytest.mark.parametrize(("service", "own", "others"), offices())
async def test_a_letter_that_came_back_is_recorded_by_its_own_office(
    service: str, own: tuple[str, ...], others: tuple[str, ...], letters: dict[str, UUID], door: Any
) -> None:
    path, body = f"/notifications/{letters[service]}/return", {"reason": "moved", "returned_on": "2026-03-09"}
    assert (await door.post(path, body, role=others[0], seen='"3"')).status_code == 404
    shown = (await door.get(f"/notifications/{letters[service]}", role=own[0])).json()
    assert shown["actions"] == ["read-document", "record-return"]
    assert (await door.post(path, body, role=own[0], seen='"3"')).status_code == 200


@pytest.mark.parametrize(("service", "own", "others"), offices())
async def test_a_letter_is_held_and_recalled_by_who_signs_such_letters(
    service: str, own: tuple[str, ...], others: tuple[str, ...], office: Any, door: Any, content_of: Any,
    example_of: Any, rejection_facts: GrantRejectionFacts,
) -> None:  # fmt: skip
    content = content_of(rejection_facts) if service == "applications" else example_of("allocation-decision")
    waiting = await office.accept(office.order(content, ordered_by=service, concerns=UUID(int=99)))
    hold = {"scope": "notification", "target": str(waiting), "reason": "content"}
    assert (await held(door, hold, others[1])).status_code == 404
    assert (await held(door, hold, own[1])).status_code == 201
    recall = f"/notifications/{waiting}/recall"
    seen = (await door.get(f"/notifications/{waiting}", role=own[1])).headers["ETag"]
    assert (await door.post(recall, {"reason": "other"}, role=others[1], seen=seen)).status_code == 404
    assert (await door.post(recall, {"reason": "other"}, role=own[1], seen=seen)).status_code == 200


@pytest.mark.parametrize("scope", ["service", "template"])
@pytest.mark.parametrize(("service", "own", "others"), offices())
async def test_all_letters_of_an_office_are_held_and_released_by_its_signatory_or_an_operator(
    scope: str, service: str, own: tuple[str, ...], others: tuple[str, ...], door: Any
) -> None:
    template = "grant-decision" if service == "applications" else "allocation-decision"
    hold = {"scope": scope, "target": service if scope == "service" else template, "reason": "content"}
    assert (await held(door, hold, others[1])).status_code == 403
    placed = await held(door, hold, own[1])
    assert placed.status_code == 201
    assert placed.json()["actions"] == ["release"]
    path = f"/holds/{placed.json()['id']}"
    assert (await door.get(path, role=others[1])).json()["actions"] == []
    assert (await door.post(f"{path}/release", {}, role=others[1], seen='"1"')).status_code == 403
    assert (await door.post(f"{path}/release", {}, role="operator", seen='"1"')).status_code == 200


async def test_what_an_unknown_service_ordered_is_read_by_auditors_alone(
    office: Any, door: Any, example_of: Callable[..., LetterContent]
) -> None:
    other = await office.accept(office.order(example_of("allocation-decision"), ordered_by="pensions"))
    for role in (*FUNDING, *ALLOCATION):
        assert (await door.get(f"/notifications/{other}", role=role)).status_code == 404
    assert (await door.get(f"/notifications/{other}", role="auditor")).status_code == 200


async def held(door: Any, body: dict[str, Any], role: str) -> Any:
    headers = {"Authorization": f"Bearer {role}", "Idempotency-Key": str(uuid4())}
    return await door.client.post("/notifications/v1/holds", headers=headers, json=body)
