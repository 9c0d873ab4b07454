"""What a channel says when a handing over did not succeed."""

from kfi_contracts.notifications import FailureReason


class Undeliverable(Exception):
    """It will never succeed; a person has to act."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Delayed(Exception):
    """It may succeed later; `obstacle` is a code that operators see."""

    def __init__(self, obstacle: str) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle
