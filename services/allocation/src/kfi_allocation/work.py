"""The transaction of the allocation service, with its repositories."""

from functools import cached_property
from typing import ClassVar

from kfi_allocation.placements import Placements
from kfi_allocation.run_figures import RunMeasures
from kfi_allocation.runs import Runs
from kfi_allocation.settings import AllocationSettings
from kfi_chassis.work import Work


class AllocationWork(Work):
    """The transaction of a use case; ``settings`` is set by the process that runs it."""

    settings: ClassVar[AllocationSettings]

    @cached_property
    def runs(self) -> Runs:
        """The plan runs."""
        return Runs(self)

    @cached_property
    def run_figures(self) -> RunMeasures:
        """Figures about runs."""
        return RunMeasures(self)

    @cached_property
    def placements(self) -> Placements:
        """The placements of households."""
        return Placements(self, self.settings.office_days)
