"""The published account: duty, intake, fulfilment and target of every municipality, in exact fractions."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from kfi_allocation.domain.account.document import as_document
from kfi_allocation.domain.account.statement import Account, Line, statement

FORMAT: Final = "kfi-allocation-quota/1"


@dataclass(frozen=True, slots=True)
class Received:
    """What counts of a town: persons it received, and persons it is credited."""

    intake: int = 0
    credit: int = 0

    @property
    def counted(self) -> int:
        """Both."""
        return self.intake + self.credit


def published(account: Account, received: Mapping[str, Received], names: Mapping[str, str]) -> dict[str, Any]:
    """The document of all towns; each figure can be recomputed from the policy, the series and the counted persons."""
    found, whole = statement(account), as_document(account)
    nothing = Received()
    return {
        "format": FORMAT,
        "as_of": whole["as_of"],
        "policy": whole["policies"][0],
        "series": whole["series"],
        "counted": found.persons,
        "announced": account.announced,
        "towns": [
            _town(line, names[line.ags], received.get(line.ags, nothing)) for line in found.lines.values()
        ],
    }  # fmt: skip


def line_of(line: Line) -> dict[str, Any]:
    """A town's line in exact fractions; the target also rounded, as plans have it."""
    return {
        "ags": line.ags,
        "key": str(line.key),
        "duty": str(line.duty),
        "counted": line.counted,
        "fulfilment": _text(line.fulfilment),
        "target": str(line.target),
        "target_rounded": f"{line.target_hundredths // 100}.{line.target_hundredths % 100:02}",
        "closed": line.closed,
    }


def _town(line: Line, name: str, received: Received) -> dict[str, Any]:
    return {"name": name} | line_of(line) | {"intake": received.intake, "credit": received.credit}


def _text(fraction: Fraction | None) -> str | None:
    return None if fraction is None else str(fraction)
