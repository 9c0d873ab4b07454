"""Why an event was parked by a rule of this service, for the operators' desk."""

from typing import Final

from kfi_chassis.desk.reasons import Explanation, Reasons

_DATE_LOST: Final = Explanation(
    "after a restore: the decision is final by a waiver or an action that the database does not have",
    "enter its date in the file from the paper; discard",
)
REASONS: Final[Reasons] = {
    "unknown-application": Explanation(
        "a notification about a case that is not here: a foreign or restored database",
        "restore the case, then replay; or discard",
    ),
    "unknown-act": Explanation(
        "the case was not decided by this act",
        "compare `act_id` with the case; discard if it is of an act that is gone",
    ),
    "wrong-state": Explanation(
        "the case cannot take this step in its state, e.g. a second announcement", "look at the case; mostly discard"
    ),
    "restore:application_lost": Explanation(
        "after a restore: an application was filed, decided or final, and the database does not have it; what the "
        "applicant wrote is lost",
        "ask the applicant to file again, note both numbers in the file; discard",
    ),
    "restore:signatory_unknown": Explanation(
        "after a restore: the decision is rebuilt, but no event says who signed",
        "note the name from the letter in the file; discard",
    ),
    "restore:request_in_words_lost": Explanation(
        "after a restore: the case waits for an answer again, but no event says what was asked in words, and by whom",
        "read it in the letter and note it in the file; discard",
    ),
    "restore:waiver_lost": _DATE_LOST,
    "restore:court_action_lost": _DATE_LOST,
}
