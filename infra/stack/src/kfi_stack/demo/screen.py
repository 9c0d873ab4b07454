"""What the demo prints: a heading per chapter, a line per step with its event, business date and latency."""

from rich.console import Console
from rich.text import Text

COLUMN = 58


class Screen:
    """Prints steps in the order they happened; plain text where the output is no terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """Prints a line of progress."""
        self._console.print(Text(line, style="dim"))

    def chapter(self, title: str) -> None:
        """Begins a chapter of the story."""
        self._console.print()
        self._console.print(Text(title, style="bold"))

    def step(self, what: str, *, seconds: float | None = None, today: str = "", event: str = "") -> None:
        """Prints what was done, what it took, on which business date, and the event it caused."""
        took = "" if seconds is None else f"{seconds * 1000:7.0f} ms"
        line = Text(f"  {what:<{COLUMN}}{took:>10}  {today:<10}  ")
        line.append(event, style="cyan")
        self._console.print(line)

    def fact(self, name: str, value: object) -> None:
        """Prints one thing to know."""
        self._console.print(f"  {name:<24}{value}")

    def check(self, promise: str, problem: str | None) -> None:
        """Prints a promise and whether it was kept."""
        verdict = Text("  kept    ", style="green") if problem is None else Text("  BROKEN  ", style="bold red")
        self._console.print(verdict.append(promise if problem is None else f"{promise}: {problem}", style="default"))
