"""What is shown of programmes and calls: to everybody what holds, to staff each version and who stands for it."""

from datetime import date
from uuid import UUID

from kfi_applications.api.version_views import HistoryLine, numbers
from kfi_applications.api.views import View
from kfi_applications.calls_repository import told
from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind, PartialMonth
from kfi_applications.domain.master_records import MasterRecord, Step
from kfi_applications.domain.programmes.programme import Programme
from kfi_contracts.money import Money


class ProgrammeView(View):
    """A line of funding; a closed one takes no application, its cases stay readable."""

    key: str
    title: str
    legal_basis: tuple[str, ...]
    open: bool
    closed_because: str | None
    last_year: int | None
    a_call_must_say: tuple[str, ...]

    @classmethod
    def of(cls, programme: Programme) -> "ProgrammeView":
        """The view of a programme."""
        return cls(
            key=programme.key, title=programme.title, legal_basis=programme.legal_basis,
            open=programme.closed is None, closed_because=programme.closed, last_year=programme.last_year,
            a_call_must_say=() if programme.rules is None else programme.rules.call_says,
        )  # fmt: skip


class TermsView(View):
    """What a call says."""

    programme: str
    title: str
    opens_on: date
    last_day: date
    deadline_kind: DeadlineKind
    budget_title: str
    source: str
    cap: Money | None
    civic_work_basis: CivicWorkBasis | None
    partial_month: PartialMonth | None
    rules_as_of: date | None
    closed_on: date | None
    fictitious: bool


class CallView(TermsView):
    """A call as it holds now; for staff also one that waits for its first approval."""

    key: str
    version: int
    in_force: bool
    open: bool

    @classmethod
    def of(cls, call: Call, today: date, *, in_force: bool) -> "CallView":
        """The view of a call; open means that an application of today is taken, in time or late."""
        known = {name: getattr(call, name) for name in cls.model_fields if name not in {"open", "in_force"}}
        return cls(**known, in_force=in_force, open=in_force and call.accepts(today))


class CallVersionView(HistoryLine):
    """One version of a call."""

    terms: TermsView


class CallRecordView(View):
    """A call with all its versions; cases keep the one they were filed under."""

    id: UUID
    key: str
    in_force: int | None
    pending: int | None
    versions: tuple[CallVersionView, ...]
    actions: tuple[Step, ...]

    @classmethod
    def of(cls, record: MasterRecord[Call], actions: tuple[Step, ...]) -> "CallRecordView":
        """The view of a call for a reader who may take these actions."""
        versions = (
            CallVersionView(**HistoryLine.told(version), terms=_terms(told(version))) for version in record.versions
        )
        return cls(id=record.id, key=record.key, versions=tuple(versions), actions=actions, **numbers(record))


def _terms(call: Call) -> TermsView:
    return TermsView(**{name: getattr(call, name) for name in TermsView.model_fields})
