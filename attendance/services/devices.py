"""Knowing the devices that check in: a key is bound to its first student, and forgotten when a phone changes hands."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import CheckInAttempt, Device, User
from attendance.qr.device_keys import signed_text, signing_key
from attendance.services.refusals import Refusal

log = logging.getLogger("lumina_learn")

Proof = CheckInAttempt.DeviceProof
MOST = 3
"""How many devices a student has at a time; the one that was used least recently makes room for another."""
_USED_AGAIN = timedelta(days=1)
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Signature:
    """The key that a browser says is its own, its signature, and what it calls itself; all empty without one."""

    device: str = ""
    value: str = ""
    browser: str = ""


NO_SIGNATURE = Signature()


@dataclass(frozen=True)
class SignedBy:
    """Whose key signed a scan, as far as it is known: the key when the signature fits, its device when it is bound."""

    proof: str = ""
    key: bytes = b""
    device: Device | None = None
    browser: str = ""

    def belongs_to_other_than(self, student: User) -> bool:
        """Say whether the key is somebody else's."""
        return self.device is not None and self.device.student_id != student.pk


def signed_by(signature: Signature, student: User, subject: str) -> SignedBy:
    """Return what a signature of a subject that the student sends is worth by itself; no query."""
    if not signature.device:
        return SignedBy()
    key = signing_key(signature.device, signature.value, signed_text(student.pk, subject))
    return SignedBy(Proof.BAD) if key is None else SignedBy(Proof.NEW, key, browser=signature.browser)


def recognised(by: SignedBy) -> SignedBy:
    """Return the same with the device whose key it is, when that is bound; 1 query where a signature fits."""
    device = Device.objects.filter(key_hash=_hash(by.key), revoked_at__isnull=True).first() if by.key else None
    return by if device is None else replace(by, proof=Proof.KNOWN, device=device)


def note_check_in(student: User, by: SignedBy) -> Device | None:
    """Return the device that checked the student in: bound now when it is new, and noted as used once a day.

    To be called in the transaction of the check-in; IntegrityError says that another account bound it in this moment.
    """
    if by.proof == Proof.NEW:
        return _bound(student, by)
    if by.device is not None and by.device.last_used_at <= clock.now() - _USED_AGAIN:
        Device.objects.filter(pk=by.device.pk).update(last_used_at=clock.now())
    return by.device


def _bound(student: User, by: SignedBy) -> Device:
    moment = clock.now()
    device = Device.objects.create(
        student=student,
        key_hash=_hash(by.key),
        public_key=by.key,
        browser=by.browser[:_LONGEST_NAME],
        bound_at=moment,
        last_used_at=moment,
    )
    alive = Device.objects.filter(student=student, revoked_at__isnull=True).order_by("-last_used_at", "-pk")
    old = list(alive.values_list("pk", flat=True)[MOST:])
    if old:
        Device.objects.filter(pk__in=old).update(revoked_at=moment)
    return device


def _hash(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def forget(*, device: Device, actor: User) -> None:
    """Let a device be nobody's any more; the next account that checks in with it has it.

    Raises:
        Refusal: it was forgotten already.
    """
    with transaction.atomic():
        if not Device.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=clock.now()):
            raise Refusal(_("This device was forgotten already."))
    log.info("User %s forgot device %s of user %s", actor.pk, device.pk, device.student_id)
