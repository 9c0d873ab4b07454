"""Loopback ports."""

import socket

import pytest

from kfi_stack.errors import StackError
from kfi_stack.ports import LOOPBACK, free_ports, is_open, require_free


def test_free_ports_differ_and_are_free() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    assert all(require_free(port, "a test", "NOTHING") == port for port in found)


def test_a_port_in_use_is_told_with_the_setting_to_change() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackError) as told:
            require_free(port, "the gateway", "KFI_GATEWAY_PORT")
        assert f"Port {port} for the gateway is in use" in str(told.value)
        assert "KFI_GATEWAY_PORT" in str(told.value)
        assert is_open(port)
    assert not is_open(port)
