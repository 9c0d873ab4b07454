"""A policy as it is drafted and shown."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kfi_allocation.api.forms import Code, OneLine, SomeDay, Stated, View
from kfi_allocation.domain.instance_document import MOST_COUNT, MOST_FIT
from kfi_allocation.domain.policy import HeadCountFor
from kfi_allocation.domain.policy_document import LARGEST_HOME, MOST_DAYS
from kfi_allocation.domain.policy_record import PolicyRecord, PolicyStep, ReturnedBecause, Standing

Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=8, description='a share as text: "0.9" for 90 %')]
Weight = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=4)]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS, strict=True)]
Fit = Annotated[int, Field(ge=0, le=MOST_FIT, strict=True)]


class StatedPart(Stated):
    """A share of the key that goes by one series."""

    series: Code
    share: Share


class StatedCap(Stated):
    """No town's key is more than (1 + most) times its share of the series `over`; the others carry the rest."""

    over: Code
    most: Annotated[Decimal, Field(ge=0, le=100, decimal_places=8)]


class StatedKey(Stated):
    """How duty is distributed; the shares sum to 1."""

    parts: Annotated[list[StatedPart], Field(min_length=1, max_length=20)]
    gain_cap: StatedCap | None = None


class StatedCredit(Stated):
    """A credit that counts for so many months from its day; none: as long as it lasts."""

    name: Code
    months: Annotated[int | None, Field(ge=1, le=1200, strict=True)] = None


class StatedAccount(Stated):
    """The policy of the quota account, as `kfi-allocation account` reads it; `placed` credits who is to come."""

    paragraph: OneLine
    key: StatedKey
    credits: Annotated[list[StatedCredit], Field(max_length=50)]
    counts_from: SomeDay
    stop_at_full: bool


class StatedWeights(Stated):
    """What a plan weighs, in points per person."""

    off_target_per_person: Weight
    beyond_tolerance_per_person: Weight
    tolerance_persons: Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]
    tolerance_share: Weight
    relatives_missed_per_person: Weight
    relatives_same_district_per_person: Weight


class StatedPolicy(Stated):
    """A whole policy."""

    version: Code
    valid_from: SomeDay
    account: StatedAccount
    weights: StatedWeights
    wish_missed_per_person: Fit
    language_missed_per_person: Fit
    population_basis: Code
    hearing_days: Days
    objection_days: Days
    lead_days: Annotated[int, Field(ge=0, le=MOST_DAYS, strict=True)]
    unstated_capacity: Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]
    large_home_persons: Annotated[int, Field(ge=2, le=LARGEST_HOME, strict=True)]
    head_count_for: HeadCountFor
    intake_follows_moves: bool

    def document(self) -> dict[str, Any]:
        """The document that is kept: shares as text, weights as numbers, as the offline files have them."""
        whole: dict[str, Any] = self.model_dump(mode="json")
        whole["weights"] = {name: _number(value) for name, value in self.weights.model_dump().items()}
        return whole


class Returned(Stated):
    """Why a draft does not come into force."""

    reason: ReturnedBecause


class PolicyLine(View):
    """A policy and who stands for it."""

    id: UUID
    version: str
    valid_from: date
    standing: Standing
    drafted_by: str
    drafted_on: date
    decided_by: str | None
    decided_on: date | None
    returned_because: ReturnedBecause | None

    @classmethod
    def told(cls, record: PolicyRecord) -> dict[str, Any]:
        """The members of a line."""
        names = ("id", "standing", "drafted_by", "drafted_on", "decided_by", "decided_on", "returned_because")
        known = {name: getattr(record, name) for name in names}
        return known | {"version": record.policy.version, "valid_from": record.policy.valid_from}


class PolicyView(PolicyLine):
    """The policy itself, and the actions open to this person now."""

    policy: StatedPolicy
    actions: tuple[PolicyStep, ...]

    @classmethod
    def of(cls, record: PolicyRecord, actions: tuple[PolicyStep, ...]) -> "PolicyView":
        """The view of a policy."""
        return cls(**PolicyLine.told(record), policy=StatedPolicy(**record.document), actions=actions)


def _number(value: Decimal | int) -> int | float:
    """At most four decimals, so the shortest text of the float is the figure itself."""
    return int(value) if value == int(value) else float(value)
