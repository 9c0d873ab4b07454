"""An organisation consents to be told by its inbox, or takes that back."""

from kfi_chassis.transient import VersionConflict
from kfi_notifications.consents import AGGREGATE, Said
from kfi_notifications.domain.consent import Consent
from kfi_notifications.work import NotificationsWork


async def change_consent(organisation: str, seen_version: int, given: bool, work: NotificationsWork) -> Consent:  # noqa: FBT001
    """Keep what it says, who said so and when; said twice, it is kept once. Raises VersionConflict."""
    consent = await work.consents.of(organisation, locked=True)
    if consent.version != seen_version:
        raise VersionConflict(retry=False)
    today = work.calendar.today()
    if not consent.change(given, today):
        return consent
    said = Said(given, today, work.clock.now(), work.actor.subject, work.actor.person)
    await work.consents.save(consent, said)
    work.audit.add(
        aggregate=AGGREGATE,
        aggregate_id=consent.id,
        version=consent.version,
        action="consented" if given else "consent-withdrawn",
    )
    return consent
