"""What follows in law from handing a notification over: announcement, remedy period, finality."""

from datetime import date
from typing import Final

from kfi_contracts.notifications import Channel
from kfi_law import announcement
from kfi_law.remedies import RemedyPeriod, remedy_period

_CHANNELS_OF_LAW: Final = {
    Channel.LETTER: announcement.Channel.LETTER,
    Channel.EMAIL: announcement.Channel.ELECTRONIC,
}


def period_after(channel: Channel, dispatched_on: date) -> RemedyPeriod:
    """Announcement and remedy period of an act dispatched on that day with a correct remedy notice.

    By § 41 (2) VwVfG NRW and § 74 VwGO; what lets an act become final rests on the later of both weekend readings.
    """
    return remedy_period(_CHANNELS_OF_LAW[channel], dispatched_on)
