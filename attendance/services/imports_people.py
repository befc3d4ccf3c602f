"""The people of a planned term and what they are enrolled in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from attendance.models import Department, Enrolment, Offering, Organisation, Section, User
from attendance.services.missing_rows import BATCH, Stored, add_missing
from attendance.services.refusals import Refusal
from attendance.timetable.plan import Plan, PlannedEnrolment, PlannedPerson

SectionKey = tuple[str, str]
EnrolmentKey = tuple[str, str]


def add_people(
    organisation: Organisation,
    planned: Iterable[PlannedPerson],
    role: User.Role,
    departments: Mapping[str, Department],
) -> Stored[str, User]:
    """Store the people whose number nobody in the organisation has; none of them can log in until they are invited.

    Raises:
        Refusal: a number belongs to somebody of another role, or a user name is taken twice over.
    """
    existing = {row.number: row for row in User.objects.filter(organisation=organisation).exclude(number="")}
    accounts = _NewAccounts(organisation, role)
    wanted = {}
    for person in planned:
        found = existing.get(person.number)
        if found is not None and found.role != role:
            raise Refusal(
                _("The number %(number)s belongs to %(name)s already.") % {"number": person.number, "name": found}
            )
        department = departments[person.department] if person.department else None
        wanted[person.number] = found or accounts.account(person, department)
    return add_missing(User, wanted=wanted, existing=existing)


class _NewAccounts:
    """Makes accounts whose user names and e-mail addresses nobody has yet."""

    def __init__(self, organisation: Organisation, role: User.Role) -> None:
        self._organisation, self._role = organisation, role
        # User names are unique over all organisations, so all of them are looked at.
        self._taken = set(User.objects.values_list("username", flat=True))
        addresses = User.objects.filter(organisation=organisation).values_list("email", flat=True)
        self._addresses = {address.lower() for address in addresses}

    def account(self, person: PlannedPerson, department: Department | None) -> User:
        """Return the account, not yet stored, with a password that cannot be entered."""
        username = self._username(person.username)
        address = f"{username}@{self._organisation.slug}.example"
        return User(
            organisation=self._organisation,
            role=self._role,
            username=username,
            email="" if address in self._addresses else address,
            number=person.number,
            given_name=person.given_name,
            family_name=person.family_name,
            department=department,
            password=make_password(None),
        )

    def _username(self, wish: str) -> str:
        for username in (wish, f"{self._organisation.slug}-{wish}"):
            if username not in self._taken:
                self._taken.add(username)
                return username
        raise Refusal(_("The user name %(username)s belongs to somebody else already.") % {"username": username})


def add_enrolments(
    plan: Plan,
    offerings: Mapping[str, Offering],
    sections: Mapping[SectionKey, Section],
    students: Mapping[str, User],
) -> Stored[EnrolmentKey, Enrolment]:
    """Enrol students by (number, course code), with roll numbers by family name and seats in their sections."""
    code_of = {offering.pk: code for code, offering in offerings.items()}
    rows = list(Enrolment.objects.filter(offering__in=code_of).select_related("student"))
    existing = {(row.student.number, code_of[row.offering_id]): row for row in rows}
    roll = _RollNumbers(rows)
    in_order = sorted(plan.enrolments, key=lambda planned: _listed(students[planned.student]))
    wanted = {}
    for planned in in_order:
        key = planned.student, planned.course
        offering = offerings[planned.course]
        wanted[key] = existing.get(key) or Enrolment(
            offering=offering, student=students[planned.student], roll_number=roll.next(offering)
        )
    stored = add_missing(Enrolment, wanted=wanted, existing=existing)
    _add_seats(in_order, stored, sections)
    return stored


def _listed(student: User) -> tuple[str, str, str]:
    return student.family_name, student.given_name, student.number


class _RollNumbers:
    """Hands out four-digit roll numbers, each once in its offering."""

    def __init__(self, enrolments: Iterable[Enrolment]) -> None:
        self._taken = {(row.offering_id, row.roll_number) for row in enrolments}
        self._counters: dict[int, count[int]] = defaultdict(lambda: count(1))

    def next(self, offering: Offering) -> str:
        """Return the lowest number that is free."""
        numbers = (f"{number:04}" for number in self._counters[offering.pk])
        return next(number for number in numbers if (offering.pk, number) not in self._taken)


def _add_seats(
    planned: Iterable[PlannedEnrolment],
    enrolments: Stored[EnrolmentKey, Enrolment],
    sections: Mapping[SectionKey, Section],
) -> None:
    """Put new enrolments into their sections; whoever was enrolled before may have changed groups since."""
    seats = Enrolment.sections.through
    seats.objects.bulk_create(
        [
            seats(
                enrolment_id=enrolments.made[each.student, each.course].pk,
                section_id=sections[each.course, section].pk,
            )
            for each in planned
            if (each.student, each.course) in enrolments.made
            for section in each.sections
        ],
        batch_size=BATCH,
    )
