"""The metrics of this service beside those of the chassis."""

from kfi_chassis.metrics import Metrics


class AllocationMetrics(Metrics):
    """The metrics of one process of the allocation service."""
