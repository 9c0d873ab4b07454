"""Makes an account of a document. Every problem names its place in it, and nothing is half read."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kfi_allocation.domain.account.entries import Booking, Entry
from kfi_allocation.domain.account.policy import AccountPolicy, CreditRule, GainCap, Key, Part, Series
from kfi_allocation.domain.account.statement import Account
from kfi_allocation.domain.checking import Checker, DocumentNotReadable, Fields

FORMAT = "kfi-allocation-account/1"
MOST_PERSONS = 10_000_000
MOST_FIGURE = 100_000_000
MOST_MONTHS = 1200


def account_from(document: object) -> Account:
    """The account a document describes. Raises DocumentNotReadable with every problem found."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentNotReadable([f'format: must be "{FORMAT}"'])
    checker = Checker()
    series = {one.name: one for one in (_series(checker, row, at) for at, row in checker.rows(document, "series"))}
    names = frozenset(series)
    account = Account(
        as_of=checker.day(document, "as_of", "account"),
        announced=checker.whole(document, "announced", "account", 0, MOST_PERSONS),
        version=checker.text(document, "policy", "account"),
        policies=tuple(_policy(checker, row, at, names) for at, row in checker.rows(document, "policies")),
        series=series,
        bookings=tuple(_booking(checker, row, at) for at, row in checker.rows(document, "entries")),
        published=_figures(checker, document, "published", "account"),
    )
    _agree(checker, account)
    if checker.problems:
        raise DocumentNotReadable(checker.problems)
    return account


def as_document(account: Account) -> dict[str, Any]:
    """The document of an account; `account_from` reads the same account from it."""
    return {
        "format": FORMAT,
        "as_of": account.as_of.isoformat(),
        "announced": account.announced,
        "policy": account.version,
        "policies": [_policy_document(policy) for policy in account.policies],
        "series": [
            {
                "name": one.name,
                "counted_on": one.counted_on.isoformat(),
                "source": one.source,
                "by_ags": {ags: str(figure) for ags, figure in one.by_ags.items()},
            }
            for one in account.series.values()
        ],
        "entries": [_entry_document(booking) for booking in account.bookings],
        "published": dict(account.published),
    }


def policy_from(document: Fields) -> AccountPolicy:
    """A policy by itself, whatever series it names. Raises DocumentNotReadable."""
    checker = Checker()
    policy = _policy(checker, document, "policy", None)
    if checker.problems:
        raise DocumentNotReadable(checker.problems)
    return policy


def _series(checker: Checker, row: Fields, at: str) -> Series:
    by_ags = row.get("by_ags")
    figures = by_ags if isinstance(by_ags, dict) else {}
    if not figures:
        checker.say(f"{at}.by_ags", "must be an object with a figure for each AGS")
    return Series(
        checker.text(row, "name", at),
        checker.day(row, "counted_on", at),
        checker.text(row, "source", at),
        {ags: checker.figure(figures, ags, f"{at}.by_ags", MOST_FIGURE) for ags in sorted(figures)},
    )


def _policy(checker: Checker, row: Fields, at: str, known: frozenset[str] | None) -> AccountPolicy:
    credits_ = {rule.name: rule for rule in (_credit(checker, one, a) for a, one in checker.rows(row, "credits", at))}
    return AccountPolicy(
        version=checker.text(row, "version", at),
        valid_from=checker.day(row, "valid_from", at),
        paragraph=checker.text(row, "paragraph", at),
        key=_key(checker, row, f"{at}.key", known),
        credits=credits_,
        counts_from=checker.day(row, "counts_from", at),
        stop_at_full=checker.flag(row, "stop_at_full", at),
    )


def _key(checker: Checker, policy: Fields, at: str, known: frozenset[str] | None) -> Key:
    value = policy.get("key")
    fields: Fields = value if isinstance(value, dict) else {}
    parts = tuple(
        Part(checker.text(row, "series", a), Fraction(checker.figure(row, "share", a, 1)))
        for a, row in checker.rows(fields, "parts", at)
    )
    if sum(part.share for part in parts) != 1:
        checker.say(f"{at}.parts", "the shares must sum to 1")
    cap = fields.get("gain_cap")
    found = None
    if isinstance(cap, dict):
        here = f"{at}.gain_cap"
        found = GainCap(checker.text(cap, "over", here), Fraction(checker.figure(cap, "most", here, 100)))
    elif cap is not None:
        checker.say(f"{at}.gain_cap", "must be an object or null")
    named = [part.series for part in parts] + ([found.over] if found else [])
    for name in named:
        if known is not None and name and name not in known:
            checker.say(at, f"no series of the account is {name}")
    return Key(parts, found)


