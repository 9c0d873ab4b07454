"""What the demo's planners and towns state: a policy, flats, care, and a charter of invented people."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from kfi_stack.demo.people import BIELEFELD, DORTMUND, MUENSTER
from kfi_stack.demo.person import Json

POLICY: Final = Path(__file__).parents[5] / "services" / "allocation" / "examples" / "policy.json"
DECIDED, AGREED = "HAP-27-001", "HAP-27-008"
"""Whom the story follows: a family that joins its core family in Münster, late repatriates who do so in Bielefeld."""
HOUSEHOLDS: Final = 40
"""One more is on the list, and its town is misspelt."""


def charter() -> bytes:
    """The charter: 121 invented people in 41 households, for towns that are there."""
    return (files("kfi_stack.demo") / "data" / "charter.csv").read_bytes()


def policy() -> Json:
    """The example's policy: duty by population alone."""
    stated: dict[str, Any] = json.loads(POLICY.read_text("utf-8"))
    return stated


def flats(free_from: str) -> list[tuple[str, Json]]:
    """Flats that towns offer, by AGS."""
    return [
        (ags, {"persons": persons, "square_metres": 18 * persons, "barrier_free": low, "free_from": free_from})
        for ags, persons, low in (
            (MUENSTER, 4, True), (MUENSTER, 7, False), (DORTMUND, 7, False), (DORTMUND, 3, True), (BIELEFELD, 8, False),
        )
    ]  # fmt: skip


def care(first_day: str) -> list[tuple[str, Json]]:
    """Specialists that towns have, by AGS."""
    return [(ags, {"offers": "specialist_medicine", "first_day": first_day}) for ags in (MUENSTER, DORTMUND)]
