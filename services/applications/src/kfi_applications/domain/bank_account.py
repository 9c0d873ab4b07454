"""The account to which a grant is paid: held in Germany, and the applicant's own (Nr. 7.4 VV zu § 44 LHO).

Since 29 February 2024 that is what an application needs that does not come on paper. A programme for which it holds has
the dated value ``bank-account``; where there is none on the day of the filing, any account is taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kfi_applications.domain.case import Case
from kfi_applications.domain.errors import AccountNotPossible
from kfi_applications.domain.programmes.parameters import packaged_parameters
from kfi_applications.domain.rules import Consequence, Finding, Rule, findings_of, rule_of_value
from kfi_law.errors import LawError
from kfi_law.parameters import Parameter, Parameters

_GERMANY: Final = "DE"
_NAME: Final = "bank-account"
_NOT_IN_A_NAME: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class BankAccount:
    """An account by its IBAN (ISO 13616, without spaces) and its owner. Personal data, so neither is ever logged."""

    iban: str = field(repr=False)
    owner: str = field(repr=False)

    @property
    def is_domestic(self) -> bool:
        """Whether the account is held in Germany."""
        return self.iban.startswith(_GERMANY)


@dataclass(frozen=True)
class Terms:
    """What the rules look at besides the case."""

    account: BankAccount
    value: Parameter


def _value(terms: Terms) -> Parameter:
    return terms.value


@rule_of_value(Consequence.REFUSED, _value)
def the_account_is_held_in_germany(_: Case, terms: Terms) -> str | None:
    """By the country of the IBAN."""
    return None if terms.account.is_domestic else "Das Konto wird nicht im Inland geführt."


@rule_of_value(Consequence.REFUSED, _value)
def the_account_is_the_applicants_own(case: Case, terms: Terms) -> str | None:
    """By the names, whatever their spaces, points and capitals; more than that a caseworker finds out."""
    if _plain(terms.account.owner) == _plain(case.applicant.name):
        return None
    return "Das Konto gehört nicht der antragstellenden Organisation."


RULES: Final[Mapping[str, Rule[Terms]]] = {
    "KTO 1": the_account_is_held_in_germany,
    "KTO 2": the_account_is_the_applicants_own,
}
_FIELDS: Final = {"KTO 1": "iban", "KTO 2": "owner"}


def findings_on(account: BankAccount, case: Case, parameters: Parameters | None = None) -> tuple[Finding, ...]:
    """Why nothing may be paid to this account; empty when it may."""
    try:
        value = (parameters or packaged_parameters()).get(f"{case.call.programme}.{_NAME}", case.filed_on)
    except LawError:
        return ()
    return findings_of(RULES, case, Terms(account, value))


def must_be_possible(account: BankAccount, case: Case) -> None:
    """Raises AccountNotPossible with the first rule that forbids to pay to this account."""
    for finding in findings_on(account, case):
        raise AccountNotPossible(
            f"{finding.reason} ({finding.paragraph})",
            fix="State an account of the organisation itself with a bank in Germany.",
            field=_FIELDS[finding.rule],
        )


def _plain(name: str) -> str:
    return _NOT_IN_A_NAME.sub("", name).casefold()
