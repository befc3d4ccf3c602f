"""A Merkle tree that only grows (RFC 9162, section 2.1), kept as the hashes of its complete subtrees.

A *node* (height, position) is the complete subtree over the 2^height entries from position * 2^height on. Entry `i`
completes the nodes that end with it: its own leaf, and one per trailing 1 in the binary spelling of `i`. These hashes
are stored with the entry, two per entry on average, and never change; what a proof or an append needs is then found in
at most twice as many entries as the tree is high.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from attendance.ledger.verify_receipt import EMPTY_ROOT, leaf_hash, node_hash

HASH_BYTES = 32


class Node(NamedTuple):
    """A complete subtree."""

    height: int
    position: int

    @property
    def last_entry(self) -> int:
        """The entry that completes it, with which its hash is stored."""
        return ((self.position + 1) << self.height) - 1

    def hash_in(self, stored: bytes) -> bytes:
        """Return its hash out of those that are stored with that entry, lowest first."""
        return stored[self.height * HASH_BYTES : (self.height + 1) * HASH_BYTES]


Lookup = Callable[[Iterable[Node]], Mapping[Node, bytes]]
"""Finds the hashes of nodes."""


def nodes_of(begin: int, end: int) -> list[Node]:
    """Return the complete subtrees, largest first, that make up entries `begin` to `end`, the last one not included.

    `begin` is a multiple of the largest of them, as it is for every subtree that RFC 9162 names.
    """
    nodes = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        nodes.append(Node(height, begin >> height))
        begin += 1 << height
    return nodes


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees that follow each other, largest first."""
    if not hashes:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


class Frontier:
    """The right edge of a tree: all that is needed to append to it."""

    def __init__(self, size: int, peaks: Iterable[bytes]) -> None:
        """Begin with that many entries, whose complete subtrees (`nodes_of(0, size)`) have these hashes."""
        self.size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} entries has {size.bit_count()} peaks, not {len(self._peaks)}")

    def append(self, entry: bytes) -> bytes:
        """Add an entry and return what is stored with it: the hashes of the nodes it completes, lowest first."""
        completed = [leaf_hash(entry)]
        while self.size >> (len(completed) - 1) & 1:
            completed.append(node_hash(self._peaks.pop(), completed[-1]))
        self._peaks.append(completed[-1])
        self.size += 1
        return b"".join(completed)

    @property
    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return root_of(self._peaks)


def frontier_at(size: int, lookup: Lookup) -> Frontier:
    """Return the right edge of the tree as it was with that many entries."""
    nodes = nodes_of(0, size)
    found = lookup(nodes)
    return Frontier(size, [found[node] for node in nodes])


# --- Proofs -------------------------------------------------------------------------------------------------------


def inclusion_proof(index: int, size: int, lookup: Lookup) -> list[bytes]:
    """Return the path from an entry to the root of a tree of that size (RFC 9162, section 2.1.3.1).

    Raises:
        ValueError: the tree has no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has no entry {index}")
    return _hashes_of(_beside(index, size), lookup)


def nodes_beside(index: int, size: int) -> list[Node]:
    """Return the nodes of which the path from an entry to the root of a tree of that size is made."""
    return [node for part in _beside(index, size) for node in nodes_of(*part)]


def consistency_proof(old_size: int, size: int, lookup: Lookup) -> list[bytes]:
    """Return the proof that a tree continues a smaller one (RFC 9162, section 2.1.4.1); empty for an empty one.

    Raises:
        ValueError: the smaller one is the larger one.
    """
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} entries does not continue one of {old_size}")
    return _hashes_of(_between(old_size, size), lookup) if old_size else []


def _middle(begin: int, end: int) -> int:
    """Return where RFC 9162 parts a tree: behind the largest power of two that is smaller than its size."""
    return begin + (1 << (end - begin - 1).bit_length() - 1)


def _beside(index: int, size: int) -> list[tuple[int, int]]:
    """Return the subtrees beside the way from an entry to the root, lowest first."""
    begin, end, beside = 0, size, []
    while end - begin > 1:
        middle = _middle(begin, end)
        if index < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((begin, middle))
            begin = middle
    return beside[::-1]


def _between(old_size: int, size: int) -> list[tuple[int, int]]:
    """Return the subtrees of which both the smaller and the larger tree can be built, lowest first."""
    begin, end, parts = 0, size, []
    while old_size < end:
        middle = _middle(begin, end)
        if old_size <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((begin, middle))
            begin = middle
    if begin:
        parts.append((begin, end))
    return parts[::-1]


def _hashes_of(parts: Sequence[tuple[int, int]], lookup: Lookup) -> list[bytes]:
    nodes = [nodes_of(*part) for part in parts]
    found = lookup([node for some in nodes for node in some])
    return [root_of([found[node] for node in some]) for some in nodes]
