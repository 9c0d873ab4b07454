"""What the operator's commands do at the desk; they print what the routes answer."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from kfi_chassis.audit_verification import ChainBroken, verify_all
from kfi_chassis.desk import letters, listing, parked_events
from kfi_chassis.desk.parked_api import view_of
from kfi_chassis.desk.reasons import Reasons
from kfi_chassis.desk.replay import Attempt, Desk, operator_account
from kfi_chassis.desk.views import LetterLine, LetterView
from kfi_chassis.subscriptions import Consumer
from kfi_chassis.work import Transactions, Work

BY_COMMAND: Final = "by-command"
"""The reason of a replay for which none was given."""
_MOST_LISTED: Final = 1000
_ROWS_A_LINE: Final = 50_000


@dataclass(frozen=True)
class Sitting:
    """One command of one operator at the desk of one service."""

    consumer: Consumer
    transactions: Transactions[Any]
    reasons: Reasons
    user: str

    @property
    def desk(self) -> Desk:
        """The desk of the service's dead letters."""
        return Desk(self.consumer, self.transactions, operator=operator_account(self.user))


Action = Callable[[argparse.Namespace, Sitting], Awaitable[int]]


async def list_letters(_: argparse.Namespace, sitting: Sitting) -> int:
    """Print the open letters."""
    async with sitting.transactions.engine.connect() as connection:
        rows = await letters.page(connection, sitting.consumer.group, letters.Wanted(), limit=_MOST_LISTED)
    _print(listing.letters([LetterLine.of(row, sitting.reasons) for row in rows]))
    return 0


async def show_letter(options: argparse.Namespace, sitting: Sitting) -> int:
    """Print one letter."""
    letter = await sitting.desk.letter(options.number)
    behind, waiting = await sitting.desk.standing(letter)
    _print(listing.letter(LetterView.of(letter, behind=behind, waiting_behind=waiting, reasons=sitting.reasons)))
    return 0


async def replay_letter(options: argparse.Namespace, sitting: Sitting) -> int:
    """Replay one letter and those behind it; 1 when one of them failed again."""
    failed = False
    async for attempt in sitting.desk.replay(options.number, options.reason):
        failed = attempt.failure is not None
        _tell(attempt)
    return int(failed)


async def replay_letters(options: argparse.Namespace, sitting: Sitting) -> int:
    """Replay all letters that were parked for a reason; 1 when one of them failed again."""
    failed = handled = 0
    async for attempt in sitting.desk.replay_all(options.parked_for, options.reason):
        failed += attempt.failure is not None
        handled += attempt.failure is None
        _tell(attempt)
    _print(f"{handled} replayed, {failed} failed again\n")
    return int(failed > 0)


async def discard_letter(options: argparse.Namespace, sitting: Sitting) -> int:
    """Close one letter."""
    await sitting.desk.discard(options.number, options.reason)
    _print(f"{options.number}: discarded\n")
    return 0


async def list_events(_: argparse.Namespace, sitting: Sitting) -> int:
    """Print the events that the broker refuses."""

    async def read(work: Work) -> str:
        rows = await parked_events.page(work, limit=_MOST_LISTED)
        return listing.events([view_of(row) for row in rows])

    _print(await sitting.transactions.run(read, actor=operator_account(sitting.user)))
    return 0


async def release_event(options: argparse.Namespace, sitting: Sitting) -> int:
    """Have the relay try again."""

    async def release(work: Work) -> None:
        await parked_events.release(work, options.number, options.reason)

    await sitting.transactions.run(release, actor=operator_account(sitting.user))
    _print(f"{options.number}: released\n")
    return 0


async def discard_event(options: argparse.Namespace, sitting: Sitting) -> int:
    """Remove an event for good."""

    async def give_up(work: Work) -> None:
        await parked_events.give_up(work, options.number, options.reason)

    await sitting.transactions.run(give_up, actor=operator_account(sitting.user))
    _print(f"{options.number}: removed; nobody will hear of it\n")
    return 0


async def verify_audit(_: argparse.Namespace, sitting: Sitting) -> int:
    """Recompute every chain, telling how far it is; 1 with the first wrong row."""
    async with sitting.transactions.engine.connect() as connection:
        try:
            chains, rows = await verify_all(connection, _tell_how_far)
        except ChainBroken as broken:
            sys.stderr.write(f"{broken}\n")
            return 1
    _print(f"{chains} chains with {rows} rows are whole.\n")
    return 0


def _tell_how_far(rows: int) -> None:
    if rows % _ROWS_A_LINE == 0:
        sys.stderr.write(f"{rows} rows recomputed\n")


def _tell(attempt: Attempt) -> None:
    _print(f"{attempt.number}: {'replayed' if attempt.failure is None else f'failed again, {attempt.failure}'}\n")


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
