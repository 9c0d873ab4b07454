"""What can go wrong when the law is asked, one class per cause; every message is one sentence that says what to do."""


class LawError(Exception):
    """Any question the packaged law cannot answer; the message names the cause and what to do."""


class NoValueInForce(LawError, LookupError):
    """No row of the dated table covers that key on that day."""


class OnlyExpected(LawError):
    """The row of that day is expected, not in force: it may be shown, never paid or decided on."""


class ReadingSettled(LawError):
    """Another weekend reading was asked for where the courts have settled the question."""


class NotRetrievedInTime(LawError):
    """An act provided for retrieval was not picked up inside its window, so it is not announced (§ 41 (2a) VwVfG)."""


class UnknownMunicipality(LawError, LookupError):
    """The municipality key (AGS) is not in the register on that day."""


class InconsistentTable(LawError, ValueError):
    """A packaged or configured table contradicts itself (overlap, unknown field, value of a wrong type)."""


class MalformedTrace(LawError, ValueError):
    """A text is not a trace this version can read."""
