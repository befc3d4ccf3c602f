"""Signing checkpoints: the secret half of a log's key, and the notes it signs (C2SP signed-note, Ed25519)."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attendance.ledger.verify_receipt import ED25519, Checkpoint, Key, Unproved, decode, encode, is_signed, key_of

ROTATION_LABEL = "luminalearn/key-rotation/v1"
_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True)
class SigningKey:
    """A key that signs for the log of that name."""

    public: Key
    secret: Ed25519PrivateKey

    @property
    def text(self) -> str:
        """The key as its file holds it: `PRIVATE+KEY+<name>+<id>+<base64 of its kind and 32 secret bytes>`."""
        secret = encode(ED25519 + self.secret.private_bytes_raw())
        return f"{_PREFIX}{self.public.name}+{self.public.id.hex()}+{secret}"

    def sign(self, text: str) -> bytes:
        """Return the signature of a text, 64 bytes."""
        return self.secret.sign(text.encode("utf-8"))

    def sealed(self, checkpoint: Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        signature = encode(self.public.id + self.sign(checkpoint.text))
        return f"{checkpoint.text}\n— {self.public.name} {signature}\n"


def new_signing_key(name: str) -> SigningKey:
    """Return a new key for the log of that name, which is an address without scheme, such as `example.org/ledger`.

    Raises:
        Unproved: a log cannot have that name.
    """
    key = _with_secret(name, Ed25519PrivateKey.generate())
    key_of(key.public.text)
    return key


def signing_key_of(text: str) -> SigningKey:
    """Return the key that is written so.

    Raises:
        Unproved: it is not the text of an Ed25519 key of ours.
    """
    name, _plus, rest = text.removeprefix(_PREFIX).partition("+")
    data = decode(rest.partition("+")[2], "secret key", 33)
    key = _with_secret(name, Ed25519PrivateKey.from_private_bytes(data[1:]))
    if key.text != text:
        raise Unproved("The secret key is not written as PRIVATE+KEY+name+id+key, or its id is not its own.")
    return key


def _with_secret(name: str, secret: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(Key(name, secret.public_key().public_bytes_raw()), secret)


# --- Exchanging keys ----------------------------------------------------------------------------------------------


def rotation_text(old: Key, new: Key) -> str:
    """Return what the owner of the old key signs to say that the new one follows it."""
    return f"{ROTATION_LABEL}\n{old.text}\n{new.text}\n"


def follows(old: Key, new: Key, signature: str) -> bool:
    """Say whether the owner of the old key signed, in base64, that the new one follows it in the same log."""
    signed = decode(signature, "signature of the new key", 64)
    return old.name == new.name and is_signed(old.public, rotation_text(old, new).encode(), signed)
