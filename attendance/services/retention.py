"""Keeping for a time only: students go when the years are over for which their institution keeps records."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from attendance import clock
from attendance.models import AttendanceEvent, Organisation, User
from attendance.queries.erasure import students_past_record
from attendance.services.erased_texts import ErasureReason, erase_texts
from attendance.services.erasure import erase_person
from attendance.services.personal_rows import delete_rows_of
from attendance.services.refusals import Refusal

log = logging.getLogger("lumina_learn")


@dataclass(frozen=True)
class Erased:
    """How many people were erased, and the ids of those who could not be."""

    number: int
    left: list[int]


def erase_past_record(*, organisation: Organisation, report: Callable[[int, int], None]) -> Erased:
    """Erase the students whose time is over, one after the other, and return what became of them.

    Each is a transaction of its own: whoever kills this leaves nobody half erased, and the next run goes on. `report`
    is called before each with how many are done, and of how many.
    """
    people = students_past_record(organisation)
    return _each(list(people.values_list("pk", flat=True)), people, ErasureReason.RETENTION, report)


def erase_again(*, erased: Iterable[tuple[int, datetime]], report: Callable[[int, int], None]) -> Erased:
    """Erase these accounts, which were erased at those moments, if a backup has brought them back.

    An account that is younger than the moment is another person's: its number was given out again.
    """
    moments = dict(erased)
    people = User.objects.filter(erased_at=None)
    joined = dict(people.filter(pk__in=moments).values_list("pk", "date_joined"))
    back = sorted(pk for pk, moment in joined.items() if moment <= moments[pk])
    return _each(back, people, ErasureReason.ASKED, report)


def _each(ids: list[int], people: QuerySet[User], why: ErasureReason, report: Callable[[int, int], None]) -> Erased:
    """Erase those with these ids who still are among the people when it is their turn."""
    left = []
    for done, pk in enumerate(ids):
        report(done, len(ids))
        try:
            erase_person(person=people.get(pk=pk), actor=None, why=why)
        except User.DoesNotExist:
            log.info("User %s is not to be erased any more", pk)
            left.append(pk)
        except Refusal as refusal:
            log.warning("User %s was not erased: %s", pk, refusal)
            left.append(pk)
    return Erased(len(ids) - len(left), left)


def delete_what_came_late() -> None:
    """Delete what was stored about erased people since: by a scan that was under way, or by a teacher's correction."""
    delete_rows_of(User.objects.filter(erased_at__isnull=False))
    told = AttendanceEvent.objects.filter(student__erased_at__isnull=False, body__isnull=False)
    for person in User.objects.filter(pk__in=told.order_by().values("student")).order_by("pk"):
        erase_texts(person=person, actor=None, why=ErasureReason.RETENTION, moment=clock.now())
