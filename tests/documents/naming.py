"""What the code has: settings, metrics, log events, reason codes, commands."""

import argparse
import contextlib
import io
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import product

import yaml
from pydantic_settings import BaseSettings

from kfi_allocation.doorkeeper_command import DoorkeeperSettings
from kfi_allocation.main import SERVICE as ALLOCATION
from kfi_applications.main import SERVICE as APPLICATIONS
from kfi_chassis import commands as service_commands
from kfi_chassis.desk import command_line as desk
from kfi_chassis.metrics import Metrics
from kfi_chassis.settings import MigrationSettings, RestoreSettings, ServiceSettings
from kfi_law import cli as law
from kfi_notifications.main import SERVICE as NOTIFICATIONS
from kfi_stack import command_line as stack

from .reading import ROOT

PER_USER = "KFI_KAFKA_PASSWORD_"
WORDS = re.compile(r"[a-z][a-z|-]*")
SETTINGS: dict[str, type[BaseSettings]] = {
    "Every service": ServiceSettings,
    "Allocation": ALLOCATION.settings_class,
    "Doorkeeper": DoorkeeperSettings,
    "Applications": APPLICATIONS.settings_class,
    "Notifications": NOTIFICATIONS.settings_class,
    "Migrations": MigrationSettings,
    "Restore": RestoreSettings,
}


@cache
def sources(folder: str) -> str:
    """All Python sources below a folder, as one text."""
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def all_sources() -> str:
    services = (f"services/{name}/src" for name in ("allocation", "applications", "notifications"))
    return "\n".join(map(sources, ("contracts/src", "libs/chassis/src", *services, "infra/stack/src")))


def variables_of(settings: type[BaseSettings]) -> set[str]:
    return {f"KFI_{name.upper()}" for name in settings.model_fields}


def variables_of_the_stack() -> set[str]:
    """What `infra/stack` reads from the environment; the one with a user's name ends in an underscore."""
    return set(re.findall(r'(?:required|environ\.get)\(f?"(KFI_[A-Z_]+)', sources("infra/stack/src")))


@cache
def variables() -> frozenset[str]:
    users = yaml.safe_load((ROOT / "infra/kafka/users.yaml").read_text("utf-8"))["users"]
    of_users = {PER_USER + name.upper() for name in users}
    return frozenset(set().union(*map(variables_of, SETTINGS.values())) | variables_of_the_stack() | of_users)


@cache
def metrics() -> frozenset[str]:
    classes = (Metrics, ALLOCATION.metrics_class, APPLICATIONS.metrics_class, NOTIFICATIONS.metrics_class)
    families = [family for kept in classes for family in kept().registry.collect()]
    own = (family for family in families if not family.name.startswith(("process_", "python_")))
    return frozenset(family.name + ("_total" if family.type == "counter" else "") for family in own)


@cache
def log_events() -> frozenset[str]:
    return frozenset(re.findall(r'logs\.event\(\s*"([a-z_]+)"', all_sources()))


@cache
def parsers() -> dict[str, argparse.ArgumentParser]:
    return {
        "kfi": desk._parser(),
        "kfi-law": law._parser(),
        "kfi-stack": stack._parser(),
        "kfi-allocation": service_commands._parser(ALLOCATION),
        "kfi-applications": service_commands._parser(APPLICATIONS),
        "kfi-notifications": service_commands._parser(NOTIFICATIONS),
    }


@cache
def make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def is_accepted(words: list[str]) -> bool:
    """Whether a whole command is understood; programs that are not ours are."""
    program, arguments = words[0], words[1:]
    if program == "make":
        return all("=" in word or word in make_targets() for word in arguments)
    if program.startswith("python") and arguments[:1] == ["-m"]:
        return find_spec(arguments[1]) is not None
    return program not in parsers() or parses(program, arguments)


def is_offered(words: list[str]) -> bool:
    """Whether the part of a command that inline code names exists; `a|b` names several."""
    if words[0] not in parsers() or any(word.startswith("--") for word in words):
        return is_accepted(words)
    named = []
    for word in words[1:]:
        if not WORDS.fullmatch(word):
            break
        named.append(word.split("|"))
    return all(parses(words[0], [*one, "--help"]) for one in product(*named))


def parses(program: str, arguments: list[str]) -> bool:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            parsers()[program].parse_args(arguments)
    except SystemExit as end:
        return not end.code
    return True


def reason_codes() -> Iterator[str]:
    """Every reason a record is parked with; parts that vary are in angle brackets."""
    envelope = re.search(r"class EnvelopeFault.*?\n\n\n", sources("contracts/src"), re.DOTALL)
    assert envelope is not None
    outside_of_kafka = {"not_json"}
    yield from set(re.findall(r'= "([a-z_0-9]+)"', envelope[0])) - outside_of_kafka
    for fixed in (r'Unprocessable\("([a-z-]+)"\)', r'OrderRefused\("([a-z_]+)"\)', r'BEHIND_ANOTHER: Final = "(\w+)"'):
        yield from re.findall(fixed, all_sources())
    yield from (f"restore:{code}" for code in re.findall(r'Left\("([a-z_]+)"\)', all_sources()))
    for kind in re.findall(r'f"(unreadable|undecodable|unexpected):\{', all_sources()):
        yield f"{kind}:<class>"
    assert 'f"invalid_data:{known}:{first' in all_sources()
    assert 'getattr(delivery, "fault", "nobody_subscribed")' in all_sources()
    yield from ("invalid_data:<field>:<kind>", "nobody_subscribed", "wrong-state", "placement-not-in-this-state")


def obstacles() -> set[str]:
    """Every code with which a letter or e-mail waits."""
    code = sources("services/notifications/src")
    typesetting = re.search(r"`code` says why: (.*?)\.", code)
    assert typesetting is not None
    fixed = set(re.findall(r'Delayed\("(\w+)"\)', code)) | set(re.findall(r'_put_off\(delivery, "(\w+)"', code))
    return fixed | {f"typesetting_{each}" for each in re.findall(r"`(\w+)`", typesetting[1])}
