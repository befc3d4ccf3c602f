#!/usr/bin/env python3
"""Check a receipt of LuminaLearn without LuminaLearn: one file, nothing but Python 3.8 or newer.

    python verify_receipt.py receipt.tlog-proof
    python verify_receipt.py receipt.tlog-proof --key key.txt
    python verify_receipt.py receipt.tlog-proof --checkpoint checkpoint.txt --consistency consistency.txt

A receipt shows that an event, word for word, is an entry of the institution's log, and that the institution signed the
log with this entry in it. `--key` names a key you got from the institution by another way; without it the key inside
the receipt is used, which proves only that its owner signed. `--checkpoint` holds the receipt against another signed
state of the same log; when the log had another size then, `--consistency` is the proof between the two sizes.

Ends with 0 when everything holds, with 1 and one sentence when anything does not.

Formats: Merkle tree of RFC 9162, section 2; Ed25519 of RFC 8032, section 5.1; signed-note, tlog-checkpoint and
tlog-proof of C2SP (https://c2sp.org). The text after `extra` is ours: docs/ledger.md of the project describes it.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence, Tuple

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
CONSISTENCY_HEADER = "luminalearn/consistency@v1"
EXTRA_LABEL = "luminalearn/receipt/v1"
EVENT_LABEL = b"luminalearn/event/v1\n"
ED25519 = b"\x01"


class Unproved(Exception):
    """What was shown does not hold; the sentence says what and why.

    `template` is that sentence with names such as `%(what)s`, and `values` is what they stand for: a page that shows it
    in another language looks the template up.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template % values)
        self.template, self.values = template, values


# --- Text: every value has one spelling, so that a changed byte is always noticed -------------------------------------


def encode(data: bytes) -> str:
    """Return bytes as base64 text (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str, what: str, length: int | None = None) -> bytes:
    """Return the bytes of base64 text in its one spelling; `length` is how many there have to be.

    Raises:
        Unproved: it is not such text.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unproved("The %(what)s is not base64 text.", what=what) from error
    if encode(data) != text:
        raise Unproved("The %(what)s is not base64 text as one writes it.", what=what)
    if length is not None and len(data) != length:
        raise Unproved(
            "The %(what)s has %(found)d bytes instead of %(length)d.", what=what, found=len(data), length=length
        )
    return data


def number(text: str, what: str) -> int:
    """Return a whole number written without leading zeros.

    Raises:
        Unproved: it is none.
    """
    if not re.fullmatch(r"0|[1-9][0-9]{0,17}", text, re.ASCII):
        raise Unproved("The %(what)s is not a number.", what=what)
    return int(text)


# --- Merkle tree (RFC 9162, section 2.1) ------------------------------------------------------------------------------


EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees under one node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by_path(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162, section 2.1.3.2).

    Raises:
        Unproved: the proof does not have the form of one for this entry in a tree of this size.
    """
    if index >= size:
        raise Unproved("The entry lies behind the end of the log.")
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Unproved("The path is longer than the tree is high.")
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise Unproved("The path is shorter than the tree is high.")
    return root


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Make sure that a tree is the beginning of a larger one (RFC 9162, section 2.1.4.2).

    Raises:
        Unproved: it is not, or the proof is none for these sizes.
    """
    if old_size > size:
        raise Unproved("The later state of the log is smaller than the earlier one.")
    if old_size in (0, size):
        if proof or old_root != (root if old_size else EMPTY_ROOT):
            raise Unproved("Two states of the log with the same size have different roots: its past was rewritten.")
        return
    found = _roots_by_proof(old_size, size, [old_root, *proof] if old_size & (old_size - 1) == 0 else proof)
    if found != (old_root, root):
        raise Unproved("The later state of the log does not continue the earlier one: its past was rewritten.")


def _roots_by_proof(old_size: int, size: int, proof: Sequence[bytes]) -> Tuple[bytes, bytes]:
    """Return the earlier and the later root that a consistency proof leads to."""
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not proof:
        raise Unproved("The consistency proof is empty.")
    old_root = root = proof[0]
    for node in proof[1:]:
        if last == 0:
            raise Unproved("The consistency proof is too long.")
        if place & 1 or place == last:
            old_root, root = node_hash(node, old_root), node_hash(node, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, node)
        place, last = place >> 1, last >> 1
    if last:
        raise Unproved("The consistency proof is too short.")
    return old_root, root


# --- Ed25519 (RFC 8032, section 5.1) ----------------------------------------------------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
# A point is (X, Y, Z, T) with x = X/Z, y = Y/Z and x*y = T/Z.
Point = Tuple[int, int, int, int]
_ZERO: Point = (0, 1, 1, 0)


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    total = _ZERO
    while factor:
        if factor & 1:
            total = _sum(total, point)
        point, factor = _sum(point, point), factor >> 1
    return total


