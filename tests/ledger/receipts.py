"""A small log with a key of its own, and receipts from it."""

from attendance.ledger.commitment import canonical_text, commitment, new_salt
from attendance.ledger.signing import SigningKey, new_signing_key
from attendance.ledger.tree import consistency_proof, inclusion_proof
from attendance.ledger.verify_receipt import Checkpoint, Consistency, Receipt
from tests.ledger.test_tree import Log

NAME = "aldermoor.example/ledger"


class SignedLog:
    """A log of so many events, signed at any size."""

    def __init__(self, events: int, key: SigningKey | None = None) -> None:
        self.key = key or new_signing_key(NAME)
        self.bodies = [self.body(number) for number in range(events)]
        self.salts = [new_salt() for _body in self.bodies]
        self.log = Log(map(commitment, self.bodies, self.salts))

    @staticmethod
    def body(number: int) -> str:
        event = {"kind": "marked", "student": number, "from": "", "to": "present", "why": "größer\n≥ ½"}
        return canonical_text(event)

    def note(self, size: int) -> str:
        return self.key.sealed(Checkpoint(self.key.public.name, size, self.log.roots[size]))

    def receipt(self, index: int, size: int) -> Receipt:
        path = tuple(inclusion_proof(index, size, self.log.lookup))
        return Receipt(self.key.public, self.salts[index], self.bodies[index], index, path, self.note(size))

    def consistency(self, old: int, size: int) -> Consistency:
        return Consistency(old, size, tuple(consistency_proof(old, size, self.log.lookup)))
