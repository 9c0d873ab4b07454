"""What a problem is: an answer that says no, in the form of RFC 9457, of a type that has a page.

It says what happened, which field, why (a code) and what to do. It never repeats what was sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar, TypeVar

CONTENT_TYPE = "application/problem+json"
MAX_FIELD_ERRORS = 50


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem: its name in the address, its status, and the text of its page."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str

    @property
    def uri(self) -> str:
        """The `type` of the problem: the address of its page."""
        return f"/problems/{self.slug}"


@dataclass(frozen=True)
class FieldError:
    """One field that is not right.

    `field` is a JSON pointer into the body (RFC 6901), or `query:name`, `header:name`, `path:name`; `reason` is a code.
    """

    field: str
    reason: str
    fix: str


CATALOGUE: dict[str, ProblemType] = {}
"""Every problem type of this process by its slug; each has a page under /problems/."""


def define(slug: str, status: int, title: str, meaning: str, remedy: str) -> ProblemType:
    """Add a problem type to the catalogue. Raises ValueError when the slug already means something else."""
    kind = ProblemType(slug, status, title, meaning, remedy)
    if CATALOGUE.setdefault(slug, kind) != kind:
        raise ValueError(f"the problem type {slug} is defined twice")
    return kind


class Problem(Exception):
    """An answer that says no. Services subclass it with their own `kind`, or raise `Problem.of(kind)`."""

    kind: ClassVar[ProblemType] = define(
        "internal-error", 500, "The service failed", "The service met a fault of its own; nothing was stored.",
        "Try again. If it stays, tell the operators the correlation id of the answer.",
    )  # fmt: skip

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        kind: ProblemType | None = None,
    ) -> None:
        self.type = kind or type(self).kind
        self.detail = detail or self.type.meaning
        self.errors = tuple(errors)[:MAX_FIELD_ERRORS]
        self.headers = dict(headers or {})
        super().__init__(self.type.slug)

    @classmethod
    def of(cls, kind: ProblemType, detail: str | None = None, *, errors: Sequence[FieldError] = ()) -> "Problem":
        """A problem of a type that has no class of its own."""
        return Problem(detail, errors=errors, kind=kind)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.type.status

    def document(self, *, correlation_id: str | None = None) -> dict[str, object]:
        """The members of RFC 9457, 3.1, with `errors`, `remedy` and `correlation_id` as extensions."""
        members: dict[str, object] = {
            "type": self.type.uri,
            "title": self.type.title,
            "status": self.status,
            "detail": self.detail,
            "remedy": self.type.remedy,
        }
        if self.errors:
            members["errors"] = [asdict(error) for error in self.errors]
        if correlation_id:
            members["correlation_id"] = correlation_id
        return members


@dataclass(frozen=True)
class ProblemDocument:
    """The shape of a problem answer, for the OpenAPI document."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    errors: list[FieldError] = field(default_factory=list)
    correlation_id: str | None = None


F = TypeVar("F", bound=Callable[..., object])


def documents(*problems: type[Problem] | ProblemType) -> Callable[[F], F]:
    """Mark a dependency or route with the problems it raises, for the OpenAPI document."""

    def mark(function: F) -> F:
        function.__dict__["problems"] = tuple(each if isinstance(each, ProblemType) else each.kind for each in problems)
        return function

    return mark
