"""The transaction of the allocation service, with its repositories."""

from functools import cached_property
from typing import ClassVar

from kfi_allocation.arrival_lists import ArrivalLists
from kfi_allocation.booking_list import BookingList
from kfi_allocation.doors.feed import Feeds
from kfi_allocation.doors.kafka_doors import KafkaDoors
from kfi_allocation.doors.webhooks import Webhooks
from kfi_allocation.flat_reservations import FlatReservations
from kfi_allocation.households import Households
from kfi_allocation.ledger import QuotaLedger
from kfi_allocation.letters import LetterOrders
from kfi_allocation.office import OfficeTexts
from kfi_allocation.outlook_inputs import OutlookInputs
from kfi_allocation.outlooks import Outlooks
from kfi_allocation.placement_list import PlacementList
from kfi_allocation.placement_receipts import PlacementReceipts
from kfi_allocation.placements import Placements
from kfi_allocation.policies import Policies
from kfi_allocation.presence_ledger import PresenceLedger
from kfi_allocation.publications import Publications
from kfi_allocation.run_figures import RunMeasures
from kfi_allocation.run_overrides import Overrides
from kfi_allocation.runs import Runs
from kfi_allocation.series_register import SeriesRegister
from kfi_allocation.settings import AllocationSettings, sealer_of
from kfi_allocation.town_notices import TownNotices
from kfi_allocation.towns import Towns
from kfi_chassis.work import Work


class AllocationWork(Work):
    """The transaction of a use case; ``settings`` is set by the process that runs it."""

    settings: ClassVar[AllocationSettings]

    @cached_property
    def runs(self) -> Runs:
        """The plan runs."""
        return Runs(self)

    @cached_property
    def overrides(self) -> Overrides:
        """Towns that planners named before a plan was accepted."""
        return Overrides(self)

    @cached_property
    def flats(self) -> FlatReservations:
        """Flats that are kept for households."""
        return FlatReservations(self)

    @cached_property
    def run_figures(self) -> RunMeasures:
        """Figures about runs."""
        return RunMeasures(self)

    @cached_property
    def arrival_lists(self) -> ArrivalLists:
        """The lists of arrivals."""
        return ArrivalLists(self)

    @cached_property
    def households(self) -> Households:
        """The households that were announced."""
        return Households(self)

    @cached_property
    def placements(self) -> Placements:
        """The placements of households."""
        return Placements(self, self.settings.office_days)

    @cached_property
    def receipts(self) -> PlacementReceipts:
        """What towns took note of."""
        return PlacementReceipts(self)

    @cached_property
    def placement_list(self) -> PlacementList:
        """What waits for whom."""
        return PlacementList(self)

    @cached_property
    def notices(self) -> TownNotices:
        """The e-mails to towns."""
        return TownNotices(self, self.letters, self.office)

    @cached_property
    def letters(self) -> LetterOrders:
        """The orders of letters and e-mails."""
        return LetterOrders(self, sealer_of(self.settings.sealing_key_file))

    @property
    def office(self) -> OfficeTexts:
        """What the office adds to its letters."""
        return self.settings.office

    @cached_property
    def policies(self) -> Policies:
        """The policies."""
        return Policies(self)

    @cached_property
    def series(self) -> SeriesRegister:
        """The series accounts are kept by."""
        return SeriesRegister(self)

    @cached_property
    def booking_list(self) -> BookingList:
        """The entries of the quota ledger as people read them."""
        return BookingList(self)

    @cached_property
    def ledger(self) -> QuotaLedger:
        """The quota account's entries."""
        return QuotaLedger(self)

    @cached_property
    def publications(self) -> Publications:
        """The accounts that were published."""
        return Publications(self)

    @cached_property
    def towns(self) -> Towns:
        """What towns said of themselves."""
        return Towns(self)

    @cached_property
    def presence(self) -> PresenceLedger:
        """Who lives where after the arrival, in numbers."""
        return PresenceLedger(self)

    @cached_property
    def feeds(self) -> Feeds:
        """What towns are told."""
        return Feeds(self)

    @cached_property
    def outlooks(self) -> Outlooks:
        """What towns were told to expect."""
        return Outlooks(self)

    @cached_property
    def outlook_inputs(self) -> OutlookInputs:
        """Who is announced and has not arrived."""
        return OutlookInputs(self)

    @cached_property
    def webhooks(self) -> Webhooks:
        """The towns' endpoints."""
        return Webhooks(self)

    @cached_property
    def kafka_doors(self) -> KafkaDoors:
        """The towns' doors at the broker."""
        return KafkaDoors(self)
