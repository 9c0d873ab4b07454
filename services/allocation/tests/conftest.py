"""The larger sizes run by KFI_SIZE=nightly alone."""

import pytest
from tests.harness.size import size


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if size(short=True, nightly=False) and item.get_closest_marker("nightly")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
