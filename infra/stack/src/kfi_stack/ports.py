"""Loopback ports: free ones for a stack of its own, or a configured one that must be free."""

import random
import socket

from kfi_stack.errors import StackError

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections (ip(7), ip_local_port_range), so that no
# connection of a neighbour can take a port between its choice here and the server's start.
LOWEST, HIGHEST = 15_000, 32_000


def is_free(port: int) -> bool:
    """True if a server could listen on that loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Returns so many different ports nobody listens on, at random so that two stacks starting at once differ."""
    found: list[int] = []
    for port in random.SystemRandom().sample(range(LOWEST, HIGHEST), 2_000):
        if len(found) == count:
            return found
        if is_free(port):
            found.append(port)
    raise StackError(f"No {count} free ports between {LOWEST} and {HIGHEST}: end programs that listen there.")


def free_port() -> int:
    """Returns one port nobody listens on."""
    return free_ports(1)[0]


def require_free(port: int, purpose: str, setting: str | None = None) -> int:
    """Returns the port, or raises StackError naming the setting to change, if there is one."""
    if not is_free(port):
        raise StackError(
            f"Port {port} for {purpose} is in use: end the program that listens there, or "
            f"{f'set {setting} to another' if setting else 'start again with another'}."
        )
    return port


def is_open(port: int) -> bool:
    """True if somebody accepts connections on that loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=0.5).close()
    except OSError:
        return False
    return True
