"""What the stack itself is told by the environment."""

import os

from kfi_stack.errors import StackError


def required(name: str) -> str:
    """The value of an environment variable; raises StackError if it is not set."""
    value = os.environ.get(name)
    if not value:
        raise StackError(f"{name} is not set: set it and start again.")
    return value
