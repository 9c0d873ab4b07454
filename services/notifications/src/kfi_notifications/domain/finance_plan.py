"""The finance plan as the letter shows it: expenditure and income apart, each with the total that was signed."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from kfi_contracts.letters import FinanceLine
from kfi_notifications.domain.german import written_amount

Table = dict[str, object]
_TOTALS: Final = {"Ausgaben": "Zuwendungsfähige Gesamtausgaben", "Einnahmen": "Finanzierung insgesamt"}
_UNDIVIDED: Final = "Position"


def tables_of(lines: Sequence[FinanceLine], eligible_total: Decimal) -> list[Table]:
    """One table for each side of the plan, for lines labelled "Ausgaben: ..." and "Einnahmen: ...", else one in all.

    The total is the signed one and never a sum of ours: the signatory saw each number of the letter.
    """
    sided = [(_side_of(line), line) for line in lines]
    return [
        {
            "head": side,
            "rows": [{"label": _label_on(side, line), "amount": written_amount(line.amount)} for _, line in of_side],
            "total": {
                "label": _TOTALS.get(side, "Zuwendungsfähige Gesamtausgaben"),
                "amount": written_amount(eligible_total),
            },
        }
        for side, of_side in groupby(sided, key=lambda entry: entry[0])
    ]


def _side_of(line: FinanceLine) -> str:
    side, separator, _ = line.label.partition(": ")
    return side if separator and side in _TOTALS else _UNDIVIDED


def _label_on(side: str, line: FinanceLine) -> str:
    label = line.label.removeprefix(f"{side}: ")
    return label[:1].upper() + label[1:]
