"""Placements that are not there, as problems of RFC 9457."""

from typing import Final

from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.town_notices import UnknownNotice
from kfi_chassis.http import DomainProblems
from kfi_chassis.problems import NotFound, Problem


def _unknown(_: LookupError) -> Problem:
    return NotFound()


PLACEMENT_PROBLEMS: Final[DomainProblems] = {UnknownPlacement: _unknown, UnknownNotice: _unknown}
