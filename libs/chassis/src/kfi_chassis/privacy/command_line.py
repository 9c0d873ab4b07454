"""`privacy`: what an operator does with personal data, in the environment of the service.

new-key    make key files, or add a key to each, which wraps new persons' keys from now on
rewrap     wrap all persons' keys with the current key; their data stays as it is
drop-key   take a key out of the file that wraps nothing any more
encrypt    encrypt, portion by portion, what a release before this one has stored in the open
forget     after a restore: delete the keys that came back of persons who were erased
status     how many persons' keys are wrapped with which key, and what is to be done
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import NAMESPACE_OID, uuid5

from kfi_chassis.clock import SystemClock, calendar_for
from kfi_chassis.database import create_engine
from kfi_chassis.declaration import Command
from kfi_chassis.identity import SYSTEM, Principal
from kfi_chassis.privacy.key_file import KeyFile, KeyFileUnusable
from kfi_chassis.settings import ConfigurationError, ServiceSettings, load_settings
from kfi_chassis.work import Transactions, Work

PORTION: Final = 200
T = TypeVar("T")
Use = Callable[[Any], Awaitable[T]]
Run = Callable[[Use[Any]], Awaitable[Any]]
"""Runs a use in a transaction of its own."""
InService = Callable[[Run, ServiceSettings], Awaitable[str]]


class NotToBeDone(Exception):
    """The command was understood and is refused; the message says why and what to do."""


@dataclass(frozen=True)
class Action:
    """An action of one service alone: its arguments, and what it does in its transactions; the answer is printed."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    use: Callable[[argparse.Namespace, Run], Awaitable[str]]


@dataclass(frozen=True)
class PrivacyCommand:
    """The command of one service. ``encrypt`` encrypts one portion of what is in the open and tells how many rows."""

    settings_class: type[ServiceSettings]
    work_class: type[Work]
    encrypt: Use[int]
    actions: Mapping[str, Action] = field(default_factory=dict)

    def command(self) -> Command:
        """The command as the service's program offers it."""
        return Command("keys of persons: make, rotate; encrypt, erase", self._add_arguments, self._run)

    def _add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(required=True, metavar="ACTION")
        new_key = commands.add_parser("new-key", help="make key files, or add a key that becomes the current one")
        new_key.add_argument("files", type=Path, nargs="+", metavar="FILE")
        new_key.set_defaults(privacy=_new_key)
        drop_key = commands.add_parser("drop-key", help="take out a key that wraps nothing any more")
        drop_key.add_argument("kid")
        drop_key.set_defaults(privacy=self._drop_key)
        everywhere: dict[str, InService] = {
            "rewrap": self._rewrap, "encrypt": self._encrypt, "forget": self._forget, "status": self._status,
        }  # fmt: skip
        for name, use in everywhere.items():
            commands.add_parser(name).set_defaults(privacy=lambda _, use=use: self._in_service(use))
        for name, action in self.actions.items():
            added = commands.add_parser(name, help=action.help)
            action.add_arguments(added)
            added.set_defaults(privacy=partial(self._act, action))

    @staticmethod
    def _run(options: argparse.Namespace) -> int:
        try:
            sys.stdout.write(f"{options.privacy(options)}\n")
        except KeyFileUnusable as failure:
            raise ConfigurationError(str(failure)) from None
        except NotToBeDone as refusal:
            sys.stderr.write(f"{refusal}\n")
            return 1
        return 0

    def _act(self, action: Action, options: argparse.Namespace) -> str:
        return self._in_service(lambda run, _: action.use(options, run))

    def _drop_key(self, options: argparse.Namespace) -> str:
        async def unused(run: Run, settings: ServiceSettings) -> str:
            left = (await run(lambda work: work.persons.count_by_key())).get(options.kid, 0)
            if left:
                raise NotToBeDone(f"{left} persons' keys are wrapped with {options.kid}: run `privacy rewrap` first.")
            path = _key_file(settings)
            KeyFile.read(path).without(options.kid).write(path)
            return f"{options.kid} is taken out; destroy every copy of the file before."

        return self._in_service(unused)

    @staticmethod
    async def _rewrap(run: Run, _: ServiceSettings) -> str:
        done = await _until_none(run, lambda work: work.persons.rewrap(PORTION))
        kid = await run(lambda work: _noted("rewrapped", done, work))
        return f"{done} persons' keys are wrapped anew; all are under {kid} now."

    async def _encrypt(self, run: Run, _: ServiceSettings) -> str:
        done = await _until_none(run, self.encrypt)
        await run(lambda work: _noted("encrypted", done, work))
        return f"{done} rows are encrypted; none is in the open."

    @staticmethod
    async def _forget(run: Run, _: ServiceSettings) -> str:
        done = await run(lambda work: work.persons.forget_erased())
        await run(lambda work: _noted("forgotten", done, work))
        return f"{done} keys of erased persons are deleted again."

    @staticmethod
    async def _status(run: Run, settings: ServiceSettings) -> str:
        current = settings.key_ring.current
        counts = {current: 0} | await run(lambda work: work.persons.count_by_key())
        lines = [f"{kid}{' (current)' if kid == current else ''}: {count} persons" for kid, count in counts.items()]
        return "\n".join(lines)

    def _in_service(self, use: InService) -> str:
        settings = load_settings(self.settings_class)
        return in_service(settings, self.work_class, lambda run: use(run, settings))


def in_service(settings: ServiceSettings, work_class: type[Work], use: Callable[[Run], Awaitable[T]]) -> T:
    """Do something in transactions of a service, outside of its processes; the audit names the service itself."""
    return asyncio.run(_with_transactions(settings, work_class, use))


async def _with_transactions(
    settings: ServiceSettings, work_class: type[Work], use: Callable[[Run], Awaitable[T]]
) -> T:
    clock = SystemClock()
    engine = create_engine(settings.database_url, pool_size=1)
    of_settings = type(work_class.__name__, (work_class,), {"settings": settings})
    transactions: Transactions[Any] = Transactions(
        engine, of_settings, clock=clock, calendar=calendar_for(settings, clock)
    )
    try:
        return await use(partial(transactions.run, actor=SYSTEM(settings.service)))
    finally:
        await engine.dispose()


def acting(work: Work, account: str) -> None:
    """From now on the audit names this account, on whose word an operator acts."""
    work.actor = work.audit.actor = Principal(account, account, frozenset())


def _new_key(options: argparse.Namespace) -> str:
    return "\n".join(KeyFile.with_a_new_key(file).current for file in options.files)


async def _until_none(run: Run, portion: Use[int]) -> int:
    done = 0
    while count := await run(portion):
        done += count
    return done


async def _noted(action: str, count: int, work: Work) -> str:
    settings: Any = getattr(work, "settings", None)
    kid: str = settings.key_ring.current
    work.audit.add(
        aggregate="person-keys",
        aggregate_id=uuid5(NAMESPACE_OID, kid),
        version=1,
        action=action,
        details={"kid": kid, "rows": str(count)},
    )
    return kid


def _key_file(settings: ServiceSettings) -> Path:
    if settings.person_keys_file is None:
        raise ConfigurationError("Set KFI_PERSON_KEYS_FILE: the command works on this file.")
    return settings.person_keys_file
