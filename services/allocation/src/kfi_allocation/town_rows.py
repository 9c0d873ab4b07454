"""From rows to what towns stated, and back."""

from typing import Any

from sqlalchemy import Row

from kfi_allocation.domain.towns.capacity import Capacity
from kfi_allocation.domain.towns.care import CareOffer
from kfi_allocation.domain.towns.flat import Flat, FlatState, Size
from kfi_allocation.domain.towns.stop import RefusalReason, Stop, StopReason, StopState


def capacity_of(row: Row[Any]) -> Capacity:
    """The capacity of a row."""
    return Capacity(
        row.id, row.ags, row.number, row.persons, row.valid_from, row.valid_until, row.stated_on, row.stated_by
    )


def capacity_row(stated: Capacity) -> dict[str, object]:
    """Its columns."""
    names = ("number", "persons", "valid_from", "valid_until", "stated_on", "stated_by")
    return {name: getattr(stated, name) for name in names}


def stop_of(row: Row[Any]) -> Stop:
    """The stop of a row."""
    return Stop(
        row.id, row.ags, row.first_day, row.last_day, StopReason(row.reason), row.asked_on, StopState(row.state),
        row.decided_by, row.decided_on, row.refused_because and RefusalReason(row.refused_because), row.ended_on,
        row.version,
    )  # fmt: skip


def stop_row(stop: Stop) -> dict[str, object]:
    """Its columns."""
    plain = ("first_day", "last_day", "asked_on", "decided_by", "decided_on", "ended_on")
    codes = {"reason": stop.reason.value, "state": stop.state.value}
    refused = stop.refused_because and stop.refused_because.value
    return {name: getattr(stop, name) for name in plain} | codes | {"refused_because": refused}


def flat_of(row: Row[Any]) -> Flat:
    """The flat of a row."""
    size = Size(row.persons, row.square_metres, row.barrier_free, row.free_from)
    return Flat(row.id, row.ags, size, row.offered_on, FlatState(row.state), row.household_id, row.version)


def flat_row(flat: Flat) -> dict[str, object]:
    """Its columns."""
    size = {name: getattr(flat.size, name) for name in ("persons", "square_metres", "barrier_free", "free_from")}
    return size | {"offered_on": flat.offered_on, "state": flat.state.value, "household_id": flat.household_id}


def care_of(row: Row[Any]) -> CareOffer:
    """The offer of a row."""
    return CareOffer(
        row.id, row.ags, row.offers, row.first_day, row.last_day, row.stated_on, row.withdrawn_on, row.version
    )


def care_row(offer: CareOffer) -> dict[str, object]:
    """Its columns."""
    names = ("offers", "first_day", "last_day", "stated_on", "withdrawn_on")
    return {name: getattr(offer, name) for name in names}
