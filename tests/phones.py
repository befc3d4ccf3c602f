"""A phone that signs as browsers do, made of another library than the script that does it in life."""

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attendance.models import User
from attendance.queries.claims import Claim
from attendance.services.devices import Signature
from attendance.services.scans import Sender


def new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def written(data: bytes) -> str:
    """Spell bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Phone:
    """One browser on one phone, with a key of its own."""

    key: EllipticCurvePrivateKey = field(default_factory=new_key)
    address: str = ""

    @property
    def device(self) -> str:
        """The public key as it stands in the form."""
        return written(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def signature(self, student: User, subject: str) -> str:
        """Sign for a student."""
        text = f"LuminaLearn/check-in/device/1\n{student.pk}\n{subject}".encode()
        r, s = decode_dss_signature(self.key.sign(text, ECDSA(SHA256())))
        return written(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def signs(self, student: User, subject: str) -> Sender:
        """Return what the form brings along when this phone sends it."""
        return Sender(Signature(self.device, self.signature(student, subject), "Chrome, Android"), self.address)

    def sends(self, student: User, claim: Claim) -> Sender:
        """Return the same for a scan."""
        return self.signs(student, str(claim.nonce))
