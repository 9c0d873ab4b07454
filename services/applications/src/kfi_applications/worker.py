"""What the service does by itself: nothing of its own yet, only the purge every service needs."""

from kfi_chassis.worker import Worker

worker = Worker()
