"""Which orders are taken: only those that can be carried out as they are meant."""

from typing import Final

from kfi_contracts.notifications import Channel, LegalEffect, NotificationOrdered

MAX_SEALED_CHARACTERS: Final = 61_440
"""What content of 45,000 bytes becomes when it is sealed, with room for the seal's header; more cannot be opened."""
MAX_TEMPLATE_VERSION: Final = 9_999
"""Far beyond what there will be; the contract names no limit, and what is kept of an order has one."""
_CHANNEL_OF_TEMPLATE: Final = {
    "grant-decision": Channel.LETTER,
    "grant-rejection": Channel.LETTER,
    "grant-correction": Channel.LETTER,
    "receipt-acknowledgement": Channel.LETTER,
    "information-request": Channel.LETTER,
    "allocation-hearing": Channel.LETTER,
    "allocation-decision": Channel.LETTER,
    "placement-agreement": Channel.LETTER,
    "message-waits": Channel.EMAIL,
    "municipality-notice": Channel.EMAIL,
    "webhook-disabled": Channel.EMAIL,
}


class OrderRefused(ValueError):
    """The order contradicts itself or this service; `code` says how."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check(order: NotificationOrdered) -> None:
    """Raise OrderRefused with `content_too_large`, `template_version_too_large`, `channel_does_not_fit_template`,
    `channel_cannot_announce` or `act_missing`.

    An unknown template is no contradiction: the orderer hears of it, so that it can order anew.
    """
    if len(order.content) > MAX_SEALED_CHARACTERS:
        raise OrderRefused("content_too_large")
    if order.template_version > MAX_TEMPLATE_VERSION:
        raise OrderRefused("template_version_too_large")
    if _CHANNEL_OF_TEMPLATE.get(order.template, order.channel) is not order.channel:
        raise OrderRefused("channel_does_not_fit_template")
    if order.legal_effect is LegalEffect.ACT:
        _check_act(order)


def _check_act(order: NotificationOrdered) -> None:
    if order.channel is not Channel.LETTER:  # an e-mail only says that a message waits
        raise OrderRefused("channel_cannot_announce")
    if order.act_id is None:
        raise OrderRefused("act_missing")
