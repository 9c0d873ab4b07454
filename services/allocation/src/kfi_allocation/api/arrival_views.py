"""What is shown of lists of arrivals and asked of whoever imports one."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.arrival_entries import Entry
from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.domain.arrivals.arrival_list import ArrivalList, ListAction, ListState
from kfi_allocation.domain.arrivals.difference import Difference, Outcome
from kfi_allocation.domain.arrivals.mapping import ArrivalMapping, Encoding, Rows
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake, Severity
from kfi_allocation.domain.groups import Group


class FoundView(BaseModel):
    """What reading found so far, and what importing the list would do, as it was compared when it was read."""

    rows: int
    households: int
    persons: Annotated[int, Field(description="Of the households without mistakes")]
    errors: int
    warnings: int
    added: int
    amended: int
    cancelled: int
    unchanged: int
    bad: Annotated[int, Field(description="Households that stay outside because of mistakes")]
    held: Annotated[int, Field(description="Households missing on a list that is not whole; they are not cancelled")]


class DoneView(BaseModel):
    """What importing did so far."""

    added: int
    amended: int
    cancelled: int
    unchanged: int
    refused: Annotated[int, Field(description="Households whose placement no longer bears the change")]
    total: int


class SaidView(BaseModel):
    """What was said with the file: values for rows without their own, and control totals."""

    group: Group | None
    arrival_on: date | None
    charter: str | None
    households: int | None
    persons: int | None


class ArrivalListView(BaseModel):
    """A list of arrivals: where it stands, how far it came, and what can be done now."""

    id: UUID
    announced_by: Annotated[UUID, Field(description="The first list of the chain of corrections; households name it")]
    corrects: UUID | None
    source: str
    mapping: str
    kind: FileKind
    encoding: Encoding
    separator: str
    said: SaidView
    size: Annotated[int, Field(description="Bytes of the file")]
    sha256: str
    uploaded_on: date
    state: ListState
    whole: Annotated[bool, Field(description="False when rows are missing or name no household")]
    found: FoundView
    done: DoneView
    ended_on: date | None
    file_deleted_on: date | None
    actions: tuple[ListAction, ...]

    @classmethod
    def of(cls, shown: ArrivalList, *, acts: bool) -> "ArrivalListView":
        """The list for a reader; without ``acts`` for one who may only read."""
        names = set(cls.model_fields) - {"announced_by", "said", "found", "done", "actions"}
        return cls(
            **{name: getattr(shown, name) for name in names},
            announced_by=shown.root_id,
            said=SaidView(**{name: getattr(shown.said, name) for name in SaidView.model_fields}),
            found=FoundView(**{name: getattr(shown.found, name) for name in FoundView.model_fields}),
            done=DoneView(**{name: getattr(shown.done, name) for name in DoneView.model_fields}),
            actions=shown.actions if acts else (),
        )


class MistakeView(BaseModel):
    """One mistake; nothing of what stood in the list is repeated."""

    line: Annotated[int, Field(description="From 1 as the file shows it; in JSON counts the objects; 0: the file")]
    field: str
    column: Annotated[str, Field(description="The heading of the field in this list")]
    code: Fault
    severity: Severity
    remedy: str
    suggestions: tuple[str, ...]

    @classmethod
    def of(cls, mistake: Mistake, mapping: ArrivalMapping) -> "MistakeView":
        """The mistake, in the words of its list."""
        return cls(
            line=mistake.line, field=mistake.field, column=", ".join(mapping.columns.get(mistake.field, ())),
            code=mistake.fault, severity=mistake.severity, remedy=mistake.fault.remedy,
            suggestions=mistake.suggestions,
        )  # fmt: skip


class ArrivalEntryView(BaseModel):
    """One household of the list: what changes, and what became of it."""

    reference: str
    line: Annotated[int, Field(description="Where it begins; 0 when it is missing on the list")]
    difference: Difference
    changes: Annotated[dict[str, Any], Field(description="By field what was and what is said now; none if personal")]
    household_id: UUID | None
    outcome: Outcome | None
    refusal: Annotated[str | None, Field(description="The rule that forbade it, as the type of a problem")]

    @classmethod
    def of(cls, entry: Entry) -> "ArrivalEntryView":
        """The entry without what was read of it."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class ImportOrder(BaseModel):
    """The confirmation of what was seen."""

    model_config = ConfigDict(extra="forbid")

    cancellations: Annotated[int, Field(ge=0, description="How many households it cancels, as the list shows it")] = 0
    although_not_whole: Annotated[bool, Field(description="Import a list that is not whole")] = False


class MappingView(BaseModel):
    """A layout that lists can be read by."""

    name: str
    rows: Rows
    encoding: Encoding | None
    separator: str | None
    columns: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, mapping: ArrivalMapping) -> "MappingView":
        """The mapping as far as whoever uploads a list needs it."""
        return cls(
            name=mapping.name, rows=mapping.rows, encoding=mapping.encoding, separator=mapping.separator,
            columns=dict(mapping.columns),
        )  # fmt: skip
