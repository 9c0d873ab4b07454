"""Running Envoy: its configuration, its log, its ports."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfi_stack.gateway import Gateway, GatewayConfigurationError, Service
from kfi_stack.ports import free_port
from kfi_stack.supervisor import ProgramEnded, Supervisor

pytestmark = pytest.mark.servers

APPLICATIONS = "/applications/v1/applications"


async def test_the_access_log_has_ids_and_no_query(gateway_with: Any, ask: Any, token: str) -> None:
    with gateway_with() as one:
        await ask(one.address, f"{APPLICATIONS}?name=Sander&access_token={token}", token=token)
    logged = one.program.log_file.read_text()
    [line] = [parsed for parsed in map(json.loads, logged.splitlines()) if parsed["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", APPLICATIONS, 200)
    assert (line["sub"], line["upstream"]) == ("account-101", "applications")
    assert "Sander" not in logged
    assert token not in logged


def test_a_second_copy_does_not_share_the_port(running_gateway: Any, tmp_path: Path) -> None:
    second = replace(running_gateway.settings, admin_port=free_port())
    with Supervisor() as supervisor, pytest.raises(ProgramEnded, match="Address already in use"):
        supervisor.start(second.program(tmp_path))


async def test_the_admin_port_shows_neither_configuration_nor_a_way_to_stop(running_gateway: Any, ask: Any) -> None:
    admin = f"http://127.0.0.1:{running_gateway.settings.admin_port}"
    assert (await ask(admin, "/stats/prometheus")).status_code == 200
    assert (await ask(admin, "/config_dump")).status_code == 403
    assert (await ask(admin, "/quitquitquit", body=b"")).status_code == 403


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_envoy_accepts_the_configuration(tmp_path: Path, scheme: str) -> None:
    service = Service("applications", 8001)
    settings = Gateway(8080, 8081, f"{scheme}://id.example", f"{scheme}://id.example/jwks", (service,))
    assert settings.write(tmp_path / "envoy.yaml").is_file()


def test_an_invalid_configuration_is_told_without_the_file(tmp_path: Path) -> None:
    settings = Gateway(80800, 8081, "http://id.example", "http://id.example/jwks", (Service("applications", 8001),))
    with pytest.raises(GatewayConfigurationError) as refused:
        settings.write(tmp_path / "envoy.yaml")
    assert "PortValue: value must be less than or equal to 65535" in str(refused.value)
    assert len(str(refused.value)) < 500


def test_no_value_can_break_out_of_the_configuration(tmp_path: Path) -> None:
    service = Service('applications"}\n- evil: {"', 8001)
    rendered = Gateway(8080, 8081, 'http://id.example/"\n', "http://id.example/jwks", (service,)).configuration()
    [provider] = _jwt_filter(yaml.safe_load(rendered))["providers"].values()
    assert provider["issuer"] == 'http://id.example/"\n'


def _jwt_filter(configuration: Any) -> Any:
    manager = configuration["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    [found] = [one for one in manager["http_filters"] if one["name"] == "envoy.filters.http.jwt_authn"]
    return found["typed_config"]
