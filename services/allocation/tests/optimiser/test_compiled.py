import pytest

from kfi_allocation.optimiser.compiled import compiled


def one_more(number: int) -> int:
    return number + 1


def test_where_nothing_can_be_kept_each_process_compiles_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])  # as in a read-only image without a home
    assert compiled(one_more)(1) == 2
