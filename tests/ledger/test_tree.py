"""The tree of the log, held against known vectors, another library and the definition itself."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from attendance.ledger.tree import Frontier, Node, consistency_proof, frontier_at, inclusion_proof, nodes_of
from attendance.ledger.verify_receipt import (
    EMPTY_ROOT,
    Unproved,
    check_consistency,
    leaf_hash,
    node_hash,
    root_by_path,
)

# The eight entries of Certificate Transparency's reference tree, and the roots of its first 0 to 8 entries, as its own
# tests have them (github.com/google/certificate-transparency, merkletree tests).
REFERENCE = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
REFERENCE_PATHS = {
    0: [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    5: [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
LARGEST = 65


class Log:
    """A log in memory: what is stored with each entry, and the root after each."""

    def __init__(self, entries: Iterable[bytes]) -> None:
        edge = Frontier(0, [])
        self.stored: list[bytes] = []
        self.roots = [edge.root]
        for entry in entries:
            self.stored.append(edge.append(entry))
            self.roots.append(edge.root)

    def lookup(self, nodes: Iterable[Node]) -> dict[Node, bytes]:
        return {node: node.hash_in(self.stored[node.last_entry]) for node in nodes}


def by_definition(entries: list[bytes]) -> bytes:
    """Return the root as RFC 9162, section 2.1.1, defines it."""
    if len(entries) < 2:
        return leaf_hash(entries[0]) if entries else EMPTY_ROOT
    half = 1 << (len(entries) - 1).bit_length() - 1
    return node_hash(by_definition(entries[:half]), by_definition(entries[half:]))


ENTRIES = [str(number).encode() for number in range(LARGEST)]
LOG = Log(ENTRIES)


def test_the_roots_are_those_of_certificate_transparency() -> None:
    log = Log(map(bytes.fromhex, REFERENCE))
    assert [root.hex() for root in log.roots] == REFERENCE_ROOTS
    for index, path in REFERENCE_PATHS.items():
        assert [step.hex() for step in inclusion_proof(index, 8, log.lookup)] == path


def test_the_roots_are_those_of_another_library() -> None:
    other = InmemoryTree(algorithm="sha256")
    for size, entry in enumerate(ENTRIES, start=1):
        other.append_entry(entry)
        assert other.get_root(size) == LOG.roots[size]


@given(st.lists(st.binary(max_size=40), max_size=100))
def test_the_roots_are_those_of_the_definition(entries: list[bytes]) -> None:
    assert Log(entries).roots[-1] == by_definition(entries)


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_entry_of_every_size_is_proved(size: int) -> None:
    assert frontier_at(size, LOG.lookup).root == LOG.roots[size]
    for index in range(size):
        path = inclusion_proof(index, size, LOG.lookup)
        assert root_by_path(index, size, leaf_hash(ENTRIES[index]), path) == LOG.roots[size]
        assert len(path) <= (size - 1).bit_length()


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_every_size_continues_every_smaller_one(size: int) -> None:
    for old in range(size + 1):
        check_consistency(old, LOG.roots[old], size, LOG.roots[size], consistency_proof(old, size, LOG.lookup))


SIZES = st.integers(1, LARGEST)


@given(st.data())
def test_a_proof_proves_nothing_else(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, LOG.lookup)
    other_index, other_size = data.draw(st.integers(0, size - 1)), data.draw(SIZES)
    other_path = data.draw(st.sampled_from([path, path[:-1], [*path, EMPTY_ROOT], path[::-1]]))
    if (other_index, other_size, other_path) != (index, size, path):
        with pytest.raises(Unproved):
            if root_by_path(other_index, other_size, leaf_hash(ENTRIES[index]), other_path) != LOG.roots[other_size]:
                raise Unproved("another root")


@given(st.data())
def test_a_rewritten_past_continues_nothing(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    old, changed = data.draw(st.integers(1, size)), data.draw(st.integers(0, size - 1))
    rewritten = Log([*ENTRIES[:changed], b"rewritten", *ENTRIES[changed + 1 : size]])
    proof = consistency_proof(old, size, rewritten.lookup)
    if changed < old:
        with pytest.raises(Unproved):
            check_consistency(old, LOG.roots[old], size, rewritten.roots[size], proof)
    else:
        check_consistency(old, LOG.roots[old], size, rewritten.roots[size], proof)


@given(st.data())
def test_a_changed_consistency_proof_proves_nothing(data: st.DataObject) -> None:
    old, size = sorted([data.draw(SIZES), data.draw(SIZES)])
    proof = consistency_proof(old, size, LOG.lookup)
    changed = data.draw(st.sampled_from([[*proof, EMPTY_ROOT], proof[:-1], [EMPTY_ROOT, *proof[1:]]]))
    if changed != proof:
        with pytest.raises(Unproved):
            check_consistency(old, LOG.roots[old], size, LOG.roots[size], changed)


def test_a_log_does_not_shrink_and_the_empty_one_is_known() -> None:
    with pytest.raises(Unproved, match="smaller"):
        check_consistency(2, LOG.roots[2], 1, LOG.roots[1], [])
    with pytest.raises(Unproved, match="rewritten"):
        check_consistency(0, LOG.roots[1], 1, LOG.roots[1], [])


def test_what_is_stored_is_two_hashes_per_entry_on_average() -> None:
    assert sum(map(len, LOG.stored)) // 32 < 2 * LARGEST
    assert [len(stored) // 32 for stored in LOG.stored[:8]] == [1, 2, 1, 3, 1, 2, 1, 4]


def test_nodes_follow_each_other_and_are_completed_by_an_entry_of_theirs() -> None:
    for size in range(LARGEST):
        nodes = nodes_of(0, size)
        assert sum(1 << node.height for node in nodes) == size
        assert all(one.last_entry < other.last_entry < size for one, other in pairwise(nodes))


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no entry 3"):
        inclusion_proof(3, 3, LOG.lookup)
    with pytest.raises(ValueError, match="does not continue"):
        consistency_proof(4, 3, LOG.lookup)
    with pytest.raises(ValueError, match="2 peaks"):
        Frontier(3, [EMPTY_ROOT])
