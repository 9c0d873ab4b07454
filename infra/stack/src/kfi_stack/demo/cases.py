"""What the demo's people send: an application, its proposal, the budget. All persons and associations are invented."""

from kfi_stack.demo.person import Json

CALL = "mso-einzelprojekt-2027"
YEAR = 2027
GRANT = "14400.00"


def application_body(title: str) -> Json:
    """An application that meets every rule: 18,000.00 EUR in all, civic work exactly at its limit (case F12 a)."""
    return {
        "call": CALL,
        "applicant": {
            "name": "Begegnungsverein Lippe e. V.",
            "legal_form": "registered-association",
            "seat_ags": "05766020",
            "charitable": True,
            "share_with_migration_history": "0.62",
            "independent_of_states_and_parties": True,
        },
        "addressee": {
            "attention": "Adam Brückner",
            "street": "Lange Straße",
            "house_number": "12",
            "postcode": "32756",
            "city": "Detmold",
            "email": "vorstand@begegnungsverein-lippe.example",
        },
        "project": {"title": title, "period_from": f"{YEAR}-02-01", "period_to": f"{YEAR}-12-31"},
        "finance_plan": {
            "costs": [
                {"label": "Honorare", "amount": "11800.00"},
                {"label": "Miete und Material", "amount": "3500.00"},
            ],
            "civic_work": "2700.00",
            "own_money": "900.00",
            "third_party_money": "0.00",
            "requested_grant": GRANT,
        },
    }


def proposal_body() -> Json:
    """The whole grant, in one year."""
    return {
        "amount": GRANT,
        "years": [{"year": YEAR, "amount": GRANT}],
        "reasons": [
            "Das Vorhaben bringt Menschen mit und ohne Einwanderungsgeschichte im Quartier zusammen.",
            "Der Finanzierungsplan ist schlüssig; der Eigenanteil von 20 Prozent ist nachgewiesen.",
        ],
        "conditions": ["Über die Förderung durch das Land ist in geeigneter Weise zu informieren."],
    }


BUDGET: Json = {
    "titles": [
        {
            "key": "07-080-684-61",
            "name": "Zuwendungen an Organisationen von Menschen mit Einwanderungsgeschichte (Vorführung)",
            "years": [{"year": YEAR, "appropriation": "500000.00", "commitment_authorisation": "0.00"}],
        },
        {
            "key": "07-080-633-62",
            "name": "Zuweisungen an Kreise und kreisfreie Städte, KOMM-AN NRW (Vorführung)",
            "years": [{"year": YEAR, "appropriation": "400000.00", "commitment_authorisation": "0.00"}],
        },
    ]
}
"""The budget file of the demo, as `kfi-applications budget load` reads it."""
