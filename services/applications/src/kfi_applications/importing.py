"""What the commands that bring master data in share: their settings, one transaction, and how they end."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kfi_applications.domain.errors import RuleBroken
from kfi_applications.works import ApplicationsWork
from kfi_chassis.clock import BerlinCalendar, SystemClock
from kfi_chassis.database import create_engine
from kfi_chassis.identity import SYSTEM
from kfi_chassis.settings import ENV_PREFIX, ConfigurationError, DatabaseUrl, Profile, load_settings
from kfi_chassis.work import Transactions

Import = Callable[[ApplicationsWork, bool], Awaitable[int]]
"""Brings something in, in force at once or not; how many were new or changed."""
NOT_LOADED = 1
NOT_READABLE = 2


class ImportSettings(BaseSettings):
    """All that an import needs: the database of the service, and whether it may put in force what it brings."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl
    profile: Profile = Profile.PRODUCTION

    @property
    def in_force(self) -> bool:
        """Only a demo or a test has nobody who approves; in production a file proposes, and a person approves."""
        return self.profile is not Profile.PRODUCTION


def imported(name: str, read: Callable[[ImportSettings], Import]) -> int:
    """Read and bring in, all or nothing; 0 when it is in, 1 when a rule stops it, 2 when it cannot be read."""
    try:
        settings = load_settings(ImportSettings)
        changed = asyncio.run(_run(settings, read(settings)))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}. Name a file that can be read.", NOT_READABLE)
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}. Correct it." for each in error.errors())
        return _fail("\n".join(lines), NOT_READABLE)
    except ConfigurationError as error:
        return _fail(str(error), NOT_READABLE)
    except RuleBroken as error:
        return _fail(f"{error.detail} {error.fix}", NOT_LOADED)
    done = "are loaded and in force" if settings.in_force else "are proposed; another person approves them"
    sys.stdout.write(f"{changed} new or changed {name} {done}.\n")
    return 0


async def _run(settings: ImportSettings, bring: Import) -> int:
    clock = SystemClock()
    engine = create_engine(settings.database_url, pool_size=1)
    try:
        transactions = Transactions(engine, ApplicationsWork, clock=clock, calendar=BerlinCalendar(clock))
        actor = SYSTEM("applications")
        return await transactions.run(lambda work: bring(work, settings.in_force), actor=actor)
    finally:
        await engine.dispose()


def _fail(message: str, status: int) -> int:
    sys.stderr.write(message + "\n")
    return status
