"""``kfi-allocation verify``: a plan's rules, cost and bound, recomputed; needs no solver."""

import argparse

from kfi_allocation.commands.saying import say
from kfi_allocation.domain.cost import exact_number
from kfi_allocation.exit_codes import NOT_SOUND
from kfi_allocation.files import read_instance, read_json
from kfi_allocation.proof.verifying import verify


def run(parsed: argparse.Namespace) -> int:
    """Check one plan file; 0 when every claim of it holds, 1 when one does not."""
    finding = verify(read_instance(parsed.instance), read_json(parsed.plan))
    for problem in finding.problems:
        say(problem, error=True)
    if finding.objective is not None:
        say(f"objective {exact_number(finding.objective)}")
    if finding.bound is not None:
        say(f"bound {exact_number(finding.bound)}")
    return NOT_SOUND if finding.problems else 0
