"""Enrolling students in offerings, by hand or by the code that a teacher shows."""

import logging
import secrets
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import Enrolment, Offering, Throttle, User
from attendance.services import throttle
from attendance.services.refusals import Refusal
from attendance.services.throttle import Attempt

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters without 0 O, 1 I L and U: none can be taken for another, and few words come about."""
CODE_LENGTH = 8
_TRIES = 20
log = logging.getLogger("lumina_learn")


class UnknownCodeRefusal(Refusal):
    """No course of the student's organisation has this code now."""

    def __init__(self) -> None:
        super().__init__(_("No course has this code now. Codes end; ask your teacher for the present one."))


class AlreadyEnrolledRefusal(Refusal):
    """The student is in that offering, which is the attribute `offering`."""

    def __init__(self, offering: Offering) -> None:
        super().__init__(_("You are in %(course)s already.") % {"course": offering.course})
        self.offering = offering


def issue_code(*, offering: Offering, actor: User, days: int = 14) -> Offering:
    """Give the offering a new code that ends after so many days, and return it; the code before is worth nothing."""
    for _attempt in range(_TRIES):
        offering.enrolment_code = "".join(secrets.choice(ALPHABET) for _position in range(CODE_LENGTH))
        offering.enrolment_code_expires_at = clock.now() + timedelta(days=days)
        try:
            _store_code(offering)
        except IntegrityError:  # Another offering has this very code, once in hundreds of billions.
            continue
        log.info("User %s gave offering %s a new enrolment code", actor.pk, offering.pk)
        return offering
    raise RuntimeError("No free enrolment code was found; the source of random numbers repeats itself.")


def withdraw_code(*, offering: Offering, actor: User) -> None:
    """End the offering's code; an offering without one stays as it is."""
    offering.enrolment_code, offering.enrolment_code_expires_at = "", None
    _store_code(offering)
    log.info("User %s withdrew the enrolment code of offering %s", actor.pk, offering.pk)


def _store_code(offering: Offering) -> None:
    with transaction.atomic():
        offering.save(update_fields=["enrolment_code", "enrolment_code_expires_at"])


def enrol(*, offering: Offering, student: User, actor: User, roll_number: str | None = None) -> Enrolment:
    """Store and return the enrolment of a student; without a roll number it gets the next free one, from `0001` on.

    Raises:
        AlreadyEnrolledRefusal: the student is in the offering.
        Refusal: the person is no active student of the organisation, works on the offering, or the roll number is
            taken.
    """
    _check(offering, student)
    with transaction.atomic():
        enrolment = _enrolled(offering, student, roll_number)
    log.info("User %s enrolled user %s in offering %s", actor.pk, student.pk, offering.pk)
    return enrolment


def end_enrolment(*, offering: Offering, student: User, actor: User) -> None:
    """Let a student's enrolment end yesterday; marks from before stay, and one that has ended stays as it is.

    Raises:
        Refusal: the student is not in the offering.
    """
    yesterday = clock.today(offering.organisation.zone) - timedelta(days=1)
    with transaction.atomic():
        enrolment = Enrolment.objects.select_for_update().filter(offering=offering, student=student).first()
        if enrolment is None:
            raise Refusal(_("%(name)s is not in this course.") % {"name": student})
        let_end(enrolment, yesterday)
        enrolment.save(update_fields=["from_day", "until_day"])
    log.info("User %s ended the enrolment of user %s in offering %s", actor.pk, student.pk, offering.pk)


def let_end(enrolment: Enrolment, last_day: date) -> None:
    """Let an enrolment have this last day, to be saved by the caller; one that ends earlier stays as it is."""
    if enrolment.until_day is not None and enrolment.until_day <= last_day:
        return
    if enrolment.from_day is not None:
        enrolment.from_day = min(enrolment.from_day, last_day)
    enrolment.until_day = last_day


def _check(offering: Offering, student: User) -> None:
    is_student = student.role == User.Role.STUDENT and student.is_active
    if not is_student or student.organisation_id != offering.organisation_id:
        raise Refusal(
            _("%(name)s is no student of %(organisation)s.") % {"name": student, "organisation": offering.organisation}
        )
    if offering.staff.filter(user=student).exists():
        raise Refusal(_("%(name)s works on this course and cannot be enrolled in it.") % {"name": student})


def _enrolled(offering: Offering, student: User, roll_number: str | None) -> Enrolment:
    """Store the enrolment; the constraints of the table decide who was first, whatever runs at the same time."""
    for _attempt in range(_TRIES):
        number = roll_number or _next_roll_number(offering)
        try:
            with transaction.atomic():
                return _stored(offering, student, number)
        except IntegrityError as error:
            if Enrolment.objects.filter(offering=offering, student=student).exists():
                raise AlreadyEnrolledRefusal(offering) from error
            if roll_number is not None:
                raise Refusal(_("Roll number %(number)s is taken.") % {"number": number}) from error
    raise Refusal(_("Too many students enrol at the same time. Try again."))


def _stored(offering: Offering, student: User, roll_number: str) -> Enrolment:
    """Store an enrolment; where there is no choice of sections, the student is in the only one."""
    enrolment = Enrolment.objects.create(offering=offering, student=student, roll_number=roll_number)
    sections = list(offering.sections.all()[:2])
    if len(sections) == 1:
        enrolment.sections.add(sections[0])
    return enrolment


def _next_roll_number(offering: Offering) -> str:
    # Numbers longer than this were made up elsewhere, and one more of them might not fit.
    counted = offering.enrolments.filter(roll_number__regex=r"^[0-9]{1,9}$").order_by()
    last = max(map(int, counted.values_list("roll_number", flat=True)), default=0)
    return f"{last + 1:04d}"


def enrol_with_code(*, student: User, code: str) -> Enrolment:
    """Enrol a student by a course code, in which case, spaces and dashes do not matter; return the enrolment.

    Raises:
        UnknownCodeRefusal: the code is unknown, has ended, or belongs to another organisation, which is not told.
        AlreadyEnrolledRefusal: the student is in that course.
        Refusal: the person is no student, or works on that course.
    """
    offering = _offering_with(code, student)
    if offering is None:
        raise UnknownCodeRefusal
    return enrol(offering=offering, student=student, actor=student)


def try_code(*, student: User, code: str, address: str) -> tuple[Enrolment | None, Attempt]:
    """Enrol a student by a code typed in a browser, unless too many were wrong.

    Returns:
        The enrolment, or None when no course has this code now or the attempt was not admitted; and the attempt.

    Raises:
        AlreadyEnrolledRefusal, Refusal: as `enrol_with_code`.
    """
    purpose, subject = Throttle.Purpose.ENROLMENT_CODE, throttle.subject_of(student, address)
    attempt = throttle.begin_attempt(purpose=purpose, subject=subject)
    offering = _offering_with(code, student) if attempt.admitted else None
    if offering is None:
        return None, attempt
    # A right code excuses itself and no wrong ones: else whoever knows one could guess on for ever.
    throttle.forgive(purpose=purpose, subject=subject)
    return enrol(offering=offering, student=student, actor=student), attempt


def _offering_with(code: str, student: User) -> Offering | None:
    typed = "".join(character for character in code.upper() if character.isalnum())
    if not typed:
        return None
    valid = Offering.objects.filter(organisation=student.organisation_id, enrolment_code_expires_at__gt=clock.now())
    return valid.select_related("course", "organisation").filter(enrolment_code=typed).first()
