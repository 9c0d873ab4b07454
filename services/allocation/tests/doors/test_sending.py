"""A webhook reaches exactly the address that was judged, and whatever the other side does is an outcome."""

import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from services.allocation.tests.doors.endpoint import Town, listening

from kfi_allocation.domain.doors.webhook import Outcome
from kfi_allocation.doors.sending import MOST_RESPONSE_BYTES, WebhookSender

SENDER = WebhookSender(seconds=5, inside=True)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with listening() as endpoint:
        yield endpoint


async def test_a_request_is_posted_as_it_was_made(town: Town) -> None:
    attempt = await SENDER.send(town.url, {"webhook-id": "one", "Content-Type": "application/json"}, b'{"a":1}')
    assert (attempt.outcome, attempt.status) == (Outcome.DELIVERED, 204)
    (came,) = town.came
    assert (came.body, came.headers["webhook-id"], came.headers["host"]) == (
        b'{"a":1}',
        "one",
        f"127.0.0.1:{town.port}",
    )
    assert "cookie" not in came.headers


async def test_a_redirect_is_not_followed(town: Town) -> None:
    async with listening() as elsewhere:
        town.answer(307, f"Location: {elsewhere.url}")
        attempt = await SENDER.send(town.url, {}, b"{}")
        assert (attempt.outcome, attempt.status) == (Outcome.REDIRECTED, 307)
        assert elsewhere.came == []


@pytest.mark.parametrize(("status", "outcome"), [(410, Outcome.GONE), (500, Outcome.REFUSED), (404, Outcome.REFUSED)])
async def test_what_is_answered_is_told_apart(town: Town, status: int, outcome: Outcome) -> None:
    town.answer(status)
    attempt = await SENDER.send(town.url, {}, b"{}")
    assert (attempt.outcome, attempt.status) == (outcome, status)


async def test_who_does_not_answer_in_time_is_left(town: Town) -> None:
    town.silent = True
    attempt = await WebhookSender(seconds=0.2, inside=True).send(town.url, {}, b"{}")
    assert (attempt.outcome, attempt.status) == (Outcome.TIMED_OUT, None)
    assert attempt.milliseconds < 2000


async def test_an_endless_answer_is_not_read_to_its_end(town: Town) -> None:
    town.answer(200, body=b"x" * (MOST_RESPONSE_BYTES * 100))
    assert (await SENDER.send(town.url, {}, b"{}")).outcome is Outcome.DELIVERED


async def test_an_answer_that_is_no_http_and_a_closed_port_are_outcomes(town: Town) -> None:
    town.answers.append(b"SSH-2.0-OpenSSH\r\n\r\n")
    assert (await SENDER.send(town.url, {}, b"{}")).outcome is Outcome.UNREACHABLE
    assert (await SENDER.send("http://127.0.0.1:1/", {}, b"{}")).outcome is Outcome.UNREACHABLE


async def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    async with listening(certified_by_itself(tmp_path)) as town:
        attempt = await SENDER.send(town.url.replace("http:", "https:"), {}, b"{}")
        assert attempt.outcome is Outcome.NOT_TRUSTED
        assert town.came == []


def certified_by_itself(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "town.pem").write_bytes(plain + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "town.pem")
    return context


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:127.0.0.1"], []]
)
async def test_a_name_that_leads_inside_is_never_connected_to(town: Town, addresses: list[str]) -> None:
    async def answers(_host: str, _port: int) -> Sequence[str]:
        return addresses

    sender = WebhookSender(seconds=5, resolver=answers)
    attempt = await sender.send(f"https://stadt.example:{town.port}/", {}, b"{}")
    assert attempt.outcome is Outcome.ADDRESS_REFUSED
    assert town.came == []


async def test_the_connection_goes_to_the_very_address_that_was_judged(town: Town) -> None:
    asked: list[str] = []

    async def changes_its_mind(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    sender = WebhookSender(seconds=5, inside=True, resolver=changes_its_mind)
    attempt = await sender.send(f"http://stadt.example:{town.port}/", {}, b"{}")
    assert (attempt.outcome, asked) == (Outcome.DELIVERED, ["stadt.example"])
    assert town.came[0].headers["host"] == f"stadt.example:{town.port}"


async def test_outside_of_demo_and_tests_plain_http_is_refused(town: Town) -> None:
    attempt = await WebhookSender(seconds=5).send(town.url, {}, b"{}")
    assert attempt.outcome is Outcome.ADDRESS_REFUSED
    assert town.came == []
