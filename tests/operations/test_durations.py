"""How long an alert waits is held by the rules' tests: a duration that is a little shorter or longer is seen."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from .rules import RULES, RULES_TESTS, Alert, alerts, content_of

PROMTOOL = shutil.which("promtool")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
TESTS_OF = {"rules.yaml": RULES_TESTS[0], "slo.yaml": RULES_TESTS[2], "allocation.yaml": RULES_TESTS[3]}
OF_DAYS = {"AuditNotVerified": RULES_TESTS[1]}
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on the PATH; on Debian: apt-get install prometheus"),
]


def seconds(duration: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([smhd])", duration).groups()  # type: ignore[union-attr]
    return int(number) * SECONDS[unit]


def evaluated_every(test: Path) -> int:
    return seconds(content_of(test)["evaluation_interval"])


def holding(alert: Alert) -> Path:
    """The file of the tests that hold it."""
    return OF_DAYS.get(alert.name, TESTS_OF[alert.file.name])


def altered(alert: Alert, by: int, folder: Path) -> Path:
    """The file of the tests with rules in which this alert waits so many seconds more."""
    for file in RULES:
        content = content_of(file)
        for rule in (rule for group in content["groups"] for rule in group["rules"]):
            if rule.get("alert") == alert.name:
                rule["for"] = f"{seconds(alert.waits) + by}s"
        (folder / file.name).write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    test = holding(alert)
    content = content_of(test)
    content["tests"] = [case for case in content["tests"] if case["name"].startswith(f"{alert.name}: ")]
    (folder / test.name).write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    return folder / test.name


def is_content(test: Path) -> bool:
    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", test.name], cwd=test.parent, capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.mark.parametrize("sign", [-1, 1], ids=["shorter", "longer"])
@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_another_duration_is_seen(alert: Alert, sign: int, tmp_path: Path) -> None:
    step = evaluated_every(holding(alert))
    if sign > 0 or seconds(alert.waits):
        assert not is_content(altered(alert, sign * step, tmp_path))
