"""The kinds of files a list of arrivals comes in."""

from enum import StrEnum


class FileKind(StrEnum):
    """By media type."""

    CSV = "text/csv"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    JSON = "application/json"

    @property
    def ending(self) -> str:
        """How the names of such files end."""
        return f".{self.name.lower()}"
