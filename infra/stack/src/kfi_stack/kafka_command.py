"""`kfi-stack kafka apply`: brings a cluster to what `infra/kafka` states."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kfi_stack.credentials import Credentials
from kfi_stack.environment import required

if TYPE_CHECKING:
    from kfi_stack.kafka_apply import Report

ENVIRONMENT = """Taken from the environment: KFI_KAFKA_BOOTSTRAP, KFI_KAFKA_ADMIN_USER, KFI_KAFKA_ADMIN_PASSWORD,
KFI_KAFKA_SECURITY (default SASL_SSL), KFI_KAFKA_CA_FILE, and for each user whose password is to be set
KFI_KAFKA_PASSWORD_<NAME>. Ends with 1 if the cluster differs in a way only a person may put right."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `kafka apply` to the command line."""
    kafka = commands.add_parser("kafka", help="topics, users and rights of a Kafka cluster")
    actions = kafka.add_subparsers(required=True)
    apply = actions.add_parser("apply", help="bring the cluster to what infra/kafka states", epilog=ENVIRONMENT)
    apply.add_argument("--check", action="store_true", help="change nothing, say what would be changed")
    apply.add_argument("--folder", type=Path, help="folder of topics.yaml and users.yaml")
    apply.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Applies the plan, prints what was done; 1 if there is drift, or with `--check` anything to change."""
    from kfi_stack.kafka_admin import KafkaAdmin  # noqa: PLC0415 - the command line starts without the broker's client
    from kfi_stack.kafka_apply import apply_plan  # noqa: PLC0415
    from kfi_stack.kafka_server import passwords_from_environment  # noqa: PLC0415
    from kfi_stack.topics import load_plan  # noqa: PLC0415

    plan = load_plan(arguments.folder)
    user = Credentials(required("KFI_KAFKA_ADMIN_USER"), required("KFI_KAFKA_ADMIN_PASSWORD"))
    security = os.environ.get("KFI_KAFKA_SECURITY", "SASL_SSL")
    ca_file = os.environ.get("KFI_KAFKA_CA_FILE")
    admin = KafkaAdmin(required("KFI_KAFKA_BOOTSTRAP"), security, user, ca_file=ca_file)
    passwords = passwords_from_environment(plan.users)
    report = apply_plan(admin, plan, passwords, superusers=frozenset({user.username}), check=arguments.check)
    tell(report, check=arguments.check)
    return 1 if report.drift or (arguments.check and report.changes) else 0


def tell(report: "Report", *, check: bool) -> None:
    """Prints the report, one fact a line."""
    for change in report.changes:
        print(f"{'to do' if check else 'done'}: {change}")
    for difference in report.drift:
        print(f"differs: {difference}")
    if not report.changes and not report.drift:
        print("The cluster is as infra/kafka states.")
