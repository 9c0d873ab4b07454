"""What the program of a service says and does before it runs."""

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.servers
DEMO = Path(__file__).parents[2] / "demo_service"


async def test_a_port_in_use_is_one_sentence_with_what_to_do(launcher: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = await launcher.finish("run", "api", KFI_HTTP_PORT=str(port))
    assert code == 2
    assert told.startswith(f"Port {port} on 127.0.0.1 cannot be opened")
    assert "KFI_HTTP_PORT" in told
    assert told.count("\n") == 1


async def test_a_wrong_setting_is_one_sentence_with_what_to_do(launcher: Any) -> None:
    code, told = await launcher.finish("run", KFI_DATABASE_URL="sqlite:///geheim")
    assert code == 2
    assert "KFI_DATABASE_URL" in told
    assert "geheim" not in told
    assert told.count("\n") == 1


async def test_a_role_it_does_not_have_is_one_sentence_with_what_to_do(launcher: Any) -> None:
    code, told = await launcher.finish("run", "optimiser")
    assert (code, told) == (2, "demo has no role optimiser: choose from api, consumer, relay, worker.\n")


async def test_production_refuses_to_move_the_business_date(launcher: Any, tmp_path: Path) -> None:
    code, told = await launcher.finish("run", KFI_PROFILE="production", KFI_BUSINESS_DATE_FILE=str(tmp_path / "date"))
    assert code == 2
    assert "KFI_BUSINESS_DATE_FILE" in told


async def test_the_openapi_document_is_written_and_a_difference_is_told(launcher: Any, tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "demo" / "src")
    there = {"PYTHONPATH": str(tmp_path / "demo" / "src")}
    document = tmp_path / "demo" / "openapi.json"
    assert (await launcher.finish("openapi", "--check", **there))[0] == 1
    assert (await launcher.finish("openapi", **there))[0] == 0
    assert (await launcher.finish("openapi", "--check", **there))[0] == 0
    paths = set(json.loads(document.read_text())["paths"])
    assert {path for path in paths if "-" not in path.split("/")[3]} == {
        "/demo/v1/things",
        "/demo/v1/things/{thing_id}",
        "/demo/v1/things/{thing_id}/name",
    }
    assert {path.split("/")[3] for path in paths} == {"things", "dead-letters", "parked-events"}
    document.write_text(document.read_text().replace("make_thing", "make_a_thing"))
    code, told = await launcher.finish("openapi", "--check", **there)
    assert code == 1
    assert "kfi-demo openapi" in told
