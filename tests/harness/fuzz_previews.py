"""Letters to look at, any of those that the published language gives as examples; and a correction."""

import json
from itertools import cycle
from typing import Any

from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import content_bytes

_NEXT = cycle(LETTER_EXAMPLES.values())


def letter_preview() -> dict[str, Any]:
    """What is sent to see a letter, each time another kind."""
    return {"content": json.loads(content_bytes(next(_NEXT)))}


def correction() -> dict[str, Any]:
    """A correction of a decision."""
    return {
        "points": [{"subject": "Bewilligungszeitraum", "was": "bis März", "becomes": "bis April"}],
        "reasons": ["Das Projekt beginnt einen Monat später."],
        "legal_basis": ["§ 49 VwVfG NRW"],
    }
