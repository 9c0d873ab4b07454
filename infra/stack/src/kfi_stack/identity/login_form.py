"""Reading the first form of a login page, as a browser would fill it in."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class LoginForm:
    """Where the form goes, what it carries hidden, and whether it asks for a password."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    asks_password: bool = False

    @classmethod
    def on(cls, page: str) -> "LoginForm":
        """The first form of this HTML page. Raises ValueError when there is none."""
        parser = _FirstForm()
        parser.feed(page)
        if parser.form is None:
            raise ValueError("The login page has no form.")
        return parser.form

    def filled(self, login: str, password: str | None) -> dict[str, str]:
        """The fields to post for this login."""
        secret = {"password": password} if self.asks_password and password is not None else {}
        return self.hidden | {"username": login} | secret


class _FirstForm(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: LoginForm | None = None
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form, self._open = LoginForm(given["action"]), True
        elif tag == "input" and self.form is not None and self._open:
            self._input(self.form, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def _input(self, form: LoginForm, given: dict[str, str]) -> None:
        if given.get("type") == "hidden" and "name" in given:
            form.hidden[given["name"]] = given.get("value", "")
        form.asks_password |= given.get("type") == "password"
