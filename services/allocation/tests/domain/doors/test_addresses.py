"""Webhooks go to public https addresses and nowhere else."""

import pytest

from kfi_allocation.domain.doors.addresses import AddressRefused, may_be_reached, target_of

PRIVATE = [
    "10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address that is refused
    "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "fec0::1", "3fff::1", "5f00::1",
    "192.0.0.8", "192.88.99.1", "2001:0:0:0:0:0:f5ff:fffe", "100::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_of_a_network_is_never_reached(address: str) -> None:
    assert not may_be_reached(address)


@pytest.mark.parametrize("address", ["194.8.223.19", "2a00:1450:4001:82b::200e", "64:ff9b::c208:df13"])
def test_a_public_address_is_reached(address: str) -> None:
    assert may_be_reached(address)


def test_demo_and_tests_reach_the_machine_itself_and_no_network_more() -> None:
    assert may_be_reached("127.0.0.1", inside=True)
    assert may_be_reached("::1", inside=True)
    assert not any(may_be_reached(each, inside=True) for each in ("10.0.0.1", "169.254.169.254", "100.64.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://stadt.example/hook", "ftp://stadt.example/", "https:///hook", "https://user@stadt.example/",
        "https://user:secret@stadt.example/", "https://stadt.example/#part", "https://localhost/", "https://stadt/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://10.1.2.3:8443/",
        "https://kafka.internal/", "https://drucker.local/", "https://stadt.example:99999/", "https://stadt.example\\@x/",
        "https://städt.example/", "https://stadt.example/ x", "", "https://stadt.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_an_address_that_is_no_public_https_address_is_refused_when_it_is_named(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url)


def test_a_public_address_is_taken_as_it_is() -> None:
    target = target_of("https://stadt.example:8443/hook?a=b")
    assert (target.scheme, target.host, target.port, target.path) == ("https", "stadt.example", 8443, "/hook?a=b")
    assert target_of("http://127.0.0.1:8080", inside=True).path == "/"
