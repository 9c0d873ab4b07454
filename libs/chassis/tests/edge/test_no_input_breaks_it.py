"""No input ever gives a 5xx."""

import json
from typing import Any
from uuid import uuid4

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ANY_TEXT = st.text(max_size=30)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(ANY_TEXT | st.sampled_from(["name", "parts", "form", "label", "shape"]), inner, max_size=5)
    ),
    max_leaves=15,
)
THING = st.fixed_dictionaries(
    {},
    optional={
        "name": ANY_JSON,
        "parts": st.lists(st.fixed_dictionaries({}, optional={"label": ANY_JSON, "count": ANY_JSON}), max_size=3),
        "form": st.fixed_dictionaries({}, optional={"shape": ANY_JSON, "radius": ANY_JSON}),
    },
)
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
LENIENT = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused_or_taken(answer: httpx2.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


@LENIENT
@given(body=THING | ANY_JSON, tag=HEADER)
async def test_no_json_gives_a_5xx(demo: Any, body: Any, tag: str) -> None:
    headers = {"Authorization": "Bearer maker", "Content-Type": "application/json", "If-Match": tag}
    content = json.dumps(body)
    refused_or_taken(
        await demo.client.post(
            f"/demo/v1/things/{uuid4()}/name?limit={tag.encode().hex()}", content=content, headers=headers
        )
    )


@LENIENT
@given(body=st.binary(max_size=200), media_type=HEADER)
async def test_no_bytes_give_a_5xx(demo: Any, body: bytes, media_type: str) -> None:
    headers = {"Authorization": "Bearer maker", "If-Match": '"1"'}
    for declared in ("application/json", media_type):
        refused_or_taken(
            await demo.client.post(
                f"/demo/v1/things/{uuid4()}/name", content=body, headers={**headers, "Content-Type": declared}
            )
        )


@LENIENT
@given(path=st.binary(max_size=40), query=st.binary(max_size=40), length=HEADER, token=HEADER)
async def test_no_address_and_no_header_give_a_5xx(
    demo: Any, path: bytes, query: bytes, length: str, token: str
) -> None:
    """Straight through ASGI: an HTTP client would repair what an attacker does not."""
    sent: list[Any] = []
    headers = [(b"content-length", length.encode()), (b"authorization", b"Bearer " + token.encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/demo/v1/" + path.decode("utf-8", "replace"),
        "raw_path": b"/demo/v1/" + path,
        "query_string": query,
        "headers": [*headers, (b"if-match", token.encode()), (b"x-correlation-id", path)],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("192.0.2.7", 4711),
        "server": ("demo", 80),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await demo.app(scope, receive, send)
    assert sent[0]["status"] < 500
