"""What can go wrong when the law is asked, one class per cause; every message is one sentence that says what to do."""


class LawError(Exception):
    """Any question the packaged law cannot answer; the message names the cause and what to do."""


class NoValueInForce(LawError, LookupError):  # noqa: N818 - reads as what is wrong
    """No row of the dated table covers that key on that day."""


class OnlyExpected(LawError):  # noqa: N818 - reads as what is wrong
    """The row of that day is expected, not in force: it may be shown, never paid or decided on."""


class ReadingSettled(LawError):  # noqa: N818 - reads as what is wrong
    """Another weekend reading was asked for where the courts have settled the question."""


class NotRetrievedInTime(LawError):  # noqa: N818 - reads as what is wrong
    """An act provided for retrieval was not picked up inside its window, so it is not announced (§ 41 (2a) VwVfG)."""


class UnknownMunicipality(LawError, LookupError):  # noqa: N818 - reads as what is wrong
    """The municipality key (AGS) is not in the register on that day."""


class InconsistentTable(LawError, ValueError):  # noqa: N818 - reads as what is wrong
    """A packaged or configured table contradicts itself (overlap, unknown field, value of a wrong type)."""


class MalformedTrace(LawError, ValueError):  # noqa: N818 - reads as what is wrong
    """A text is not a trace this version can read."""
