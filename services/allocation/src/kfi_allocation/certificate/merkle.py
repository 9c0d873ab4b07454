"""Merkle trees with inclusion proofs as in RFC 9162, section 2.1: SHA-256, leaves and nodes hashed apart."""

from collections.abc import Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"


class Tree:
    """The tree over leaves, in their order; level by level, a last node without a partner goes up as it is."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [[_leaf(leaf) for leaf in leaves]]
        while len(below := self._levels[-1]) > 1:
            above = [_node(left, right) for left, right in zip(below[::2], below[1::2], strict=False)]
            self._levels.append(above + below[len(below) - len(below) % 2 :])

    @property
    def root(self) -> bytes:
        """The root; of no leaves the hash of nothing."""
        top = self._levels[-1]
        return top[0] if top else sha256().digest()

    def path(self, index: int) -> list[bytes]:
        """The hashes beside the way from a leaf up to the root. Raises IndexError for a leaf that is not there."""
        if not 0 <= index < len(self._levels[0]):
            raise IndexError(index)
        beside = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                beside.append(level[index ^ 1])
            index //= 2
        return beside


def root_from(leaf: bytes, index: int, size: int, beside: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its path lead to, None for a path of the wrong length (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    first, last, found = index, size - 1, _leaf(leaf)
    for one in beside:
        if last == 0:
            return None
        if first % 2 or first == last:
            found = _node(one, found)
            while first % 2 == 0 and first:
                first, last = first // 2, last // 2
        else:
            found = _node(found, one)
        first, last = first // 2, last // 2
    return found if last == 0 else None


def _leaf(content: bytes) -> bytes:
    return sha256(LEAF + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
