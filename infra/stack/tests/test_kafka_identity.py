"""A node's identity must not look like an option to the program that formats its folder."""

from uuid import UUID

from kfi_stack.kafka import new_id


def test_an_identity_never_begins_with_a_dash() -> None:
    like_an_option, usual = UUID(bytes=b"\xfb" + b"\x00" * 15), UUID(bytes=b"\x01" * 16)
    drawn = iter([like_an_option, usual])
    assert new_id(lambda: next(drawn)) == "AQEBAQEBAQEBAQEBAQEBAQ"
