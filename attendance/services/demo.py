"""The demo institution: made for trying the product out, never where real records are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import Lecture, Offering, Organisation, Term, User
from attendance.services.courses import add_assistant
from attendance.services.demo_history import History, add_history
from attendance.services.demo_plan import (
    ASSISTANT,
    MAIN_COURSE,
    SLUG,
    STUDENT,
    TEACHER,
    ZONE,
    demo_plan,
    term_name,
)
from attendance.services.demo_requests import add_requests
from attendance.services.demo_today import add_lectures_around
from attendance.services.importing.plans import StoredPlan, store_people, store_plan
from attendance.services.refusals import Refusal
from attendance.timetable.expansion import monday_of
from attendance.timetable.plan import Plan, PlannedPerson

PASSWORD = "attendance-demo"  # noqa: S105 -- known to everybody on purpose; the demo refuses to run in production
WEEKS_BEFORE_TODAY = 9
ADMIN = PlannedPerson(number="A001", username="admin", given_name="Ruth", family_name="Abernathy")
AUDITOR = PlannedPerson(number="U001", username="auditor", given_name="Viktor", family_name="Sandoval")
LOGINS = (ADMIN.number, TEACHER, STUDENT, AUDITOR.number, ASSISTANT)


@dataclass(frozen=True)
class DemoResult:
    """What was made, and the accounts one can log in to with `PASSWORD`."""

    timetable: StoredPlan
    lectures_today: list[Lecture]
    history: History
    logins: list[User]


def make_demo() -> DemoResult:
    """Make the demo institution with a term around today, or bring an existing one up to today.

    Names and habits are the same each time. The passwords of the logins are set back, so that what is printed holds.

    Raises:
        Refusal: this is a production installation.
    """
    refuse_in_production()
    now = clock.now()
    timetable = store_plan(plan=_plan(clock.today(ZoneInfo(ZONE))))
    with transaction.atomic():
        logins = _logins(timetable.organisation)
        main_course = Offering.objects.get(term=timetable.term, course__code=MAIN_COURSE)
        add_assistant(offering=main_course, user=logins[ASSISTANT])
        extra = add_lectures_around(term=timetable.term, now=now, teacher=logins[TEACHER], student=logins[STUDENT])
    history = add_history(term=timetable.term, now=now)
    with transaction.atomic():
        add_requests(offering=main_course, student=logins[STUDENT], admin=logins[ADMIN.number])
    return DemoResult(timetable, extra, history, list(logins.values()))


def refuse_in_production() -> None:
    """Do nothing on an installation for development.

    Raises:
        Refusal: this is a production installation.
    """
    if settings.PRODUCTION:
        raise Refusal(_("The demo has a password that everybody knows, so it is not made in production."))


def _plan(today: date) -> Plan:
    """Return the plan of the demo's term that holds today, or of a new one after all earlier ones."""
    terms = Term.objects.filter(organisation__slug=SLUG, offerings__course__code=MAIN_COURSE)
    current = terms.filter(first_day__lte=today, last_day__gte=today).first()
    if current is not None:
        return demo_plan(first_day=current.first_day, name=current.name)
    first_day = monday_of(today) - timedelta(weeks=WEEKS_BEFORE_TODAY)
    before = terms.filter(last_day__lt=today).first()
    if before is not None:
        first_day = max(first_day, before.last_day + timedelta(days=1))
    return demo_plan(first_day=first_day, name=term_name(first_day))


def _logins(organisation: Organisation) -> dict[str, User]:
    """Return the accounts to log in to by number, with the demo's password; the administrator is the operator."""
    store_people(organisation=organisation, people=[AUDITOR], role=User.Role.AUDITOR)
    administrators = User.objects.filter(organisation=organisation, number=ADMIN.number)
    if not administrators.exists():
        store_people(organisation=organisation, people=[ADMIN], role=User.Role.ADMIN)
        administrators.update(is_superuser=True)
    return accounts_with_password(organisation, LOGINS)


def accounts_with_password(organisation: Organisation, numbers: Iterable[str]) -> dict[str, User]:
    """Return the accounts by number; their password is the demo's afterwards."""
    people = {number: User.objects.get(organisation=organisation, number=number) for number in numbers}
    for person in people.values():
        if not person.check_password(PASSWORD):
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
    return people
