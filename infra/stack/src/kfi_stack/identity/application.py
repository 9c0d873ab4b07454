"""The demo provider's HTTP side."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from authlib.oauth2.base import OAuth2Error, invalid_error_characters
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kfi_stack.identity.pages import STYLE, login_page, message_page
from kfi_stack.identity.provider import DemoProvider
from kfi_stack.identity.requests import ProviderRequest
from kfi_stack.identity.signing_key import public_keys
from kfi_stack.log_lines import log_line

FORM_BYTES = 16_384
MOST_FIELDS = 50
QUOTED = ("redirect_uri", "response_type", "grant_type")


class _UnreadableRequestError(Exception):
    """Parameters that are too large, are none, or that Authlib could not quote in its refusal."""


class Endpoints:
    """Discovery, keys, authorization with its login page, tokens, end of session."""

    def __init__(self, provider: DemoProvider) -> None:
        self._provider = provider

    async def discovery(self, _request: Request) -> Response:
        """GET /.well-known/openid-configuration."""
        return JSONResponse(self._provider.discovery())

    async def jwks(self, _request: Request) -> Response:
        """GET /jwks: the public key."""
        return JSONResponse(public_keys(self._provider.keys))

    async def authorize(self, request: Request) -> Response:
        """GET /authorize: the login page. POST: the chosen account gets its code.

        What is wrong is told to the client by redirect when its address is known to be its own, else to the person.
        """
        asked = self._request(request, _parameters(request.url.query))
        try:
            grant = self._provider.get_consent_grant(asked)
        except OAuth2Error as error:
            return self._refusal(asked, error)
        if request.method == "GET":
            return login_page(self._provider.directory.people, f"/authorize?{request.url.query}", grant.redirect_uri)
        account = self._provider.directory.account((await _form(request)).get("username", [""])[0])
        if account is None:
            return message_page("Unbekannte Person", "Bitte wählen Sie eine der angezeigten Personen aus.", 400)
        response: Response = self._provider.create_authorization_response(asked, account, grant=grant)
        log_line("signed_in", sub=account.sub, client_id=asked.client.client_id)
        return response

    async def token(self, request: Request) -> Response:
        """POST /token."""
        asked = self._request(request, await _form(request))
        response: Response = self._provider.create_token_response(asked)
        log_line("token_asked", status=response.status_code, client_id=asked.client and asked.client.client_id)
        return response

    async def end_session(self, request: Request) -> Response:
        """GET or POST /end-session."""
        parameters = await _form(request) if request.method == "POST" else _parameters(request.url.query)
        asked = self._request(request, parameters)
        response: Response | None = self._provider.create_endpoint_response("end_session", asked)
        return response or message_page("Abgemeldet", "Sie sind abgemeldet.", 200)

    def _request(self, request: Request, parameters: Mapping[str, list[str]]) -> ProviderRequest:
        return ProviderRequest(request.method, self._provider.issuer + request.url.path, request.headers, parameters)

    def _refusal(self, asked: ProviderRequest, error: OAuth2Error) -> Response:
        if error.redirect_uri:
            refused: Response = self._provider.handle_error_response(asked, error)
            return refused
        text = "Die Anwendung hat die Anmeldung falsch angefragt. Bitte beginnen Sie dort von vorn."
        return message_page("Anmeldung nicht möglich", f"{text} ({error.error})", 400)


def create_application(provider: DemoProvider) -> ASGIApp:
    """The provider as an ASGI application."""
    endpoints = Endpoints(provider)
    application = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", endpoints.discovery),
            Route("/jwks", endpoints.jwks),
            Route("/authorize", endpoints.authorize, methods=["GET", "POST"]),
            Route("/token", endpoints.token, methods=["POST"]),
            Route("/end-session", endpoints.end_session, methods=["GET", "POST"]),
            Route("/login.css", _style),
        ],
        exception_handlers={_UnreadableRequestError: _unreadable_request},
    )
    return SecurityHeaders(application)


class SecurityHeaders:
    """Every answer: not to be cached, sniffed, framed or named to others."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._application(scope, receive, send_with_headers)


def _parameters(encoded: str) -> dict[str, list[str]]:
    """Raises _UnreadableRequestError. A value that Authlib quotes must keep to the characters of RFC 6749, 4.1.2.1."""
    try:
        parameters = parse_qs(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise _UnreadableRequestError from error
    quoted = (value for name in QUOTED for value in parameters.get(name, ()))
    if any(invalid_error_characters(value) for value in quoted):
        raise _UnreadableRequestError
    return parameters


async def _form(request: Request) -> dict[str, list[str]]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise _UnreadableRequestError
    try:
        encoded = body.decode("ascii")
    except UnicodeDecodeError as error:
        raise _UnreadableRequestError from error
    return _parameters(encoded)


async def _unreadable_request(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "invalid_request", "error_description": "The parameters cannot be read."}, 400)


async def _style(_request: Request) -> Response:
    return Response(STYLE, media_type="text/css")