def _credit(checker: Checker, row: Fields, at: str) -> CreditRule:
    lasting = row.get("months", 0) is None
    return CreditRule(
        checker.text(row, "name", at), None if lasting else checker.whole(row, "months", at, 1, MOST_MONTHS)
    )


def _booking(checker: Checker, row: Fields, at: str) -> Booking:
    kind = checker.text(row, "kind", at)
    if kind and kind not in tuple(Entry):
        checker.say(f"{at}.kind", f"must be one of {', '.join(Entry)}")
    entry = Entry(kind) if kind in tuple(Entry) else Entry.INTAKE
    correction = entry is Entry.CORRECTION
    return Booking(
        number=checker.whole(row, "number", at, 1, MOST_FIGURE),
        ags=checker.text(row, "ags", at),
        on=checker.day(row, "on", at),
        kind=entry,
        persons=checker.whole(row, "persons", at, -MOST_PERSONS if correction else 0, MOST_PERSONS),
        credit=checker.text(row, "credit", at) if entry is Entry.CREDIT else None,
        until=checker.day(row, "until", at) if row.get("until") is not None else None,
        corrects=checker.whole(row, "corrects", at, 1, MOST_FIGURE) if correction else None,
    )


def _figures(checker: Checker, document: Fields, name: str, at: str) -> dict[str, int]:
    value = document.get(name)
    if not isinstance(value, dict):
        checker.say(f"{at}.{name}", "must be an object")
        return {}
    return {ags: checker.whole(value, ags, f"{at}.{name}", 0, MOST_PERSONS) for ags in value}


def _agree(checker: Checker, account: Account) -> None:
    """Series know the same towns, entries come once and in order, corrections meet what they correct."""
    if not account.series or not account.policies:
        checker.say("account", "needs at least one series and one policy")
        return
    towns = frozenset(account.towns)
    for series in account.series.values():
        if frozenset(series.by_ags) != towns:
            checker.say("series", f"{series.name} does not count the same municipalities as the others")
    if account.version not in {policy.version for policy in account.policies}:
        checker.say("account.policy", f"no policy of the account is {account.version}")
    checker.unique("policies", "version", [policy.version for policy in account.policies])
    for ags in sorted(set(account.published) - towns):
        checker.say(f"account.published.{ags}", "no municipality of the series")
    earlier: dict[int, Booking] = {}
    for number, booking in enumerate(account.bookings):
        _meets(checker, f"entries[{number}]", booking, earlier, towns)
        earlier[booking.number] = booking


def _meets(checker: Checker, at: str, booking: Booking, earlier: Mapping[int, Booking], towns: frozenset[str]) -> None:
    if booking.ags and booking.ags not in towns:
        checker.say(f"{at}.ags", f"no municipality of the series is {booking.ags}")
    if earlier and booking.number <= max(earlier):
        checker.say(f"{at}.number", f"{booking.number} comes twice or too late; numbers rise")
    if booking.kind is Entry.CORRECTION:
        corrected = earlier.get(booking.corrects or 0)
        if corrected is None or corrected.ags != booking.ags or corrected.kind is Entry.CORRECTION:
            checker.say(f"{at}.corrects", "must be an earlier intake or credit of the same municipality")


def _policy_document(policy: AccountPolicy) -> dict[str, Any]:
    cap = policy.key.cap
    return {
        "version": policy.version,
        "valid_from": policy.valid_from.isoformat(),
        "paragraph": policy.paragraph,
        "key": {
            "parts": [{"series": part.series, "share": _text(part.share)} for part in policy.key.parts],
            "gain_cap": {"over": cap.over, "most": _text(cap.most)} if cap else None,
        },
        "credits": [{"name": rule.name, "months": rule.months} for rule in policy.credits.values()],
        "counts_from": policy.counts_from.isoformat(),
        "stop_at_full": policy.stop_at_full,
    }


def _entry_document(booking: Booking) -> dict[str, Any]:
    always = {"number": booking.number, "ags": booking.ags, "on": booking.on.isoformat(), "kind": booking.kind.value}
    sometimes = {
        "credit": booking.credit,
        "until": booking.until.isoformat() if booking.until else None,
        "corrects": booking.corrects,
    }
    return always | {"persons": booking.persons} | {name: value for name, value in sometimes.items() if value}


def _text(value: Fraction) -> str:
    """A share as it was written: every share read has at most eight decimals."""
    return str(Decimal(value.numerator) / Decimal(value.denominator))
