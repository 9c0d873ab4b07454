"""``kfi-allocation account``: recompute a quota account, ask what if, hand a town its part, open a new one."""

import argparse
import json
from datetime import date
from decimal import Decimal
from importlib.resources import files as package_files

from kfi_allocation.commands.account_report import report
from kfi_allocation.commands.saying import say
from kfi_allocation.domain.account.document import account_from, as_document, policy_from
from kfi_allocation.domain.account.policy import AccountNotComputable, AccountPolicy, Series
from kfi_allocation.domain.account.questions import extract, supposed
from kfi_allocation.domain.account.statement import Account, statement
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.files import read_json, write_document
from kfi_law.errors import LawError
from kfi_law.municipalities import Basis, area, attributions, population


def run(parsed: argparse.Namespace) -> int:
    """Run one of the account's commands; what cannot be computed is told like input that cannot be read."""
    actions = {"recompute": _recompute, "what-if": _what_if, "extract": _extract, "open": _open}
    try:
        actions[parsed.action](parsed)
    except (AccountNotComputable, LawError) as error:
        raise DocumentNotReadable([str(error)]) from error
    return 0


def _recompute(parsed: argparse.Namespace) -> None:
    account = account_from(read_json(parsed.file))
    say(report(account, statement(account), parsed.town, as_json=parsed.json))


def _what_if(parsed: argparse.Namespace) -> None:
    account = account_from(read_json(parsed.file))
    intake: dict[str, int] = {}
    for text in parsed.intake:
        ags, _, persons = text.partition("=")
        if not persons.isdigit():
            raise AccountNotComputable(f"--intake {text}: give AGS=PERSONS, such as 05914000=12")
        intake[ags] = intake.get(ags, 0) + int(persons)
    changed = supposed(account, parsed.announced, parsed.as_of, intake)
    say(report(changed, statement(changed, parsed.policy), parsed.town, as_json=parsed.json))


def _extract(parsed: argparse.Namespace) -> None:
    account = account_from(read_json(parsed.file))
    write_document(parsed.out, as_document(extract(account, parsed.town)))
    say(f"{parsed.out.name}: the entries of {parsed.town}, and the sums of the other municipalities")


def _open(parsed: argparse.Namespace) -> None:
    series = {one.name: one for one in register_series(Basis(parsed.basis), parsed.as_of)}
    account = Account(parsed.as_of, 0, parsed.policy, packaged_policies(), series, (), {})
    policy = account.policy()
    write_document(parsed.out, as_document(account))
    say(f"{parsed.out.name}: {len(account.towns)} municipalities, kept by {policy.version}")


def packaged_policies() -> tuple[AccountPolicy, ...]:
    """The policies that come with the package, by version; a new one is a new file."""
    found = sorted(package_files("kfi_allocation").joinpath("policies").iterdir(), key=lambda file: file.name)
    return tuple(policy_from(json.loads(file.read_text(encoding="utf-8"))) for file in found)


def register_series(basis: Basis, on: date) -> tuple[Series, Series]:
    """The newest series of population (on that basis) and area by that day, with whose data they are."""
    people, land = population(basis, on), area(on)
    sources = {source.register: f"{source.text}; {source.licence}" for source in attributions()}
    of_people = next(text for name, text in sources.items() if f"population ({basis})" in name)
    of_land = next(text for name, text in sources.items() if name.endswith("area"))
    figures = {ags: Decimal(people.by_ags[ags]) for ags in sorted(people.by_ags)}
    return (
        Series("population", people.counted_on, f"{basis}: {of_people}", figures),
        Series("area", land.measured_on, of_land, dict(sorted(land.by_ags.items()))),
    )
