"""What the people of the flows send: applications and proposals; the demo's, with what a test wants different."""

from copy import deepcopy
from datetime import date
from typing import Any
from uuid import uuid4

from kfi_stack.demo import cases as demo

TITLE = "07-080-684-61"
GRANT = demo.GRANT
NARROW_YEAR, NARROW_AMOUNT = 2035, "43200.00"
"""A budget year that holds the grants of three applications and not one cent more."""
BUDGET: dict[str, Any] = {
    "titles": [
        {
            "key": TITLE,
            "name": "Zuwendungen an Organisationen (Test)",
            "years": [
                {"year": demo.YEAR, "appropriation": "900000000.00", "commitment_authorisation": "0.00"},
                {"year": NARROW_YEAR, "appropriation": NARROW_AMOUNT, "commitment_authorisation": "0.00"},
            ],
        },
        *demo.BUDGET["titles"][1:],
    ]
}


def application(title: str = "Sprachcafé", *, year: int = demo.YEAR, **changes: Any) -> dict[str, Any]:
    """An application of 14,400.00 EUR with an e-mail address of its own.

    `changes` name a place by its path, with two underscores for each step down: `applicant__seat_ags="05915000"`.
    """
    body = deepcopy(demo.application_body(title))
    body["project"] |= {"period_from": f"{date(year, 2, 1)}", "period_to": f"{date(year, 12, 31)}"}
    body["addressee"]["email"] = f"{uuid4().hex}@verein.example"
    for path, value in changes.items():
        *steps, last = path.split("__")
        place = body
        for step in steps:
            place = place[step]
        place[last] = value
    return body


def grant(amount: str = GRANT, *, year: int = demo.YEAR) -> dict[str, Any]:
    """A proposal of this amount, all in one year; less than 14,400.00 EUR is granted in part."""
    return demo.proposal_body() | {"amount": amount, "years": [{"year": year, "amount": amount}]}


def call(key: str | None = None) -> dict[str, Any]:
    """A call of its own, which nobody files for."""
    return {"key": key or f"fuzz-{uuid4().hex}", **call_terms()}


def call_terms() -> dict[str, Any]:
    """What a call says, complete."""
    return {
        "programme": "mso-einzelprojekt", "title": "Einzelprojektförderung (Test)", "opens_on": "2026-09-01",
        "last_day": "2026-12-22", "deadline_kind": "ordnungsfrist", "budget_title": TITLE, "source": "ein Test",
        "cap": "50000.00", "civic_work_basis": "stated-total",
    }  # fmt: skip


def budget_title(key: str | None = None) -> dict[str, Any]:
    """A budget title of its own, which no call names."""
    return {"key": key or f"FUZZ-{uuid4().hex}", **budget_plan()}


def budget_plan() -> dict[str, Any]:
    """What a title may hold, complete."""
    year = {"year": demo.YEAR, "appropriation": "1000.00", "commitment_authorisation": "500.00"}
    return {"name": "Titel (Test)", "source": "ein Test", "years": [year]}


def rejection() -> dict[str, Any]:
    """A proposal to reject, with its reason."""
    return {"amount": "0.00", "years": [], "reasons": ["Die Mittel des Landes sind ausgeschöpft."], "conditions": []}
