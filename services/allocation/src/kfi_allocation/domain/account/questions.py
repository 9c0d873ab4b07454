"""Changes of an account that are no entries: what if, and the part of it that one town may hold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from kfi_allocation.domain.account.entries import Booking, Entry
from kfi_allocation.domain.account.policy import AccountNotComputable
from kfi_allocation.domain.account.statement import Account, statement


def supposed(
    account: Account, announced: int | None = None, as_of: date | None = None, intake: Mapping[str, int] | None = None
) -> Account:
    """The account as it would be with more intake, another day, or other persons announced.

    Raises AccountNotComputable for another day when sums of other towns are published for this one alone, and for a
    town the account does not know.
    """
    day = as_of or account.as_of
    if day != account.as_of and account.published:
        raise AccountNotComputable(f"published: the sums of other towns hold for {account.as_of} alone")
    unknown = sorted(set(intake or {}) - set(account.towns))
    if unknown:
        raise AccountNotComputable(f"no town of the account is {', '.join(unknown)}")
    last = max((booking.number for booking in account.bookings), default=0)
    more = tuple(
        Booking(last + number, ags, day, Entry.INTAKE, persons)
        for number, (ags, persons) in enumerate((intake or {}).items(), start=1)
    )
    people = account.announced if announced is None else announced
    return replace(account, as_of=day, announced=people, bookings=account.bookings + more)


def extract(account: Account, ags: str) -> Account:
    """What a town gets: its own bookings whole, of every other town the sum counted under the policy it is kept by."""
    if ags not in account.towns:
        raise AccountNotComputable(f"no town of the account is {ags}")
    lines = statement(account).lines
    own = tuple(booking for booking in account.bookings if booking.ags == ags)
    others = {town: line.counted for town, line in lines.items() if town != ags}
    if ags in account.published:
        others[ags] = account.published[ags]
    policy = account.policy()
    return replace(account, policies=(policy,), bookings=own, published=others)
