"""Who may pass, from the gateway to the service: no token, a wrong one, a role too little."""

import time
from collections.abc import Callable

import pytest
from joserfc.jwk import ECKey, KeySet
from tests.harness.cases import application
from tests.harness.door import MARKER, Door
from tests.harness.office import Office

from kfi_stack.demo.story import APPLICATIONS, NOTIFICATIONS
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
FOREIGN_KEY = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
TOKENS: dict[str, tuple[Callable[[Door], str | None], int, str]] = {
    "none": (lambda _: None, 401, "unauthenticated"),
    "no token at all": (lambda _: MARKER, 401, "unauthenticated"),
    "expired": (lambda door: door.minted(exp=int(time.time()) - 10), 401, "unauthenticated"),
    "of a foreign issuer": (lambda door: door.minted(iss="https://foreign.example"), 401, "unauthenticated"),
    "signed with a foreign key": (lambda door: door.minted(key=FOREIGN_KEY), 401, "unauthenticated"),
    "for another audience": (lambda door: door.minted(aud="another-platform"), 403, "forbidden"),
    "no access token by its type": (lambda door: door.minted(typ="JWT"), 401, "unauthenticated"),
    "without a subject": (lambda door: door.minted(sub=""), 401, "unauthenticated"),
}
TOO_LITTLE = [
    ("applicant", "formal-check"), ("signatory", "proposal"), ("auditor", "reservation"),
    ("budget-officer", "second-check"), ("caseworker", "signature"), ("operator", "waiver"),
]  # fmt: skip


@pytest.mark.parametrize("what", TOKENS)
async def test_a_token_that_is_not_good_here_is_refused(door: Door, what: str) -> None:
    token, status, kind = TOKENS[what]
    answer = await door.ask("POST", APPLICATIONS, login=None, token=token(door), body=application(MARKER))
    await door.problem(answer, status, kind)


async def test_the_token_the_test_forges_would_pass_if_nothing_were_wrong_with_it(door: Door) -> None:
    assert (await door.ask("GET", APPLICATIONS, token=door.minted())).status_code == 200


async def test_an_id_token_is_no_access_token(door: Door, platform: Platform) -> None:
    signed_in = await platform.tokens.sign_in("applicant")
    answer = await door.ask("GET", APPLICATIONS, token=signed_in.id_token)
    await door.problem(answer, 403, "forbidden")


@pytest.mark.parametrize("service", ["applications", "notifications"])
async def test_past_the_gateway_the_service_asks_for_the_token_itself(
    door: Door, platform: Platform, service: str
) -> None:
    address = f"{platform.services[service].url}{APPLICATIONS if service == 'applications' else NOTIFICATIONS}"
    for token in (None, door.minted(exp=int(time.time()) - 10), door.minted(aud="another-platform")):
        answer = await door.ask("GET", address, login=None, token=token)
        await door.problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize(("login", "action"), TOO_LITTLE)
async def test_a_role_too_little_is_refused(door: Door, office: Office, login: str, action: str) -> None:
    case = await office.filed()
    body = {"digest": "0" * 64} if action == "signature" else {}
    answer = await door.ask("POST", f"{case.path}/{action}", login=login, body=body, If_Match=case.etag)
    await door.problem(answer, 403, "forbidden")
    await office.in_state(case, "received")


async def test_an_applicant_sees_no_notification_and_an_operator_no_case(door: Door, office: Office) -> None:
    case = await office.decided()
    letter = f"{NOTIFICATIONS}/{case.letter_id}"
    for path in (letter, f"{letter}/document"):
        await door.problem(await door.ask("GET", path), 404, "not-found")
    await door.problem(await door.ask("GET", case.path, login="operator"), 403, "forbidden")
