"""What tests of checking in do again and again: read the projector, scan it, type what it shows."""

from attendance import clock
from attendance.models import AttendanceSession
from attendance.qr.tokens import TYPED_STEP_SECONDS, Code, step_at, token_of, typed_code_of, written
from attendance.queries.claims import Claim, claim_of


def shown(session: AttendanceSession) -> str:
    """Return the code that the projector shows now, as it stands in its address."""
    step = step_at(clock.now().timestamp(), session.step_seconds)
    return written(Code(session.pk, token_of(bytes(session.key or b""), session.pk, step)))


def scan(session: AttendanceSession) -> Claim:
    """Return the claim of whoever scans the projector now."""
    return claim_of(shown(session))[0]


def typed_now(session: AttendanceSession) -> str:
    """Return the code that stands beside the picture now."""
    step = step_at(clock.now().timestamp(), TYPED_STEP_SECONDS)
    return typed_code_of(bytes(session.key or b""), session.pk, step)
