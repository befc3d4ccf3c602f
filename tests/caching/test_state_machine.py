"""Whatever is written, lost, purged and evicted in whatever order: a cached accessor returns what its twin returns."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import hypothesis
import pytest
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from attendance import cache_tags
from attendance.caching import bypass, keys, outbox, rounds, stamps
from attendance.caching.accessors import CachedAccessor, cached
from attendance.models import Course, Department, Enrolment, Lecture, Offering, Organisation, Room, Section, Term, User
from tests.caching.conftest import by_hand, plain_connection
from tests.caching.product_writes import NAMES, WHICH, ProductWrites
from tests.caching.ruled_rows import Seat
from tests.queries.accessors import calls, result_of

NINE = datetime(2026, 10, 5, 9, tzinfo=UTC)
KINDS = st.sampled_from(["e:", "s:", "fence", "epoch", "position"])
STEPS = 25
EXAMPLES = 9
numbers = count()
MINUTE = timedelta(seconds=60)


@cached("rooms", timeout=MINUTE, tags=lambda *, of: [cache_tags.rooms_of(of)])
def rooms(*, of: str) -> list[list[Any]]:
    return [list(row) for row in Room.objects.filter(organisation=of).order_by("pk").values_list("name", "capacity")]


@cached("people", timeout=MINUTE, tags=lambda *, of: [cache_tags.people_of(of), cache_tags.departments_of(of)])
def people(*, of: str) -> list[list[Any]]:
    own = User.objects.filter(organisation=of).order_by("pk")
    return [list(row) for row in own.values_list("family_name", "is_active", "department__name")]


def _roster_tags(*, offering: int, organisation: str) -> list[str]:
    return [f"enrolment.offering={offering}", cache_tags.people_of(organisation), f"section.offering={offering}"]


@cached("roster", timeout=MINUTE, tags=_roster_tags)
def roster(*, offering: int, organisation: str) -> list[list[Any]]:
    own = Enrolment.objects.filter(
        offering=offering, offering__organisation=organisation, student__organisation=organisation
    ).order_by("pk")
    return [list(row) for row in own.values_list("roll_number", "student__family_name")]


@cached("seats", timeout=MINUTE, tags=lambda *, section: [f"seat.section={section}"])
def seats(*, section: int) -> list[int]:
    return list(Seat.objects.filter(section=section).order_by("pk").values_list("enrolment", flat=True))


@cached(
    "of_student", timeout=MINUTE, tags=lambda *, student: [f"enrolment.student={student}", f"seat.student={student}"]
)
def of_student(*, student: int) -> list[list[int]]:
    own = Enrolment.objects.filter(student=student).order_by("pk", "sections")
    return [list(row) for row in own.values_list("offering", "sections")]


@cached("timetable", timeout=MINUTE, tags=lambda *, of: [cache_tags.lectures_of(of), cache_tags.rooms_of(of)])
def timetable(*, of: str) -> list[list[Any]]:
    own = Lecture.objects.filter(organisation=of).order_by("pk")
    return [list(row) for row in own.values_list("topic", "room__name")]


@cached("enrolled", timeout=MINUTE, tags=lambda *, of: [cache_tags.enrolments_of_organisation(of)])
def enrolled(*, of: str) -> int:
    return Enrolment.objects.filter(offering__organisation=of).count()


class Institutions(ProductWrites):
    """Two institutions of a few rows, written in every way; after each step all accessors are compared.

    Some are of this file, for paths that no page reads yet; the others are all that the product has.
    """

    def __init__(self) -> None:
        super().__init__()
        bypass.end()
        self.late: Any = None
        self.both = [
            Organisation.objects.create(slug=f"university-{next(numbers)}", name="University") for _n in range(2)
        ]
        self.offerings = [self._offering(organisation) for organisation in self.both]
        self.sections = [Section.objects.create(offering=each, name="Seminar") for each in self.offerings]
        self.students = [self._person(organisation, f"s{n}") for n in range(2) for organisation in self.both]
        for organisation in self.both:
            Room.objects.create(organisation=organisation, name="Hall")
        self.plan_lectures()
        rounds.run_now()

    def _offering(self, organisation: Organisation) -> Offering:
        own: dict[str, Any] = {"organisation": organisation}
        term = Term.objects.create(name="Autumn", first_day=date(2026, 9, 1), last_day=date(2027, 1, 1), **own)
        department = Department.objects.create(name="Biology", **own)
        course = Course.objects.create(department=department, code="BIO1", title="Cells", **own)
        return Offering.objects.create(course=course, term=term, **own)

    def _person(self, organisation: Organisation, name: str) -> User:
        username = f"{name}-{organisation.pk.hex}"
        return User.objects.create(organisation=organisation, role="student", username=username, family_name=name)

    def _room(self, which: int) -> Room:
        own = Room.objects.filter(organisation__in=self.both).order_by("pk")
        return own[which % len(own)]

    # --- Writes through Django ----------------------------------------------------------------------------------------

    @rule(which=WHICH, name=NAMES)
    def store_a_room(self, which: int, name: str) -> None:
        Room.objects.get_or_create(organisation=self.both[which % 2], name=name)

    @rule(which=WHICH, name=NAMES)
    def rename_a_room(self, which: int, name: str) -> None:
        room = self._room(which)
        if not Room.objects.filter(organisation=room.organisation_id, name=name).exists():
            room.name = name
            room.save()

    @rule(which=WHICH)
    def move_a_room(self, which: int) -> None:
        room = self._room(which)
        other = next(each for each in self.both if each != room.organisation)
        if not Room.objects.filter(organisation=other, name=room.name).exists():
            Room.objects.filter(pk=room.pk).update(organisation=other)

    @rule(number=st.sampled_from([2, 120]), capacity=st.integers(1, 3))
    def store_many_rooms_and_take_them_away(self, number: int, capacity: int) -> None:
        made = [Room(organisation=self.both[n % 2], name=f"N{n}", capacity=capacity) for n in range(number)]
        Room.objects.bulk_create(made)
        self.accessors_return_what_their_twins_return()
        Room.objects.filter(organisation__in=self.both, name__startswith="N").delete()

    @rule(capacity=st.integers(1, 3))
    def update_all_rooms_in_raw_sql(self, capacity: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE attendance_room SET capacity = %s", [capacity])

    @rule(which=WHICH, active=st.booleans(), name=NAMES)
    def change_a_person(self, which: int, active: bool, name: str) -> None:
        student = self.students[which]
        student.is_active, student.family_name = active, name
        User.objects.bulk_update([student], ["is_active", "family_name"])

    @rule(which=WHICH, offering=WHICH)
    def enrol(self, which: int, offering: int) -> None:
        student = self.students[which]
        numbered = {"roll_number": f"{student.pk}"}  # Others take its place in the list, but not its number.
        Enrolment.objects.update_or_create(
            offering=self.offerings[offering % 2], student=student, defaults=numbered, create_defaults=numbered
        )

    @rule(which=WHICH)
    def leave(self, which: int) -> None:
        Enrolment.objects.filter(student=self.students[which]).delete()

    @rule(which=WHICH, seated=st.booleans())
    def change_seats(self, which: int, seated: bool) -> None:
        for enrolment in Enrolment.objects.filter(student=self.students[which]):
            enrolment.sections.set(self.sections if seated else [])

    @rule(which=WHICH, topic=NAMES)
    def schedule(self, which: int, topic: str) -> None:
        room, offering = self._room(which), self.offerings[which % 2]
        begin = {"starts_at": NINE, "ends_at": NINE + MINUTE, "topic": topic}
        lecture = Lecture.objects.create(organisation=offering.organisation, offering=offering, **begin)
        if room.organisation == offering.organisation:
            lecture.room = room
            lecture.save()
        self.accessors_return_what_their_twins_return()
        lecture.delete()

    @rule(which=WHICH, inner=st.booleans(), outer=st.booleans())
    def write_in_nested_transactions(self, which: int, inner: bool, outer: bool) -> None:
        with transaction.atomic():
            Department.objects.filter(organisation=self.both[which % 2]).update(name=f"D{which}{outer}")
            with transaction.atomic():
                Room.objects.filter(organisation__in=self.both).update(capacity=which)
                transaction.set_rollback(inner)
            User.objects.filter(pk=self.students[which].pk).update(is_active=inner)
            transaction.set_rollback(outer)

    # --- Writes that the engine does not see --------------------------------------------------------------------------

    @rule(which=WHICH, capacity=st.integers(4, 6))
    def update_by_hand(self, which: int, capacity: int) -> None:
        with by_hand() as plain:
            plain.execute(f"UPDATE attendance_room SET capacity = {capacity} WHERE id = {self._room(which).pk}")
        assert rounds.run_now()

    @precondition(lambda self: self.late is None and connection.vendor == "postgresql")
    @rule(which=WHICH)
    def begin_a_long_transaction_by_hand(self, which: int) -> None:
        """On PostgreSQL it writes now, and others go on; on SQLite they would have to wait for it."""
        self.late = plain_connection()
        self.late.execute(f"UPDATE attendance_user SET family_name = 'Late' WHERE id = {self.students[which].pk}")
        self.late_student = self.students.pop(which)  # Nobody else writes this row until then.
        self.students.append(self._person(self.both[0], f"n{next(numbers)}"))
        assert rounds.run_now()  # The position moves past the transaction, whose rows are not visible yet.
        self.accessors_return_what_their_twins_return()

    @precondition(lambda self: self.late is not None)
    @rule(kept=st.booleans())
    def end_it(self, kept: bool) -> None:
        if kept:
            self.late.commit()
        self.late.close()
        self.late = None
        assert rounds.run_now()

    # --- What happens to the cache meanwhile --------------------------------------------------------------------------

    @rule()
    def run_a_round(self) -> None:
        assert rounds.run_now()

    @rule(seconds=st.sampled_from([-1, 0, 600]))
    def purge(self, seconds: int) -> None:
        with transaction.atomic():
            outbox.purge(kept=timedelta(seconds=seconds))

    @rule(kind=KINDS, number=st.integers(0, 999))
    def evict(self, kind: str, number: int) -> None:
        held = own_keys(kind)
        stamps.client().delete(*held[number % len(held) :][:1] if held else ["nothing"])

    @rule(kind=KINDS, number=st.integers(0, 999))
    def let_expire(self, kind: str, number: int) -> None:
        held = own_keys(kind)
        stamps.client().pexpire(held[number % len(held)] if held else "nothing", 0)

    @rule()
    def lose_everything(self) -> None:
        for key in own_keys():
            stamps.client().delete(key)

    @rule()
    def set_redis_back_to_an_old_copy_and_run_a_round(self) -> None:
        client = stamps.client()
        copy = {key: client.dump(key) for key in own_keys()}
        Room.objects.filter(organisation__in=self.both).update(capacity=7)
        self.accessors_return_what_their_twins_return()
        for key in own_keys():
            client.delete(key)
        for key, value in copy.items():
            client.restore(key, 60_000, value, replace=True)
        assert rounds.run_now()

    @invariant()
    def accessors_return_what_their_twins_return(self) -> None:
        for accessor, arguments in self._calls():
            seen, truth = result_of(accessor, arguments), result_of(accessor.uncached, arguments)
            assert seen == truth, (accessor.resource, arguments)

    def _calls(self) -> list[tuple[CachedAccessor[..., Any], dict[str, Any]]]:
        by_organisation: list[CachedAccessor[..., Any]] = [rooms, people, timetable, enrolled]
        of = [(accessor, {"of": each.pk.hex}) for accessor in by_organisation for each in self.both]
        rosters = [(roster, {"offering": each.pk, "organisation": each.organisation_id.hex}) for each in self.offerings]
        sections = [(seats, {"section": each.pk}) for each in self.sections]
        students = [(of_student, {"student": each.pk}) for each in self.students]
        return [*of, *rosters, *sections, *students, *calls(self.both, self.lectures)]

    def teardown(self) -> None:
        if self.late is not None:
            self.late.close()


def own_keys(kind: str = "") -> list[bytes]:
    """The keys of this test in Redis, or those of one kind, in order."""
    prefix = keys.epoch().removesuffix("epoch")
    return sorted(stamps.client().scan_iter(match=f"{prefix}{kind}*", count=1000))


@pytest.mark.django_db(transaction=True)
def test_cached_equals_uncached_in_every_order_of_events(calm: None) -> None:
    settings = hypothesis.settings(max_examples=EXAMPLES, stateful_step_count=STEPS)
    run_state_machine_as_test(Institutions, settings=settings)
