import pytest
from services.allocation.tests.instances import document, home, town

from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.orders_document import as_document, orders_from, orders_of

INSTANCE = instance_from(document([town("010"), town("020")], [home("H1"), home("H2")]))
ORDERS = Orders(fixed={"H1": "020"}, excluded={"H2": frozenset({"010"})})


def test_orders_are_read_as_they_were_written() -> None:
    assert orders_from(as_document(ORDERS), INSTANCE) == ORDERS
    assert orders_of({"orders": as_document(ORDERS)}, INSTANCE) == ORDERS
    assert orders_of({}, INSTANCE) == Orders()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"format": "x"}, "orders.format"),
        ({"fixed": []}, "orders.fixed"),
        ({"fixed": {"H1": 3}}, "orders.fixed.H1"),
        ({"fixed": {"H9": "010"}}, "orders.fixed.H9"),
        ({"fixed": {"H1": "099"}}, "orders.fixed.H1"),
        ({"excluded": {"H1": "010"}}, "orders.excluded.H1"),
        ({"excluded": {"H1": ["099"]}}, "orders.excluded.H1"),
    ],
)
def test_orders_that_cannot_be_are_named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(DocumentNotReadable) as told:
        orders_from(as_document(ORDERS) | wrong, INSTANCE)
    assert told.value.problems[0].startswith(f"{named}: ")
