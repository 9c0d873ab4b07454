"""Households on a list, small ones made for a test; the steps of their allocation are those of the demo."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from kfi_stack.demo.allocating import POLICIES, Allocating
from kfi_stack.demo.allocation_case import policy
from kfi_stack.demo.person import Answer, Refused

HEADINGS = (
    "Familiennummer", "Status", "Rechtsgrundlage", "Name", "Vorname", "Geburtsdatum", "Verwandtschaft", "Rollstuhl",
    "Facharzt", "Sprachen", "Angehörige in", "Kernfamilie", "Wunschort 1", "Wunschort 2", "Ankunft", "Charter",
    "Straße", "Hausnummer", "PLZ", "Ort", "E-Mail", "Telefon",
)  # fmt: skip
RESETTLEMENT, LATE_REPATRIATES = "§ 23 Abs. 4 AufenthG", "§ 4 BVFG"


@dataclass(frozen=True)
class Home:
    """A household on a list; with `joins` it is core family and goes there."""

    persons: int = 1
    joins: str = ""
    group: str = RESETTLEMENT
    reference: str = field(default_factory=lambda: f"T-{uuid4().hex[:12]}")

    def rows(self) -> list[dict[str, str]]:
        """One row for each person, the head first."""
        family = f"Muster {self.reference[2:8]}"
        rows = [
            {
                "Familiennummer": self.reference, "Status": "neu", "Rechtsgrundlage": self.group, "Name": family,
                "Vorname": f"Ada {number}", "Geburtsdatum": f"{number:02d}.02.1990",
                "Verwandtschaft": "Hauptperson" if number == 1 else "Geschwister",
            }
            for number in range(1, self.persons + 1)
        ]  # fmt: skip
        rows[0] |= {"Straße": "Am Übergang", "Hausnummer": "1", "PLZ": "37133", "Ort": "Musterstadt"}
        if self.joins:
            rows[0] |= {"Angehörige in": self.joins, "Kernfamilie": "ja"}
        return rows


def list_of(homes: Sequence[Home]) -> bytes:
    """The list as a CSV file in the layout of the packaged example."""
    written = io.StringIO()
    writer = csv.DictWriter(written, HEADINGS, restval="", delimiter=";", lineterminator="\n")
    writer.writeheader()
    for home in homes:
        writer.writerows(home.rows())
    return written.getvalue().encode()


async def with_policy(steps: Allocating, today: str) -> Allocating:
    """The same, with a policy in force that closes no town and fills none; tests of a session share one."""
    try:
        found = await steps.people.planner.get(f"{POLICIES}/in-force")
    except Refused as problem:
        if problem.kind != "no-policy-in-force":
            raise
    else:
        if not found.document["policy"]["account"]["stop_at_full"]:
            return steps
    stated = policy()
    account = stated["account"] | {"stop_at_full": False}
    stated |= {"version": f"open-{today}", "valid_from": today, "account": account, "unstated_capacity": 100_000}
    await steps.policy_in_force(stated)
    return steps


async def announced(steps: Allocating, homes: Sequence[Home]) -> tuple[Answer, list[str]]:
    """The imported list, and the ids of its households in the given order."""
    listed = await steps.imported(await steps.listed(list_of(homes)))
    ids = await steps.households(listed)
    return listed, [ids[home.reference] for home in homes]