def _point(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, None when they stand for none."""
    y, odd = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _bytes_of(point: Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _ZERO


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of the key (32 bytes) signed the message; the signature has 64 bytes."""
    key, factor = _point(public_key), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or factor >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    minus_key: Point = (-key[0] % _P, key[1], key[2], -key[3] % _P)
    return _bytes_of(_sum(_times(factor, _BASE), _times(challenge, minus_key))) == signature[:32]


# --- Keys, notes and checkpoints (C2SP signed-note, tlog-checkpoint) --------------------------------------------------


class Key(NamedTuple):
    """A public key of a log, as text `<name>+<id, eight hex digits>+<base64 of its kind and 32 bytes>`."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as it is published."""
        return f"{self.name}+{self.id.hex()}+{encode(ED25519 + self.public)}"


def key_of(text: str) -> Key:
    """Return the key that is written so.

    Raises:
        Unproved: it is not the text of an Ed25519 key.
    """
    parts = text.split("+", 2)
    if len(parts) != 3 or not re.fullmatch(r"[!-*,-~]+", parts[0]):
        raise Unproved("The key is not written as name+id+key.")
    data = decode(parts[2], "key", 33)
    key = Key(parts[0], data[1:])
    if data[:1] != ED25519 or key.text != text:
        raise Unproved("The key is no Ed25519 key, or its id is not its own.")
    return key


class Checkpoint(NamedTuple):
    """A state of a log: whose it is, how many entries it has, and the root of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


@lru_cache(maxsize=16)  # The receipts of one file mostly have the same.
def opened(note: str, key: Key) -> Checkpoint:
    """Return the checkpoint of a note that the key has signed; signatures of others are passed over.

    Raises:
        Unproved: it is not written as a checkpoint is, or the key has not signed it.
    """
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise Unproved("The checkpoint is not a signed note.")
    lines = text.split("\n")
    if len(lines) != 3 or not lines[0]:
        raise Unproved("The checkpoint does not have the three lines name, size and root.")
    checkpoint = Checkpoint(lines[0], number(lines[1], "size of the log"), decode(lines[2], "root of the log", 32))
    if checkpoint.origin != key.name:
        raise Unproved(
            "The checkpoint is of the log %(log)s, the key of %(other)s.", log=checkpoint.origin, other=key.name
        )
    signed = signatures[:-1].split("\n")
    if len(set(signed)) < len(signed):
        raise Unproved("A signature of the checkpoint stands there twice.")
    for line in signed:
        dash, _space, rest = line.partition(" ")
        name, _space, signature = rest.partition(" ")
        if dash != "—" or not signature:
            raise Unproved("A signature of the checkpoint is not written as one.")
        data = decode(signature, "signature of the checkpoint")
        if name == key.name and data[:4] == key.id and is_signed(key.public, checkpoint.text.encode(), data[4:]):
            return checkpoint
    raise Unproved("The checkpoint is not signed by this key: it was changed, or somebody else made it.")


# --- Receipts (C2SP tlog-proof) and consistency proofs ----------------------------------------------------------------


class Receipt(NamedTuple):
    """An event of the log with everything that shows that it is one; `note` is the signed checkpoint."""

    key: Key
    salt: bytes
    body: str
    entry: int
    path: Tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """The receipt as it is handed out."""
        extra = f"{EXTRA_LABEL}\n{self.key.text}\n{encode(self.salt)}\n{self.body}"
        lines = [PROOF_HEADER, f"extra {encode(extra.encode())}", f"index {self.entry}", *map(encode, self.path)]
        return "\n".join([*lines, "", self.note])


def receipt_of(text: str) -> Receipt:
    """Return the receipt that is written so.

    Raises:
        Unproved: it is not written as a receipt is, byte for byte.
    """
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or len(lines) < 3 or lines[0] != PROOF_HEADER:
        raise Unproved("This is not a receipt: it does not begin as one.")
    words = [line.partition(" ") for line in lines[1:3]]
    if [word for word, _space, _value in words] != ["extra", "index"]:
        raise Unproved("This is not a receipt: the lines extra and index are missing.")
    key, salt, body = _extra_of(decode(words[0][2], "event of the receipt"))
    path = tuple(decode(line, "path of the receipt", 32) for line in lines[3:])
    return Receipt(key, salt, body, number(words[1][2], "index"), path, note)


def _extra_of(data: bytes) -> Tuple[Key, bytes, str]:
    try:
        label, key, salt, body = data.decode("utf-8").split("\n", 3)
    except (UnicodeDecodeError, ValueError) as error:
        raise Unproved("The event of the receipt is not written as ours are.") from error
    if label != EXTRA_LABEL:
        raise Unproved("The event of the receipt is of another kind of receipt.")
    return key_of(key), decode(salt, "salt of the event", 32), body


def check(receipt: Receipt) -> Checkpoint:
    """Return the state of the log in which the receipt's event is proved to be.

    Raises:
        Unproved: it is not proved.
    """
    checkpoint = opened(receipt.note, receipt.key)
    commitment = hashlib.sha256(EVENT_LABEL + receipt.salt + receipt.body.encode("utf-8")).digest()
    root = root_by_path(receipt.entry, checkpoint.size, leaf_hash(commitment), receipt.path)
    if root != checkpoint.root:
        raise Unproved(
            "Entry %(entry)d of the log is not this event: the event or its path was changed.", entry=receipt.entry
        )
    return checkpoint


def receipts_in(text: str) -> List[Receipt]:
    """Return the receipts of a file, which has one behind another.

    Raises:
        Unproved: it is not such a file.
    """
    begins = [match.start() for match in re.finditer(f"^{re.escape(PROOF_HEADER)}$", text, re.MULTILINE)]
    if not begins or begins[0] != 0:
        raise Unproved("This is not a receipt: it does not begin as one.")
    return [receipt_of(text[begin:end]) for begin, end in zip(begins, [*begins[1:], None])]  # noqa: B905 -- Python 3.8


class Consistency(NamedTuple):
    """A proof that the log with `size` entries continues the one with `old_size`."""

    old_size: int
    size: int
    proof: Tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The proof as it is handed out."""
        lines = [CONSISTENCY_HEADER, f"from {self.old_size}", f"to {self.size}", *map(encode, self.proof)]
        return "\n".join([*lines, ""])


def consistency_of(text: str) -> Consistency:
    """Return the consistency proof that is written so.

    Raises:
        Unproved: it is not written as one is.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != CONSISTENCY_HEADER or lines[-1]:
        raise Unproved("This is not a consistency proof: it does not begin and end as one.")
    words = [line.partition(" ") for line in lines[1:3]]
    if [word for word, _space, _value in words] != ["from", "to"]:
        raise Unproved("This is not a consistency proof: the lines from and to are missing.")
    sizes = [number(value, "size") for _word, _space, value in words]
    return Consistency(sizes[0], sizes[1], tuple(decode(line, "consistency proof", 32) for line in lines[3:-1]))


def check_same_log(one: Checkpoint, other: Checkpoint, consistency: Consistency | None) -> None:
    """Make sure that two states are of one log, the later one continuing the earlier one.

    Raises:
        Unproved: they are not, or a proof between their sizes is missing.
    """
    old, new = sorted([one, other], key=lambda checkpoint: checkpoint.size)
    between = (consistency.old_size, consistency.size) if consistency else (old.size, old.size)
    if old.size != new.size and between != (old.size, new.size):
        raise Unproved(
            "The log had %(old)d entries once and %(new)d later. Get the proof between these two sizes from the"
            " institution (/blockchain/consistency/%(old)d/%(new)d/) and add it with --consistency.",
            old=old.size,
            new=new.size,
        )
    proof = consistency.proof if consistency and old.size != new.size else ()
    check_consistency(old.size, old.root, new.size, new.root, proof)


# --- The command ------------------------------------------------------------------------------------------------------

_WORDS = (("kind", "what"), ("student", "student"), ("from", "from"), ("to", "to"), ("how", "how"), ("why", "why"))
_MORE_WORDS = (
    ("person", "person"),
    ("lecture", "lecture"),
    ("scanned_at", "scanned"),
    ("received_at", "received"),
    ("actor", "by"),
)


def told(body: str) -> str:
    """Return what an event says, in one line."""
    event: Dict[str, object] = json.loads(body)
    words = [f"{word} {event[name]}" for name, word in (*_WORDS, *_MORE_WORDS) if event.get(name) not in (None, "")]
    return ", ".join(words)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names, print what was proved or what is wrong, and return the exit status."""
    parser = argparse.ArgumentParser(description="Check a receipt of LuminaLearn.")
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--key", help="the key that has to have signed, or a file of keys, one of which has to")
    parser.add_argument("--checkpoint", type=Path, help="another signed state of the same log")
    parser.add_argument("--consistency", type=Path, help="the proof between the sizes of the two")
    asked = parser.parse_args(arguments)
    try:
        _check_all(asked)
    except Unproved as problem:
        print(f"NOT PROVED. {problem}")
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"NOT PROVED. A file cannot be read: {error}")
        return 1
    return 0


