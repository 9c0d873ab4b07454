from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.certificate.merkle import Tree, root_from

leaves = st.lists(st.binary(max_size=6), min_size=1, max_size=40)


def by_the_book(content: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if len(content) == 1:
        return sha256(b"\x00" + content[0]).digest()
    k = 1
    while k * 2 < len(content):
        k *= 2
    return sha256(b"\x01" + by_the_book(content[:k]) + by_the_book(content[k:])).digest()


@given(leaves)
def test_the_root_is_that_of_rfc_9162(content: list[bytes]) -> None:
    assert Tree(content).root == by_the_book(content)


@given(leaves)
def test_every_leaf_proves_that_it_belongs(content: list[bytes]) -> None:
    tree = Tree(content)
    for index, leaf in enumerate(content):
        assert root_from(leaf, index, len(content), tree.path(index)) == tree.root


@given(leaves, st.data())
def test_another_leaf_place_size_or_path_proves_nothing(content: list[bytes], data: st.DataObject) -> None:
    tree, size = Tree(content), len(content)
    index = data.draw(st.integers(0, size - 1))
    path = tree.path(index)
    assert root_from(content[index] + b"x", index, size, path) != tree.root
    assert root_from(content[index], index, size, [*path, b"\x00" * 32]) is None
    assert root_from(content[index], size, size, path) is None
    if path:
        assert root_from(content[index], index, size, path[:-1]) is None
        assert root_from(content[index], index, size, [sha256(path[0]).digest(), *path[1:]]) != tree.root


def test_a_leaf_that_is_not_there_has_no_path() -> None:
    with pytest.raises(IndexError):
        Tree([b"a"]).path(1)
