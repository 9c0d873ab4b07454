"""What follows in law from handing a notification over: announcement, remedy period, finality."""

from datetime import date
from typing import Final

from kfi_contracts.notifications import Channel
from kfi_law import announcement
from kfi_law.announcement import announced_by_retrieval
from kfi_law.remedies import RemedyPeriod, remedy_period, remedy_period_from

_CHANNELS_OF_LAW: Final = {
    Channel.LETTER: announcement.Channel.LETTER,
    Channel.EMAIL: announcement.Channel.ELECTRONIC,
}


def period_after(channel: Channel, dispatched_on: date) -> RemedyPeriod:
    """Announcement and remedy period of an act dispatched on that day with a correct remedy notice.

    By § 41 (2) VwVfG NRW and § 74 VwGO; what lets an act become final rests on the later of both weekend readings.
    """
    return remedy_period(_CHANNELS_OF_LAW[channel], dispatched_on)


def period_after_retrieval(provided_on: date, retrieved_on: date) -> RemedyPeriod:
    """Announcement and remedy period of an act that was provided in an inbox and retrieved there (§ 41 (2a) VwVfG).

    It counts as announced on the day after it was retrieved. Raises NotRetrievedInTime after the ten days. Of § 37 (2a)
    SGB X the packaged law says nothing yet: there is no way through an inbox for social law.
    """
    announced = announced_by_retrieval(provided_on, retrieved_on)
    return remedy_period_from(announced, announced_by_retrieval(provided_on, retrieved_on, latest=True))
