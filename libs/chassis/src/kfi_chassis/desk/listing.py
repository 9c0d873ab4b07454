"""What the desk's commands print: the same that its routes answer, as lines."""

from collections.abc import Sequence

from kfi_chassis.desk.views import LetterLine, LetterView, ParkedEventView


def letters(lines: Sequence[LetterLine]) -> str:
    """One line per letter, oldest first."""
    if not lines:
        return "no open dead letters\n"
    told = [f"{'number':>8}  {'parked':20}  {'reason':32}  {'tries':>5}  {'type':50}  record"]
    told += [
        f"{line.number:>8}  {line.parked_at:%Y-%m-%d %H:%M:%SZ}  {line.reason:32}  {line.attempts:>5}"
        f"  {line.event_type or '-':50}  {line.record}"
        for line in lines
    ]
    return "\n".join(told) + "\n"


def letter(view: LetterView) -> str:
    """Everything that may be seen of one letter."""
    fields = {
        "number": view.number,
        "state": view.state,
        "reason": view.reason,
        "meaning": view.meaning,
        "what to do": view.remedy,
        "parked": view.parked_at.isoformat(),
        "tries": view.attempts,
        "behind": view.behind or "-",
        "waiting behind": view.waiting_behind,
        "holds its key": "yes" if view.holds_key else "no",
        "record": view.record,
        "key": view.key or "-",
        "event": view.event_id or "-",
        "type": view.event_type or "-",
        "correlation": view.correlation_id or "-",
        "trace": view.trace_id or "-",
        "size": f"{view.size} bytes",
        "sha256": view.sha256 or "-",
    }
    lines = [f"{name:14} {value}" for name, value in fields.items()]
    lines += [f"header         {each.name}: {each.value}" for each in view.headers]
    return "\n".join([*lines, "", view.content or _WITHHELD[view.withheld or "empty"]]) + "\n"


def events(views: Sequence[ParkedEventView]) -> str:
    """One line per event that the broker refuses, oldest first."""
    if not views:
        return "no parked events\n"
    told = [f"{'position':>8}  {'recorded':20}  {'reason':16}  {'behind':>6}  {'type':50}  {'topic':32}  key"]
    told += [
        f"{view.position:>8}  {view.recorded_at:%Y-%m-%d %H:%M:%SZ}  {view.reason:16}  {view.waiting_behind:>6}"
        f"  {view.event_type:50}  {view.topic:32}  {view.key}"
        for view in views
    ]
    return "\n".join(told) + "\n"


_WITHHELD = {
    "sealed": "The content is sealed; nobody opens it here.",
    "topic_not_published": "The content is not shown: the topic is not among the published ones.",
    "no_event_this_version_reads": "The content is not shown: this version reads no event in it.",
    "empty": "There is no content.",
}
