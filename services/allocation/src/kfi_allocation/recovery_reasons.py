"""Why an event was left to people after a restore, for the operators' desk."""

from typing import Final

from kfi_chassis.desk.reasons import Explanation, Reasons

RESTORED: Final[Reasons] = {
    "restore:household_lost": Explanation(
        "after a restore: a household was announced or placed, and the database does not have it",
        "have the list sent once more, compare the towns that were told of the lost number, tell them; discard",
    ),
    "restore:correction_lost": Explanation(
        "after a restore: a corrected list changed or cancelled a household; what else it said is lost",
        "send the corrected list once more: what is there already does not change; discard",
    ),
    "restore:plan_lost": Explanation(
        "after a restore: a plan was proved or households were proposed by it, and the run is not in the database",
        "keep the certificate that towns have with the file; the next run repairs what it needs to; discard",
    ),
    "restore:objection_in_words_lost": Explanation(
        "after a restore: a town's objection is there by its code, its own words are not",
        "ask the town for its words before a planner decides; discard",
    ),
    "restore:reasons_and_signatory_unknown": Explanation(
        "after a restore: the decision on a household is rebuilt; reasons, hearing and signatory are not in events",
        "read them in the letter and note them in the file; discard",
    ),
    "restore:presence_lost": Explanation(
        "after a restore: the household arrived, moved or changed, and the entries of who lived where are missing",
        "have the town enter them again; discard",
    ),
}
