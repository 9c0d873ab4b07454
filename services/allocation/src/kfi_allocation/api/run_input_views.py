"""What is shown of the frozen input of a plan run."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kfi_allocation.api.run_views import Figure, RunPart, text_of
from kfi_allocation.domain.freezing import FrozenInput
from kfi_allocation.domain.overriding import Override, OverrideReason


class TownInputView(RunPart):
    """A town as the run sees it."""

    ags: str
    target: Figure
    capacity: int
    offers: list[str]


class OverrideView(RunPart):
    """A town that a planner named; what he wrote is gone once the household was erased."""

    household_id: UUID
    ags: str
    reason: OverrideReason
    explanation: str
    decided_by: str

    @classmethod
    def of(cls, one: Override) -> "OverrideView":
        """The view of an override."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class InputView(RunPart):
    """The frozen input before and after the run: counts, weights, towns with their targets, what people decided."""

    digest: str
    on: date
    policy_version: str
    weights: dict[str, Any]
    households: int
    persons: int
    with_relatives: int
    must_join: int
    needs: dict[str, int]
    profiles: int
    fixed: int
    excluded: int
    kept: int
    overrides: list[OverrideView]
    towns: list[TownInputView]

    @classmethod
    def of(cls, frozen: FrozenInput, overrides: Sequence[Override]) -> "InputView":
        """The view of a frozen input."""
        homes, document = frozen.instance.households, frozen.document
        words = sorted({need for home in homes for need in home.needs})
        return cls(
            digest=frozen.digest,
            on=date.fromisoformat(document["on"]),
            policy_version=document["policy_version"],
            weights={name: _plain(value) for name, value in document["instance"]["policy"].items()},
            households=len(homes),
            persons=frozen.instance.persons,
            with_relatives=sum(home.relatives_in is not None for home in homes),
            must_join=sum(home.must_join for home in homes),
            needs={word: sum(word in home.needs for home in homes) for word in words},
            profiles=len(document["profiles"]),
            fixed=len(frozen.orders.fixed),
            excluded=len(frozen.orders.excluded),
            kept=len(frozen.kept or {}),
            overrides=[OverrideView.of(one) for one in overrides],
            towns=[
                TownInputView(ags=t.ags, target=text_of(t.target), capacity=t.capacity, offers=sorted(t.offers))
                for t in frozen.instance.municipalities
            ],
        )


def _plain(value: object) -> object:
    return text_of(value) if isinstance(value, Decimal) else value
