"""The rules of all packaged programmes: the one place where a programme is registered."""

from functools import partial
from typing import Final

from kfi_applications.domain.calculation import MoneyRule
from kfi_applications.domain.programmes.komm_an_ii.rules import KOMM_AN_II
from kfi_applications.domain.programmes.mso_single_project.rules import MSO_SINGLE_PROJECT
from kfi_applications.domain.programmes.mso_startup.rules import MSO_STARTUP
from kfi_applications.domain.programmes.parameters import packaged_parameters
from kfi_applications.domain.programmes.programme import Rules
from kfi_law.recomputation import StepMaker
from kfi_law.traces import Step

REGISTERED: Final[tuple[Rules, ...]] = (MSO_SINGLE_PROJECT, MSO_STARTUP, KOMM_AN_II)


def money_steps() -> dict[str, StepMaker]:
    """How each step of a stored trace is computed anew; for ``kfi_law.recomputation``."""
    return {rule.name: partial(_computed_anew, rule) for rules in REGISTERED for rule in rules.money_rules}


def _computed_anew(rule: MoneyRule, version: str, inputs: dict[str, str]) -> Step:
    return rule.step(packaged_parameters().of_version(version), inputs)
