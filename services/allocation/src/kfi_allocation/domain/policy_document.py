"""Makes a policy of a document. Every problem names its place in it; a policy by which nothing counts is none."""

import re
from collections.abc import Set
from typing import Any, Final

from kfi_allocation.domain.account.document import policy_from as account_policy_from
from kfi_allocation.domain.account.policy import AccountPolicy
from kfi_allocation.domain.checking import Checker, DocumentNotReadable, Fields
from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.instance_document import MOST_COUNT, MOST_FIT
from kfi_allocation.domain.policy import AllocationPolicy, HeadCountFor

MOST_DAYS: Final = 366
LARGEST_HOME: Final = 40
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
"""A name that stands in events and addresses."""
_HEADED: Final = ("version", "valid_from")
_WEIGHTS: Final = ("off_target_per_person", "beyond_tolerance_per_person", "relatives_missed_per_person",
                   "relatives_same_district_per_person")  # fmt: skip


def policy_from(document: object, series: Set[str] | None = None) -> AllocationPolicy:
    """The policy a document describes; with `series`, one whose key names no other. Raises DocumentNotReadable."""
    fields: Fields = document if isinstance(document, dict) else {}
    checker = Checker()
    account = _account(checker, fields)
    _names(checker, account, series)
    policy = AllocationPolicy(
        account=account,
        weights=_weights(checker, _object(checker, fields, "weights")),
        fit=_fit(checker, fields),
        population_basis=checker.text(fields, "population_basis", "policy"),
        hearing_days=checker.whole(fields, "hearing_days", "policy", 1, MOST_DAYS),
        objection_days=checker.whole(fields, "objection_days", "policy", 1, MOST_DAYS),
        lead_days=checker.whole(fields, "lead_days", "policy", 0, MOST_DAYS),
        unstated_capacity=checker.whole(fields, "unstated_capacity", "policy", 0, MOST_COUNT),
        large_home_persons=checker.whole(fields, "large_home_persons", "policy", 2, LARGEST_HOME),
        head_count_for=_head_count_for(checker, fields),
        intake_follows_moves=checker.flag(fields, "intake_follows_moves", "policy"),
    )
    if checker.problems:
        raise DocumentNotReadable(checker.problems)
    return policy


def _account(checker: Checker, fields: Fields) -> AccountPolicy:
    """The part the offline command knows too, read by the very same reader."""
    part = _object(checker, fields, "account")
    try:
        return account_policy_from(part | {name: fields.get(name) for name in _HEADED})
    except DocumentNotReadable as error:
        for problem in error.problems:
            of_head = problem.startswith(tuple(f"policy.{name}:" for name in _HEADED))
            checker.problems.append(problem if of_head else problem.replace("policy", "policy.account", 1))
    return _NOTHING


def _names(checker: Checker, account: AccountPolicy, series: Set[str] | None) -> None:
    if account is _NOTHING:
        return
    if not CODE.fullmatch(account.version):
        checker.say("policy.version", "must be a code of letters, digits, dots, slashes and hyphens")
    if not account.key.parts:
        checker.say("policy.account.key.parts", "the key sums to nothing: name at least one series with its share")
    named = {f"parts[{number}].series": part.series for number, part in enumerate(account.key.parts)}
    if account.key.cap:
        named["gain_cap.over"] = account.key.cap.over
    for place, name in named.items():
        if series is not None and name not in series:
            checker.say(f"policy.account.key.{place}", f"there is no series {name}")


def _weights(checker: Checker, fields: Fields) -> Policy:
    at = "policy.weights"
    off, beyond, missed, same = (checker.weight(fields, name, at) for name in _WEIGHTS)
    policy = Policy(
        off, beyond, checker.whole(fields, "tolerance_persons", at, 0, MOST_COUNT),
        checker.weight(fields, "tolerance_share", at), missed, same,
    )  # fmt: skip
    if not any((off, beyond, missed, same)):
        checker.say(at, "the weights sum to nothing: every plan would cost the same")
    if beyond < off:
        checker.say(f"{at}.beyond_tolerance_per_person", "must be at least off_target_per_person")
    if same > missed:
        checker.say(f"{at}.relatives_same_district_per_person", "must be at most relatives_missed_per_person")
    return policy


def _fit(checker: Checker, fields: Fields) -> FitWeights:
    wish = checker.whole(fields, "wish_missed_per_person", "policy", 0, MOST_FIT)
    language = checker.whole(fields, "language_missed_per_person", "policy", 0, MOST_FIT)
    if wish + language > MOST_FIT:
        checker.say("policy.language_missed_per_person", f"must be at most {MOST_FIT} together with a missed wish")
        return FitWeights(0, 0)
    return FitWeights(wish, language)


def _head_count_for(checker: Checker, fields: Fields) -> HeadCountFor:
    value = fields.get("head_count_for")
    if value in tuple(HeadCountFor):
        return HeadCountFor(str(value))
    checker.say("policy.head_count_for", f"must be one of {', '.join(HeadCountFor)}")
    return HeadCountFor.RUNNING


def _object(checker: Checker, fields: Fields, name: str) -> Fields:
    value: Any = fields.get(name)
    if isinstance(value, dict):
        return value
    checker.say(f"policy.{name}", "must be an object")
    return {}


_NOTHING: Final = account_policy_from({
    "version": "nothing", "valid_from": "2022-01-01", "paragraph": "nothing", "counts_from": "2022-01-01",
    "key": {"parts": [{"series": "nothing", "share": "1"}], "gain_cap": None}, "credits": [], "stop_at_full": False,
})  # fmt: skip
