"""A plan is checked by the independent checker and signed, before anything about it is stored as proven."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kfi_allocation.certificate.signing import certificate
from kfi_allocation.certificate_keys import CertificateKeys
from kfi_allocation.domain import orders_document
from kfi_allocation.domain.freezing import FrozenInput
from kfi_allocation.domain.plan import Status
from kfi_allocation.domain.run import Outcome
from kfi_allocation.proof.verifying import verify


class PlanNotSound(Exception):
    """The plan does not hold what it claims; nothing of it may leave the run."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems[:3]))
        self.problems = problems


@dataclass(frozen=True)
class Checked:
    """A plan that holds; `signed` is None when it says that nothing fits."""

    document: Mapping[str, Any]
    outcome: Outcome
    signed: Mapping[str, Any] | None

    @property
    def assignments(self) -> Mapping[str, str]:
        """Who goes where."""
        assignments: Mapping[str, str] = self.document["assignments"]
        return assignments


def checked(frozen: FrozenInput, plan: bytes, keys: CertificateKeys) -> Checked:
    """Check a plan file against its frozen input, and sign it. Raises PlanNotSound."""
    document: dict[str, Any] = json.loads(plan, parse_float=Decimal)
    problems = _of_another_run(frozen, document) or verify(frozen.instance, document).problems
    if problems:
        raise PlanNotSound(problems)
    outcome = _outcome(document)
    if outcome.status == Status.INFEASIBLE.value:
        return Checked(document, outcome, None)
    version = str(frozen.document["policy_version"])
    return Checked(document, outcome, certificate(frozen.instance, document, version, keys.salts, keys.signing))


def _of_another_run(frozen: FrozenInput, document: Mapping[str, Any]) -> tuple[str, ...]:
    orders = orders_document.as_document(frozen.orders)
    decided = orders["fixed"] or orders["excluded"]
    infeasible = document.get("status") == Status.INFEASIBLE.value
    if decided and not infeasible and document.get("orders") != orders:
        return ("orders: are not those of the frozen input",)
    return () if document.get("seed") == frozen.document["seed"] else ("seed: is not that of the frozen input",)


def _outcome(document: Mapping[str, Any]) -> Outcome:
    return Outcome(
        solver=document["solver"],
        status=document["status"],
        objective=Decimal(document["objective"]),
        bound=Decimal(document["bound"]),
        gap=Decimal(document["gap"]),
        stopped_by=document["stopped_by"],
        reproducible=document["reproducible"],
    )
