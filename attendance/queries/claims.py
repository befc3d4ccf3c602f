"""The claim that a scan leaves in a browser until its student is known: signed, so that nothing has to be stored."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer

from attendance import clock
from attendance.models import AttendanceEvent, AttendanceSession
from attendance.prepared import Prepared
from attendance.qr.tokens import read, step_at, step_of_token

Method = AttendanceEvent.Method
LIFETIME = timedelta(minutes=15)
_SALT = "attendance.check_in.claim"


@dataclass(frozen=True)
class Claim:
    """A scan: whose code it was and when that code was new, as far as it is one of ours, and when it was scanned.

    The nonce is the scan's own name: it is used once, by the first account that sends it. `said_at` is when the device
    says that it scanned, of a scan that it kept without a network.
    """

    session_id: int | None
    code_made_at: datetime | None
    scanned_at: datetime
    nonce: uuid.UUID
    method: AttendanceEvent.Method = Method.SCAN
    said_at: datetime | None = None

    @property
    def kept_until(self) -> datetime:
        """When it is too late to send it."""
        return self.scanned_at + LIFETIME


def claim_of(text: str) -> tuple[Claim, AttendanceSession | None]:
    """Return the claim of whoever scans the code in this text now, and its session; of a code of nobody's, neither.

    Any code the session ever showed is known again, so that an old one can be answered with its age.
    """
    moment, code = clock.now(), read(text)
    session = session_numbered(code.session) if code else None
    made_at = _made_at(session, code.token, moment) if session and code else None
    if session is None or made_at is None:
        return Claim(None, None, moment, uuid.uuid4()), None
    return Claim(session.pk, made_at, moment, uuid.uuid4()), session


_SESSION = Prepared(
    lambda number: (
        AttendanceSession.objects.select_related("lecture__offering__course", "lecture__organisation", "lecture__room")
        .filter(pk=number)
        .order_by()
    ),
    number=int,
)


def session_numbered(number: int | None) -> AttendanceSession | None:
    """Return a session with all that a scan's page says of its lecture, None when there is none."""
    return None if number is None else _SESSION.first(number=number)


def _made_at(session: AttendanceSession, token: str, moment: datetime) -> datetime | None:
    """Return when a token was new, None when the session never showed it or its key is gone."""
    if session.key is None:
        return None
    latest, first = (
        step_at(each.timestamp(), session.step_seconds) for each in (min(moment, session.ended_at), session.opened_at)
    )
    step = step_of_token(bytes(session.key), session.pk, token, range(latest, first - 1, -1))
    return None if step is None else datetime.fromtimestamp(step * session.step_seconds, UTC)


def sealed(claim: Claim) -> str:
    """Return a claim as a signed text for a cookie of the browser."""
    made_at = claim.code_made_at.timestamp() if claim.code_made_at else None
    content = [claim.session_id, made_at, claim.scanned_at.timestamp(), claim.nonce.hex]
    return Signer(salt=_SALT).sign_object(content)


def unsealed(cookie: str) -> Claim | None:
    """Return the claim of a cookie; None when it was not signed by us."""
    try:
        session_id, made_at, scanned_at, nonce = Signer(salt=_SALT).unsign_object(cookie)
    except BadSignature:
        return None
    code_made_at = None if made_at is None else datetime.fromtimestamp(made_at, UTC)
    return Claim(session_id, code_made_at, datetime.fromtimestamp(scanned_at, UTC), uuid.UUID(nonce))
