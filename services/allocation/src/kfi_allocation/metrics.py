"""The metrics of this service beside those of the chassis."""

from prometheus_client import Gauge

from kfi_chassis.metrics import Metrics


class AllocationMetrics(Metrics):
    """The metrics of one process of the allocation service."""

    def __init__(self) -> None:
        super().__init__()

        # Gauge: plan runs by state
        self.plan_runs = Gauge("plan_runs", "Plan runs", ("state",), registry=self.registry)
        # Gauge: seconds since the oldest run that has no end yet was queued, 0 without any
        self.plan_run_oldest_age_seconds = Gauge(
            "plan_run_oldest_age_seconds", "Age of the oldest run without an end", registry=self.registry
        )
        # Gauge: seconds from the beginning to the end of the run that was proved last
        self.plan_run_last_duration_seconds = Gauge(
            "plan_run_last_duration_seconds", "Duration of the last proven run", registry=self.registry
        )
        # Gauge: proven gap of that run, as a ratio; 0.001 and less is called optimal
        self.plan_run_last_gap_ratio = Gauge(
            "plan_run_last_gap_ratio", "Gap of the last proven run", registry=self.registry
        )

        # Gauge: seconds since the oldest event was told that no town can read yet, 0 without any
        self.feed_oldest_age_seconds = Gauge(
            "feed_oldest_age_seconds", "Age of the oldest event without a position", registry=self.registry
        )

        # Gauge: days since the oldest objection that nobody has decided about; a ticket after a week
        self.objection_oldest_age_days = Gauge(
            "objection_oldest_age_days", "Age of the oldest objection", registry=self.registry
        )
        # Gauge: seconds since somebody last moved the list that is at work longest; a ticket at a quarter of an hour
        self.arrival_list_oldest_age_seconds = Gauge(
            "arrival_list_oldest_age_seconds", "Age of the oldest list at work", registry=self.registry
        )

        # Gauge: proposals that are neither agreed nor decided, by days since they were made
        self.proposals_open = Gauge("proposals_open", "Open proposals", ("age",), registry=self.registry)
        # Gauge: objections of towns nobody has decided about
        self.objections_open = Gauge("objections_open", "Open objections", registry=self.registry)
        # Gauge: seconds since the oldest event happened that an active endpoint of a town has not taken, 0 without any
        self.webhook_oldest_age_seconds = Gauge(
            "webhook_oldest_age_seconds", "Age of the oldest event not delivered", registry=self.registry
        )
        # Gauge: endpoints of towns that are disabled
        self.webhook_disabled = Gauge("webhook_disabled", "Disabled endpoints", registry=self.registry)
        # Gauge: seconds since a town asked for a user at the broker, or one should have ended, and it is not done
        self.kafka_door_oldest_age_seconds = Gauge(
            "kafka_door_oldest_age_seconds", "Age of what the doorkeeper has not done", registry=self.registry
        )
