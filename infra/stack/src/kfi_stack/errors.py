"""What a user of the stack is told when something is not as it should be."""


class StackError(Exception):
    """Something the user can put right; the message is one sentence that says what is wrong and what to do."""
