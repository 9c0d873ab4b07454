"""What e-mails to towns say: that something waits behind the gateway, or that an endpoint gets nothing more.

They travel unencrypted, so they name no person, count none and tell no day of arrival.
"""

from typing import Final

from kfi_contracts.allocation_letters import MunicipalityNoticeFacts, NoticeOccasion, WebhookDisabledFacts
from kfi_notifications.domain.email import Email
from kfi_notifications.domain.german import written_date
from kfi_notifications.domain.letterhead import Letterhead

_SUBJECTS: Final = {
    NoticeOccasion.PROPOSED: "Neue Vorschläge zur Aufnahme",
    NoticeOccasion.REVISED: "Geänderte Vorschläge zur Aufnahme",
    NoticeOccasion.CANCELLED: "Aufnahme entfällt",
    NoticeOccasion.SETTLED: "Aufnahme steht fest",
}
_NEWS: Final = {
    NoticeOccasion.PROPOSED: "für {town} gibt es {count} zur Aufnahme.",
    NoticeOccasion.REVISED: "für {town} gibt es {count} zur Aufnahme, weil eine frühere Verteilung geändert wurde.",
    NoticeOccasion.CANCELLED: "für {town} gilt {count} zur Aufnahme nicht mehr.",
    NoticeOccasion.SETTLED: "für {town} steht fest: {count} zur Aufnahme ist entschieden oder vereinbart.",
}
_SEVERAL: Final = {
    NoticeOccasion.CANCELLED: "für {town} gelten {count} zur Aufnahme nicht mehr.",
    NoticeOccasion.SETTLED: "für {town} steht fest: {count} zur Aufnahme sind entschieden oder vereinbart.",
}
_LOOK: Final = (
    "Die Angaben stehen aus Gründen des Datenschutzes nicht in dieser E-Mail. Bitte rufen Sie sie mit den Zugangsdaten "
    "Ihrer Stadt oder Gemeinde ab"
)
_OBJECT: Final = "Einwände sind dort bis zum {day} möglich. Danach gehe ich davon aus, dass es keine gibt."
_DISABLED: Final = (
    "die Adresse, an die wir Ereignisse für {town} zustellen, hat seit dem {since} nichts mehr angenommen:",
    "Rechner: {host}\nKennung: {endpoint}",
    (
        "Die Zustellung dorthin ist seit dem {day} abgeschaltet. Es ist nichts verloren: Alle Ereignisse stehen zum "
        "Abruf bereit. Wenn die Adresse wieder erreichbar ist, schalten Sie die Zustellung dort wieder ein und lassen "
        "Sie den Zeitraum nachsenden"
    ),
)


def municipality_notice(facts: MunicipalityNoticeFacts, letterhead: Letterhead) -> Email:
    """Something waits for a town; with the last day for an objection, where it may object."""
    several = facts.placements > 1
    news = _SEVERAL.get(facts.occasion, _NEWS[facts.occasion]) if several else _NEWS[facts.occasion]
    count = f"{facts.placements} Vorschläge" if several else "ein Vorschlag"
    if not several and facts.occasion in {NoticeOccasion.PROPOSED, NoticeOccasion.REVISED}:
        count = "einen Vorschlag"
    last_day = [] if facts.object_until is None else [_OBJECT.format(day=written_date(facts.object_until))]
    parts = [news.format(town=facts.town, count=count), _LOOK + _where(letterhead), *last_day]
    return Email(_SUBJECTS[facts.occasion], "\n\n".join(parts))


def webhook_disabled(facts: WebhookDisabledFacts, letterhead: Letterhead) -> Email:
    """A town's endpoint is switched off; its technical contact is told what to do."""
    text = "\n\n".join(_DISABLED).format(
        town=facts.town,
        since=written_date(facts.failing_since),
        host=facts.endpoint_host,
        endpoint=facts.endpoint_id,
        day=written_date(facts.disabled_on),
    )
    return Email("Zustellung von Ereignissen abgeschaltet", text + _where(letterhead))


def _where(letterhead: Letterhead) -> str:
    return "." if letterhead.towns_url is None else f":\n\n{letterhead.towns_url}"