def _check_all(asked: argparse.Namespace) -> None:
    trusted = _trusted_keys(asked.key) if asked.key else []
    receipts = receipts_in(_text_of(asked.receipt))
    for receipt in receipts:
        checkpoint = check(receipt)
        if trusted and receipt.key not in trusted:
            raise Unproved("The receipt is signed by %(key)s, not by the key you named.", key=receipt.key.text)
        print(f"Entry {receipt.entry} of {checkpoint.origin}: {told(receipt.body)}.")
        if asked.checkpoint:
            consistency = consistency_of(_text_of(asked.consistency)) if asked.consistency else None
            check_same_log(checkpoint, opened(_text_of(asked.checkpoint), receipt.key), consistency)
    number_of = f"these {len(receipts)} events were" if len(receipts) > 1 else "this event was"
    print(f"PROVED: {number_of} in the log, word for word, when it had {checkpoint.size} entries, signed by this key:")
    print(f"  {receipts[-1].key.text}")
    if asked.checkpoint:
        print("PROVED: the other checkpoint is of the same log; nothing between the two was rewritten.")
    if not trusted:
        print("Not checked: that this is the institution's key. Compare it, or name the one you have with --key.")


def _text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _trusted_keys(named: str) -> List[Key]:
    return [key_of(line) for line in (named if "+" in named else _text_of(Path(named))).splitlines()]


if __name__ == "__main__":
    sys.exit(main())
