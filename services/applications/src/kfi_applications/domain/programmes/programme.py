"""What a programme is: a row of data, and the rules that decide its cases.

A further programme is a ``[[programme]]`` table with its dated values in ``data/programmes.toml``, a package with its
``Rules``, and a line in ``registry.py``. Nothing else knows programmes by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.calculation import MoneyRule
from kfi_applications.domain.calls import Call
from kfi_applications.domain.case import Case, Measure
from kfi_applications.domain.errors import CallNotAccepting, WrongState
from kfi_law.traces import Figure


@dataclass(frozen=True)
class Settlement:
    """How a paid grant ends: what stays with the recipient and what goes back, in euro."""

    final_grant: Figure[Decimal]
    repayment: Figure[Decimal]


@dataclass(frozen=True)
class Actual:
    """What is known at the end of a project: eligible expenditure and what was paid out in euro, and what took place.

    ``measures`` are those of a programme of lump sums.
    """

    eligible_total: Decimal
    paid_out: Decimal
    measures: tuple[Measure, ...] = ()


def all_is_stated(_: Case) -> None:
    """For a programme that asks for nothing beyond what every application states."""


@dataclass(frozen=True)
class Rules:
    """The rules of the programme with this key.

    ``assess`` judges a case whose facts are complete and whose plan adds up; ``settle`` ends a grant; ``money_rules``
    are all that may stand in a trace. ``call_says`` names what a call must say for it, ``must_be_complete`` raises
    FactMissing for a fact the programme decides by and the case lacks.
    """

    programme: str
    assess: Callable[[Case], Assessment]
    settle: Callable[[Case, Assessment, Actual], Settlement]
    money_rules: tuple[MoneyRule, ...]
    call_says: tuple[str, ...] = ()
    must_be_complete: Callable[[Case], None] = all_is_stated


@dataclass(frozen=True)
class Programme:
    """A line of funding.

    ``closed`` says why it takes no application any more, ``last_year`` is the last year it was funded in. Without rules
    its cases are an archive: read, and not assessed.
    """

    key: str
    title: str
    legal_basis: tuple[str, ...]
    closed: str | None = None
    rules: Rules | None = None
    last_year: int | None = None

    def must_not_be_closed(self) -> None:
        """Raises CallNotAccepting with the reason when the programme takes no application any more."""
        if self.closed:
            raise CallNotAccepting(
                f"The programme is closed: {self.closed}.", fix="Look at the open calls.", field="call"
            )

    def must_fit(self, call: Call) -> None:
        """Raises CallNotAccepting for a call nobody could be funded by: closed, or a value left open."""
        self.must_not_be_closed()
        missing = [name for name in self._rules.call_says if getattr(call, name) is None]
        if missing:
            detail = f"The call {call.key} does not say: {', '.join(missing)}."
            raise CallNotAccepting(detail, fix="Have the call completed.", field="call")

    def must_be_complete(self, case: Case) -> None:
        """Raises FactMissing and PlanDoesNotAddUp."""
        case.finance_plan.must_add_up()
        self._rules.must_be_complete(case)

    def assess(self, case: Case) -> Assessment:
        """What the rules say about a case. Raises FactMissing and PlanDoesNotAddUp, and LawError without a value."""
        self.must_be_complete(case)
        return self._rules.assess(case)

    def settle(self, case: Case, assessment: Assessment, actual: Actual) -> Settlement:
        """How a grant ends once the actual expenditure is known."""
        return self._rules.settle(case, assessment, actual)

    @property
    def _rules(self) -> Rules:
        if self.rules is None:
            detail = "The programme has no rules here: its cases are an archive and are not assessed any more."
            raise WrongState(detail, fix="Read the case; it was decided elsewhere.")
        return self.rules
