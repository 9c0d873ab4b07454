"""The platform with each role in a process of its own, as in production, so that each stage's cost is seen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from benchmarks.capacity_platform import programs
from kfi_chassis.declaration import Role
from kfi_stack import ports
from kfi_stack.running_platform import SERVICES, Platform

ALL_ROLES: Final = tuple(role.value for role in Role)
PAGE_ORDER: Final = tuple(f"{service} {role}" for service in SERVICES for role in ALL_ROLES)


def set_apart(platform: Platform) -> Mapping[str, int]:
    """Stop the services and start them again, role by role; the API keeps the port that the gateway knows.

    Returns the process ids by `<service> <role>`, and those of the gateway and the servers.
    """
    shared = {name: pid for name, pid in programs(platform).items() if name not in SERVICES}
    for name in SERVICES:
        running = platform.running[name]
        running.stop()
        platform.supervisor.forget(running)
    found = {}
    for name in SERVICES:
        whole = platform.services[name]
        for role in ALL_ROLES:
            port = whole.port if role == Role.API.value else ports.free_port()
            process = replace(whole, roles=(role,), instance=role, port=port)
            found[f"{name} {role}"] = platform.supervisor.start(process.program(platform.folder / "logs")).pid
    return found | shared
