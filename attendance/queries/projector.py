"""What the projector shows now and next: codes with their times as distances, so that no browser's clock counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from attendance import clock
from attendance.models import AttendanceSession
from attendance.qr.image import Drawing, drawing_of
from attendance.qr.tokens import TYPED_STEP_SECONDS, Code, step_at, token_of, typed_code_of, written

AHEAD = 4
"""Codes beyond the present one: what a page can draw while it hears nothing."""


@dataclass(frozen=True)
class ShownCode:
    """A code, its picture, what to type instead, and in how many milliseconds it begins and ends."""

    code: str
    drawing: Drawing
    typed: str
    begins_in: int
    ends_in: int


def codes_ahead(session: AttendanceSession, address_of: Callable[[str], str]) -> list[ShownCode]:
    """Return the codes of a session from now on, the present one first; none once it has ended or its key is gone."""
    now = clock.now()
    if session.key is None or now >= session.ended_at:
        return []
    first = step_at(now.timestamp(), session.step_seconds)
    shown = (_shown(session, bytes(session.key), step, now, address_of) for step in range(first, first + AHEAD + 1))
    left = _milliseconds(now, session.ended_at)
    return [each for each in shown if each.begins_in < left]


def _shown(
    session: AttendanceSession, key: bytes, step: int, now: datetime, address_of: Callable[[str], str]
) -> ShownCode:
    begins, ends = (datetime.fromtimestamp(each * session.step_seconds, UTC) for each in (step, step + 1))
    code = written(Code(session.pk, token_of(key, session.pk, step)))
    typed_step = step_at(max(begins, now).timestamp(), TYPED_STEP_SECONDS)
    typed = typed_code_of(key, session.pk, typed_step)
    return ShownCode(code, drawing_of(address_of(code)), typed, _milliseconds(now, begins), _milliseconds(now, ends))


def _milliseconds(now: datetime, moment: datetime) -> int:
    return max(round((moment - now).total_seconds() * 1000), 0)
