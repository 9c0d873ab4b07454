"""A remedy period in words or as JSON: each figure with its paragraph, each move to a working day with its reason."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kfi_law.courts import Court
from kfi_law.legal_calendar import why_not_a_working_day
from kfi_law.remedies import REMEDY_PERIOD_END, RemedyPeriod
from kfi_law.traces import Figure, trace_to_json

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """What `kfi-law period` answers; without a court where no seat was named."""

    period: RemedyPeriod
    court: Figure[Court] | None

    def as_text(self) -> str:
        """One line per figure: name, day, paragraph."""
        return "\n".join(self._lines())

    def as_json(self) -> str:
        """Every figure with its value and its trace, which `trace_from_json` reads."""
        document = {name: _with_trace(figure, figure.value.isoformat()) for name, figure in self._figures().items()}
        if self.court is not None:
            document["court"] = _with_trace(self.court, self.court.value.name)
        return json.dumps(document, ensure_ascii=False, indent=2)

    def _figures(self) -> dict[str, Figure[date]]:
        period = self.period
        figures = {"announced_on": period.announced, "last_day_for_action": period.last_day}
        if period.latest_announced.value != period.announced.value:
            figures["announced_on, later reading"] = period.latest_announced
            figures["last_day_for_action, later reading"] = period.latest_last_day
        return {**figures, "final_from": period.final_from}

    def _lines(self) -> Iterator[str]:
        for name, figure in self._figures().items():
            yield f"{name.replace('_', ' '):<36}{_written(figure.value)}   {_paragraphs(figure)}"
            yield from _reason_of_move(figure)
        if self.court is None:
            yield f"{'court':<36}name the seat of the addressee with --seat AGS"
        else:
            yield f"{'court':<36}{self.court.value.name}, {self.court.value.seat}   {self.court.step.paragraph}"


def _written(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _paragraphs(figure: Figure[date]) -> str:
    own = [step for step in figure.steps if step.rule == REMEDY_PERIOD_END and step.rule in figure.step.inputs]
    return "; ".join(step.paragraph for step in (*own, figure.step))


def _reason_of_move(figure: Figure[date]) -> Iterator[str]:
    nominal = figure.step.inputs.get(REMEDY_PERIOD_END)
    if nominal is not None and nominal != figure.step.result:
        day = date.fromisoformat(nominal)
        yield f"{'':<36}  moved from {_written(day)} ({why_not_a_working_day(day)})"


def _with_trace(figure: Figure[date] | Figure[Court], value: str) -> dict[str, object]:
    return {"value": value, "trace": json.loads(trace_to_json(figure.steps))}
