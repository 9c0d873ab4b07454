"""The metrics of this service beside those of the chassis: what waits to leave the house."""

from prometheus_client import Gauge

from kfi_chassis.metrics import Metrics

_WAITING = ("step", "obstacle")


class NotificationsMetrics(Metrics):
    """The metrics of one process of the notifications service."""

    def __init__(self) -> None:
        super().__init__()

        # Gauge: letters and e-mails that may leave today and have not, by what stops them ("none": not tried yet)
        self.letters_waiting = Gauge("letters_waiting", "Letters and e-mails", _WAITING, registry=self.registry)
        # Gauge: seconds since the order for the oldest of them came in; a ticket at a quarter of an hour
        self.letters_oldest_age_seconds = Gauge(
            "letters_oldest_age_seconds", "Age of the oldest", _WAITING, registry=self.registry
        )
        # Gauge: closed print batches of which nobody has said that they were posted; none without a cut-off
        self.print_batches_unacknowledged = Gauge(
            "print_batches_unacknowledged", "Print batches", registry=self.registry
        )
        # Gauge: seconds since the oldest of them was closed, 0 without any; a ticket at a day
        self.print_batch_oldest_age_seconds = Gauge(
            "print_batch_oldest_age_seconds", "Age of the oldest", registry=self.registry
        )
