"""``kfi-allocation doorkeeper``: the process that opens towns' doors at the broker, and the key of their passwords."""

import asyncio
import json
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from kfi_allocation.doors.doorkeeper import Doorkeeper
from kfi_chassis import logs
from kfi_chassis.broker_users import Broker
from kfi_chassis.clock import BerlinCalendar, SystemClock
from kfi_chassis.database import create_engine
from kfi_chassis.declaration import Command
from kfi_chassis.sealing import Opener, SealingError, new_sealing_key, public_part
from kfi_chassis.settings import ENV_PREFIX, ConfigurationError, DatabaseUrl, KafkaSecurity, load_settings
from kfi_chassis.work import Transactions, Work


class DoorkeeperSettings(BaseSettings):
    """What the doorkeeper needs; its user at the broker is its own, and no other process has it."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl
    kafka_bootstrap: Annotated[str, Field(min_length=1)]
    kafka_security: KafkaSecurity = KafkaSecurity.SASL_SSL
    kafka_ca_file: Path | None = None
    doorkeeper_kafka_username: Annotated[str, Field(min_length=1)]
    doorkeeper_kafka_password: Annotated[str, Field(min_length=1, repr=False)]
    doorkeeper_keys_file: Path
    door_days: Annotated[int, Field(ge=1, le=3650)] = 30
    log_level: str = "INFO"

    @property
    def kafka_username(self) -> str:
        """Its own user."""
        return self.doorkeeper_kafka_username

    @property
    def kafka_password(self) -> str:
        """Its password."""
        return self.doorkeeper_kafka_password

    def opener(self) -> Opener:
        """What opens the passwords. Raises ConfigurationError."""
        try:
            return Opener(json.loads(self.doorkeeper_keys_file.read_bytes())["keys"])
        except (OSError, ValueError, KeyError, TypeError, SealingError):
            raise ConfigurationError(
                "KFI_DOORKEEPER_KEYS_FILE must name a file that `kfi-allocation doorkeeper-key` made."
            ) from None


def keep_doors(settings: DoorkeeperSettings) -> None:
    """Open and close doors until the process is told to stop. Raises ConfigurationError."""
    logs.configure(settings.log_level, service="allocation", instance="doorkeeper", roles="doorkeeper")
    opener = settings.opener()
    broker = Broker(settings)  # type: ignore[arg-type]  # it has what is asked for of the settings of every service

    async def run() -> None:
        stop, clock = asyncio.Event(), SystemClock()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        engine = create_engine(settings.database_url, pool_size=1)
        transactions = Transactions(engine, Work, clock=clock, calendar=BerlinCalendar(clock))
        logs.event("doorkeeper_begins")
        await Doorkeeper(transactions, broker, opener, days=settings.door_days).run(stop)
        await engine.dispose()

    asyncio.run(run())


def make_key(private_file: Path, public_file: Path) -> str:
    """A new key pair; older private keys in the file stay. Returns its name. Raises ConfigurationError."""
    key = new_sealing_key()
    try:
        older = json.loads(private_file.read_bytes())["keys"] if private_file.exists() else []
        _write_private(private_file, {"keys": [*older, key]})
        public_file.write_text(json.dumps(public_part(key)), encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise ConfigurationError(f"The key could not be written: {type(failure).__name__}.") from None
    return str(key["kid"])


def _write_private(path: Path, content: Any) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(content))
    unfinished.replace(path)


def _run(_: Namespace) -> int:
    keep_doors(load_settings(DoorkeeperSettings))
    return 0


def _key_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("private_file", type=Path, help="JWK set of the doorkeeper; readable by its owner only")
    parser.add_argument("public_file", type=Path, help="public JWK for the processes that answer requests")


def _key(options: Namespace) -> int:
    sys.stdout.write(f"{make_key(options.private_file, options.public_file)}\n")
    return 0


DOORKEEPER: Final = Command("open and close towns' doors at the broker", lambda _: None, _run)
DOORKEEPER_KEY: Final = Command("make the key that passwords are sealed to", _key_arguments, _key)


def run(words: Sequence[str]) -> int:
    """Run one of the two without the rest of the service; the exit code."""
    name = words[0]
    command = {"doorkeeper": DOORKEEPER, "doorkeeper-key": DOORKEEPER_KEY}[name]
    parser = ArgumentParser(prog=f"kfi-allocation {name}", description=command.help)
    command.add_arguments(parser)
    try:
        return int(command.run(parser.parse_args(words[1:])))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
