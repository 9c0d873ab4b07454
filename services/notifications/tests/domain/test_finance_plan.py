from decimal import Decimal

from kfi_contracts.letters import FinanceLine
from kfi_notifications.domain.finance_plan import tables_of

TOTAL = Decimal("100.00")


def plan(*labels: str) -> list[tuple[object, list[str]]]:
    tables = tables_of([FinanceLine(label=label, amount=Decimal("1.00")) for label in labels], TOTAL)
    return [(table["head"], [row["label"] for row in table["rows"]]) for table in tables]  # type: ignore[attr-defined]


def test_expenditure_and_income_stand_apart() -> None:
    assert plan("Ausgaben: miete", "Ausgaben: Honorare: Tanz", "Einnahmen: Zuwendung") == [
        ("Ausgaben", ["Miete", "Honorare: Tanz"]),
        ("Einnahmen", ["Zuwendung"]),
    ]


def test_a_plan_without_sides_is_one_table_with_its_labels_as_they_are() -> None:
    assert plan("Miete", "Honorare: Tanz") == [("Position", ["Miete", "Honorare: Tanz"])]


def test_the_total_is_the_signed_one_and_no_sum() -> None:
    (table,) = tables_of([FinanceLine(label="Ausgaben: Miete", amount=Decimal("1.00"))], TOTAL)
    assert table["total"] == {"label": "Zuwendungsfähige Gesamtausgaben", "amount": "100,00\N{NO-BREAK SPACE}Euro"}
