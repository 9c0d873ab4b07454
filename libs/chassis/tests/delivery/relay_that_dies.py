"""A relay of its own process that kills itself after the broker's acknowledgement and before the row is marked."""

import asyncio
import os
import signal
import sys

from kfi_chassis.metrics import Metrics
from kfi_chassis.publisher import Round
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings


class RelayThatDies(Relay):
    async def _settle(self, connection: object, this_round: Round) -> None:
        if this_round.acked:
            os.kill(os.getpid(), signal.SIGKILL)


database_url, bootstrap, security, username, password = sys.argv[1:]
settings = QuickKafkaSettings(bootstrap, security, username, password)
asyncio.run(RelayThatDies(database_url, settings, Metrics()).run(asyncio.Event()))
