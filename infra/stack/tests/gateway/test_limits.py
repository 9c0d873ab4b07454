"""How much the gateway takes: of a body, of a subject, of a source."""

from typing import Any

import pytest

from kfi_stack.gateway import Limit

pytestmark = pytest.mark.servers

MEBIBYTE = 1_048_576
ATTACHMENTS = "/applications/v1/applications/1/attachments"


async def test_a_body_over_a_mebibyte_is_refused(gateway: str, ask: Any, problem: Any, token: str) -> None:
    largest = await ask(gateway, token=token, body=b"x" * MEBIBYTE)
    too_large = await ask(gateway, token=token, body=b"x" * 2 * MEBIBYTE)
    assert largest.json()["body_bytes"] == MEBIBYTE
    assert "1048576 bytes" in problem(too_large, 413)["remedy"]


async def test_files_pass_through_whatever_their_size_for_their_service_counts_the_bytes(
    gateway: str, ask: Any, problem: Any, token: str
) -> None:
    passed = await ask(gateway, ATTACHMENTS, token=token, body=b"x" * 30 * MEBIBYTE)
    assert passed.json()["body_bytes"] == 30 * MEBIBYTE
    for beside in (
        "/applications/v1/attachments",
        f"{ATTACHMENTS}/1",
        f"{ATTACHMENTS}x",
        f"/notifications{ATTACHMENTS}",
    ):
        assert (await ask(gateway, beside, token=token, body=b"x" * 2 * MEBIBYTE)).status_code in {404, 413}


async def test_a_file_takes_as_long_as_it_takes(gateway_with: Any, ask: Any, problem: Any, minted: Any) -> None:
    with gateway_with(answer_seconds=0.2) as one:
        slow = await ask(one.address, f"{ATTACHMENTS}?slow", token=minted())
        other = await ask(one.address, "/applications/v1/applications?slow", token=minted())
    assert slow.status_code == 200
    problem(other, 504)


async def test_a_large_body_without_a_token_is_not_even_read(gateway: str, ask: Any, problem: Any) -> None:
    problem(await ask(gateway, body=b"x" * 2 * MEBIBYTE), 401)


async def test_too_many_requests_of_one_subject_leave_the_others_alone(
    gateway_with: Any, ask: Any, problem: Any, minted: Any
) -> None:
    with gateway_with(per_subject=Limit(per_second=1, burst=3)) as one:
        first = minted(sub="account-1")
        answers = [await ask(one.address, token=first) for _ in range(10)]
        other = await ask(one.address, token=minted(sub="account-2"))
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"
    assert other.status_code == 200


async def test_too_many_requests_of_one_source_are_refused_before_the_token_is_looked_at(
    gateway_with: Any, ask: Any, problem: Any
) -> None:
    with gateway_with(per_source=Limit(per_second=1, burst=3)) as one:
        answers = [await ask(one.address) for _ in range(10)]
    assert [answer.status_code for answer in answers[:3]] == [401, 401, 401]
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"


async def test_all_requests_together_have_a_limit_too(gateway_with: Any, ask: Any, problem: Any) -> None:
    with gateway_with(overall=Limit(per_second=1, burst=3)) as one:
        answers = [await ask(one.address, "/problems/rate-limited") for _ in range(10)]
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    problem(answers[-1], 429)
