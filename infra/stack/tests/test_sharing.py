"""How several processes share the tests of one session."""

import os

import pytest


def test_the_tests_of_a_file_stay_together(request: pytest.FixtureRequest) -> None:
    """Otherwise the fixtures of a file are made in each process, and a platform is started in each."""
    name, _, group = request.node.nodeid.rpartition("@")
    assert not os.environ.get("PYTEST_XDIST_WORKER") or name.startswith(f"{group}::")
