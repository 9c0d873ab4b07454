"""The account of a day: duty, what counts towards it, fulfilment and target of every town."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kfi_allocation.domain.account.entries import Booking, Counted, counted
from kfi_allocation.domain.account.key import shares
from kfi_allocation.domain.account.policy import AccountNotComputable, AccountPolicy, Series
from kfi_allocation.domain.account.target import in_hundredths, water_filled


@dataclass(frozen=True)
class Account:
    """All that a computation needs: `published` holds the sums of towns whose bookings are not in this file.

    `announced` are the persons to be distributed next, `version` names the policy the account is kept by. Published
    sums hold for `as_of` alone.
    """

    as_of: date
    announced: int
    version: str
    policies: tuple[AccountPolicy, ...]
    series: Mapping[str, Series]
    bookings: tuple[Booking, ...]
    published: Mapping[str, int]

    @property
    def towns(self) -> tuple[str, ...]:
        """The AGS of every town, in order."""
        return tuple(sorted(next(iter(self.series.values())).by_ags))

    def policy(self, version: str | None = None) -> AccountPolicy:
        """The policy the account is kept by, or another by its version. Raises AccountNotComputable."""
        wanted = version or self.version
        policy = next((one for one in self.policies if one.version == wanted), None)
        if policy is None:
            raise AccountNotComputable(f"policies: the account has none of the version {wanted}")
        if policy.valid_from > self.as_of:
            raise AccountNotComputable(
                f"policies: {wanted} holds from {policy.valid_from}, the account is of {self.as_of}"
            )
        return policy


@dataclass(frozen=True, slots=True)
class Line:
    """A town's account. `duty` is its key's part of all persons counted and announced; `target` in hundredths.

    `fulfilment` is counted / duty, None without a duty. `closed`: at 100 % under a policy that stops there.
    """

    ags: str
    key: Fraction
    counted: int
    duty: Fraction
    fulfilment: Fraction | None
    target: Fraction
    target_hundredths: int
    closed: bool


@dataclass(frozen=True)
class Statement:
    """The lines of all towns by AGS, the entries with what they count for, and the persons counted in all."""

    policy: AccountPolicy
    lines: Mapping[str, Line]
    entries: tuple[Counted, ...]
    persons: int


def statement(account: Account, version: str | None = None) -> Statement:
    """The account computed by the policy it is kept by, or by the one of that version. Raises AccountNotComputable."""
    policy = account.policy(version)
    key = shares(policy.key, account.series)
    by_number = {booking.number: booking for booking in account.bookings}
    entries = tuple(
        counted(booking, by_number.get(booking.corrects or 0), policy, account.as_of) for booking in account.bookings
    )
    sums = {ags: account.published.get(ags, 0) for ags in account.towns}
    for entry in entries:
        sums[entry.booking.ags] += entry.persons
    below = [ags for ags, persons in sums.items() if persons < 0]
    if below:
        raise AccountNotComputable(f"entries: corrections leave less than nobody in {', '.join(below)}")
    return Statement(policy, _lines(account, policy, key, sums), entries, sum(sums.values()))


def _lines(
    account: Account, policy: AccountPolicy, key: Mapping[str, Fraction], sums: Mapping[str, int]
) -> dict[str, Line]:
    total = sum(sums.values()) + account.announced
    target = water_filled(key, sums, account.announced)
    hundredths = in_hundredths(target, account.announced)
    lines = {}
    for ags in account.towns:
        duty = key[ags] * total
        full = policy.stop_at_full and 0 < duty <= sums[ags]
        fulfilment = sums[ags] / duty if duty else None
        lines[ags] = Line(ags, key[ags], sums[ags], duty, fulfilment, target[ags], hundredths[ags], full)
    return lines
