"""The account as people read it, and as JSON with exact fractions."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from kfi_allocation.domain.account.entries import Counted
from kfi_allocation.domain.account.policy import AccountNotComputable
from kfi_allocation.domain.account.statement import Account, Line, Statement

HEAD = f"{'AGS':8}  {'key %':>9}  {'duty':>12}  {'counted':>8}  {'fulfilled %':>11}  {'target':>10}"


def report(account: Account, found: Statement, town: str | None, *, as_json: bool) -> str:
    """The lines of all towns, or of one with its entries. Raises AccountNotComputable for a town it does not know."""
    if town is not None and town not in found.lines:
        raise AccountNotComputable(f"no town of the account is {town}")
    lines = [found.lines[town]] if town else list(found.lines.values())
    entries = [entry for entry in found.entries if town is not None and entry.booking.ags == town]
    if as_json:
        return json.dumps(_document(account, found, lines, entries), ensure_ascii=False, indent=2)
    return "\n".join([*_heading(account, found), "", HEAD, *map(_line, lines), *_entries(entries)])


def _heading(account: Account, found: Statement) -> list[str]:
    policy = found.policy
    parts = " + ".join(f"{_percent(part.share)} % {part.series}" for part in policy.key.parts)
    cap = policy.key.cap
    limit = f", gain over {cap.over} at most {_percent(cap.most)} %" if cap else ""
    return [
        f"as of {account.as_of}: {found.persons} persons counted, {account.announced} announced",
        f"policy {policy.version}: {parts}{limit}   {policy.paragraph}",
        *(f"{one.name} of {one.counted_on}   {one.source}" for one in account.series.values()),
    ]


def _line(line: Line) -> str:
    fulfilled = "-" if line.fulfilment is None else _percent(line.fulfilment)
    target = f"{line.target_hundredths // 100}.{line.target_hundredths % 100:02}"
    key, duty = _rounded(100 * line.key, 6), _rounded(line.duty, 4)
    return f"{line.ags:8}  {key:>9}  {duty:>12}  {line.counted:>8}  {fulfilled:>11}  {target:>10}" + (
        "  closed: at 100 %" if line.closed else ""
    )


def _entries(entries: list[Counted]) -> list[str]:
    rows = [
        f"{e.booking.number:>6}  {e.booking.on}  {_kind(e):24}  {e.booking.persons:>+8}  {e.persons:>+8}  {e.why}"
        for e in entries
    ]
    return ["", f"{'entry':>6}  {'on':10}  {'kind':24}  {'persons':>8}  {'counted':>8}", *rows] if rows else []


def _kind(entry: Counted) -> str:
    booking = entry.booking
    about = booking.credit or (f"of {booking.corrects}" if booking.corrects else "")
    return f"{booking.kind} {about}".strip()


def _document(account: Account, found: Statement, lines: list[Line], entries: list[Counted]) -> dict[str, object]:
    return {
        "as_of": account.as_of.isoformat(),
        "policy": found.policy.version,
        "announced": account.announced,
        "counted": found.persons,
        "towns": [
            {
                "ags": line.ags,
                "key": str(line.key),
                "duty": str(line.duty),
                "counted": line.counted,
                "fulfilment": None if line.fulfilment is None else str(line.fulfilment),
                "target": str(line.target),
                "target_rounded": f"{line.target_hundredths // 100}.{line.target_hundredths % 100:02}",
                "closed": line.closed,
            }
            for line in lines
        ],
        "entries": [
            {"number": e.booking.number, "persons": e.booking.persons, "counted": e.persons, "why": e.why}
            for e in entries
        ],
    }


def _percent(share: Fraction) -> str:
    return _rounded(100 * share, 2)


def _rounded(value: Fraction, digits: int) -> str:
    """Rounded half up from the exact fraction."""
    whole = (value * 10**digits * 2 + 1) // 2
    return str(Decimal(whole).scaleb(-digits).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
