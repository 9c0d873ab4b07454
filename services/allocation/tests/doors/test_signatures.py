"""Signatures as Standard Webhooks asks for them."""

from base64 import b64decode
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kfi_allocation.doors.signatures import Scheme, SigningKey, signed_headers

AT = datetime.fromtimestamp(1614265330, UTC)
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_a_signature_is_the_one_of_the_standards_own_example() -> None:
    key = SigningKey(Scheme.HMAC, b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    assert signed_headers(ID, AT, BODY, [key]) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_town_needs_only_the_public_key_to_check_ed25519() -> None:
    key = SigningKey.new(Scheme.ED25519)
    scheme, _, signature = signed_headers(ID, AT, BODY, [key])["webhook-signature"].partition(",")
    public = Ed25519PublicKey.from_public_bytes(b64decode(key.told.removeprefix("whpk_")))
    public.verify(b64decode(signature), f"{ID}.1614265330.".encode() + BODY)
    assert (scheme, key.secret in b64decode(key.told.removeprefix("whpk_"))) == ("v1a", False)


def test_while_keys_are_changed_a_request_bears_a_signature_of_each() -> None:
    keys = [SigningKey.new(Scheme.HMAC), SigningKey.new(Scheme.HMAC), SigningKey.new(Scheme.ED25519)]
    signatures = signed_headers(ID, AT, BODY, keys)["webhook-signature"].split(" ")
    assert [each.partition(",")[0] for each in signatures] == ["v1", "v1", "v1a"]
    assert len(set(signatures)) == 3


def test_a_secret_reads_as_it_was_told_and_never_stands_in_a_log() -> None:
    key = SigningKey.new(Scheme.HMAC)
    assert key.told.startswith("whsec_")
    assert b64decode(key.told.removeprefix("whsec_"), validate=True) == key.secret
    assert "secret" not in repr(key)
