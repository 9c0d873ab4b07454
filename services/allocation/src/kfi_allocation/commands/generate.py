"""``kfi-allocation generate``: a synthetic instance on the real municipalities."""

import argparse

from kfi_allocation.files import write_document
from kfi_allocation.synthetic import generate


def run(parsed: argparse.Namespace) -> int:
    """Write one instance file; the same arguments write the same."""
    write_document(parsed.out, generate(parsed.households, parsed.shape, parsed.seed))
    return 0
