"""`kfi-stack parts`: fetches, checks and locks the Java parts."""

import argparse
import secrets
import tempfile
from pathlib import Path

from kfi_stack import ports
from kfi_stack.credentials import Credentials
from kfi_stack.kafka import Kafka
from kfi_stack.kafka_classes import write_class_list
from kfi_stack.lock_parts import write_lock
from kfi_stack.parts import fetch
from kfi_stack.supervisor import Supervisor

SETS = ("kafka", "verapdf")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `parts fetch` and `parts lock` to the command line."""
    parts = commands.add_parser("parts", help="the Java parts: Apache Kafka and veraPDF")
    actions = parts.add_subparsers(required=True)
    fetching = actions.add_parser("fetch", help="fetch what is missing")
    fetching.add_argument("--full", action="store_true", help="hash what is there and replace what is damaged")
    fetching.set_defaults(run=run_fetch)
    locking = actions.add_parser("lock", help="resolve the roots with Maven and write the lock files anew")
    locking.set_defaults(run=run_lock)


def run_fetch(arguments: argparse.Namespace) -> int:
    """Fetches all sets."""
    for name in SETS:
        jars = fetch(name, full=arguments.full)
        print(f"{name}: {len(jars)} parts in {jars[0].parent}")
    return 0


def run_lock(_: argparse.Namespace) -> int:
    """Locks all sets, and lists the classes Kafka loads."""
    for name in SETS:
        count = write_lock(Path(__file__).with_name("locks") / f"{name}.lock.json")
        print(f"{name}: {count} parts locked")
    print(f"kafka: {write_class_list(run_kafka)} classes listed")
    return 0


def run_kafka(java_options: tuple[str, ...]) -> None:
    """Runs a node of its own once, from start to stop."""
    port, controller_port = ports.free_ports(2)
    admin, controller = (Credentials(name, secrets.token_urlsafe(18)) for name in ("admin", "controller"))
    with tempfile.TemporaryDirectory(prefix="kfi-kafka-") as folder, Supervisor() as supervisor:
        node = Kafka(Path(folder), port, controller_port, admin, controller, java_options=java_options)
        supervisor.start(node.program())
