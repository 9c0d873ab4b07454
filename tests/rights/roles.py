"""The duties that people and machines have, as access tokens name them; nothing else opens a door."""

from typing import Final

NOBODY: Final = "nobody"
DUTIES: Final = {
    "applicant": "acts for one organisation: its cases, its letters, its inbox, and nobody else's",
    "funding-caseworker": "checks, asks, proposes",
    "funding-signatory": "checks what another person has proposed, signs it or gives it back",
    "budget-officer": "sets money aside; plans titles and calls, which another person approves",
    "allocation-planner": "plans the allocation of households",
    "allocation-signatory": "checks decisions on households that another person has drafted, and signs them",
    "pension-caseworker": "works on claims to pensions",
    "pension-signatory": "signs decisions on pensions",
    "seminar-organiser": "runs seminars",
    "municipality": "a town's own software, with the key of the town",
    "operator": "sees metrics, ages, reasons and ids, never a person; keeps the platform going",
    "auditor": "reads every case and every notification; changes nothing",
}
"""Every role there is, and its duty in a sentence."""
