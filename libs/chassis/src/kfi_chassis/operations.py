"""What machines and operators ask of a process: health, metrics, and the pages of the problem types."""

import html
from ipaddress import ip_address
from typing import Any, Final, Protocol

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from kfi_chassis.health import Health, Report
from kfi_chassis.problems import CATALOGUE, Forbidden, NotFound, ProblemType, Unauthenticated

OPERATOR: Final = "operator"
_FORWARDED: Final = ("forwarded", "x-forwarded-for")
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1><p>HTTP {status} &middot; <code>{uri}</code></p>
<h2>What happened</h2><p>{meaning}</p><h2>What to do</h2><p>{remedy}</p></main></body></html>
"""


class Exposition(Protocol):
    """The metrics of the process as Prometheus reads them."""

    def exposition(self) -> tuple[bytes, str]:
        """The text of all metrics, and its content type."""


def operations_router(health: Health, metrics: Exposition) -> APIRouter:
    """The routes outside of the service's own interface; the gateway leads to none of them but the problem pages."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        return _told(health.live())

    @router.get("/health/ready")
    async def ready() -> Response:
        return _told(await health.ready())

    @router.get("/health/details")
    async def details(request: Request) -> Response:
        await _only_operators(request)
        return _told(await health.details(), always_200=True)

    @router.get("/metrics")
    async def exposed() -> Response:
        content, media_type = metrics.exposition()
        return Response(content, media_type=media_type)

    @router.get("/problems/{slug}")
    async def problem_page(slug: str) -> Response:
        return HTMLResponse(_page(_known(slug)))

    return router


def _told(report: Report, *, always_200: bool = False) -> Response:
    content: dict[str, Any] = {"ok": report.ok, **report.parts}
    return JSONResponse(content, 200 if report.ok or always_200 else 503)


async def _only_operators(request: Request) -> None:
    """By role; or from this very machine, unless a proxy only passed the request on."""
    if _is_local(request):
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    principal = await request.app.state.verifier.verify(token)
    if OPERATOR not in principal.roles:
        raise Forbidden


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _known(slug: str) -> ProblemType:
    if slug not in CATALOGUE:
        raise NotFound
    return CATALOGUE[slug]


def _page(kind: ProblemType) -> str:
    texts = {"title": kind.title, "uri": kind.uri, "meaning": kind.meaning, "remedy": kind.remedy}
    return _PAGE.format(status=kind.status, **{name: html.escape(text) for name, text in texts.items()})
