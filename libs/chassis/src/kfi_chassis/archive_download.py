"""An archive as the answer to a request: sent while it is made, never kept by a cache."""

from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi.responses import StreamingResponse

ZIP: Final = "application/zip"


def documented(holds: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI answer of a route whose archive holds this."""
    content = {ZIP: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": f"ZIP with {holds}", "content": content}}


def zip_download(name: str, parts: AsyncIterator[bytes]) -> StreamingResponse:
    """The archive under a file name that tells nothing personal."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "private, no-store"}
    return StreamingResponse(parts, media_type=ZIP, headers=headers)
