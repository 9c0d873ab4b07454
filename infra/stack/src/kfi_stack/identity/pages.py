"""The provider's pages, in German, without script; what a page may do is said by its Content-Security-Policy."""

from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from kfi_stack.identity.directory import Account

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "login.css").read_text("utf-8")
_templates = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)


def login_page(people: tuple[Account, ...], action: str, redirect_uri: str) -> HTMLResponse:
    """One button per account. The form may lead to `redirect_uri`'s origin too: browsers hold `form-action` against
    the redirect that answers the form.
    """
    target = urlsplit(redirect_uri)
    html = _templates.get_template("login.html.j2").render(people=people, action=action)
    return _page(html, 200, form_action=f"'self' {target.scheme}://{target.netloc}")


def message_page(title: str, text: str, status: int) -> HTMLResponse:
    """A page that only says something."""
    html = _templates.get_template("message.html.j2").render(title=title, text=text)
    return _page(html, status, form_action="'none'")


def _page(html: str, status: int, form_action: str) -> HTMLResponse:
    policy = f"default-src 'none'; style-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})
