"""The policy of allocation: by which key duty is counted, what a plan weighs, and which days people have to answer.

The law names four criteria and no figure (§ 16 (2) TIntG), so all figures are policy: dated, drafted by one person, put
into force by another, never changed afterwards.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kfi_allocation.domain.account.policy import AccountPolicy
from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.instance import Policy


class HeadCountFor(StrEnum):
    """For which quarter a head count is made; the ordinance names the days alone, so the policy says it."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AllocationPolicy:
    """One version of the policy, in force from `valid_from` until another is.

    `population_basis` names the population series the key counts by. `lead_days`: a household comes no sooner after the
    proposal. `unstated_capacity`: persons a town takes that stated none. A flat for `large_home_persons` or more offers
    a large home. `intake_follows_moves`: who moves counts where he lives; otherwise where he was received.
    """

    account: AccountPolicy
    weights: Policy
    fit: FitWeights
    population_basis: str
    hearing_days: int
    objection_days: int
    lead_days: int
    unstated_capacity: int
    large_home_persons: int
    head_count_for: HeadCountFor
    intake_follows_moves: bool

    @property
    def version(self) -> str:
        """Its name, the only one of its kind."""
        return self.account.version

    @property
    def valid_from(self) -> date:
        """Its first day."""
        return self.account.valid_from
