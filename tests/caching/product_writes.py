"""Writes to what the product's own accessors show, as steps of the state machine."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from attendance import clock
from attendance.models import (
    AttendanceSession,
    Course,
    CourseStaff,
    Department,
    Lecture,
    Offering,
    Organisation,
    Term,
    User,
)

NAMES = st.sampled_from(["Ash", "Birch", "Cedar", "Durmast"])
WHICH = st.integers(0, 3)


class ProductWrites(RuleBasedStateMachine):
    """Steps on the courses, staff, lectures and check-ins of the two institutions in `both`."""

    both: list[Organisation]
    offerings: list[Offering]
    students: list[User]
    lectures: list[Lecture]

    def plan_lectures(self) -> None:
        """One lecture per institution, which the product's accessors are asked for."""
        begin = clock.now()
        hours = {"starts_at": begin, "ends_at": begin + timedelta(hours=1)}
        self.lectures = [
            Lecture.objects.create(organisation=offering.organisation, offering=offering, **hours)
            for offering in self.offerings
        ]

    @rule(which=WHICH, name=NAMES)
    def rename_in_the_catalogue(self, which: int, name: str) -> None:
        own: dict[str, Any] = {"organisation": self.both[which % 2]}
        Course.objects.filter(**own).update(title=name)
        Term.objects.filter(**own).update(name=name)
        department = Department.objects.get(**own)
        department.name = name
        department.save()

    @rule(which=WHICH, archived=st.booleans())
    def archive_a_course(self, which: int, archived: bool) -> None:
        course = Course.objects.get(organisation=self.both[which % 2])
        course.archived_at = clock.now() if archived else None
        course.save()

    @rule(which=WHICH, offering=WHICH)
    def give_a_course_an_owner(self, which: int, offering: int) -> None:
        """Somebody of either institution, which the services refuse and SQL by hand does not."""
        CourseStaff.objects.get_or_create(
            offering=self.offerings[offering % 2], user=self.students[which], defaults={"duty": "owner"}
        )

    @rule(offering=WHICH)
    def take_the_owners_away(self, offering: int) -> None:
        CourseStaff.objects.filter(offering=self.offerings[offering % 2]).delete()

    @rule(which=WHICH, role=st.sampled_from(User.Role.values))
    def give_a_role(self, which: int, role: str) -> None:
        User.objects.filter(pk=self.students[which].pk).update(role=role)

    @rule(which=WHICH, to=WHICH)
    def move_a_person(self, which: int, to: int) -> None:
        User.objects.filter(pk=self.students[which].pk).update(organisation=self.both[to % 2])

    @rule(which=WHICH, cancelled=st.booleans(), to=WHICH)
    def change_a_lecture(self, which: int, cancelled: bool, to: int) -> None:
        Lecture.objects.filter(pk=self.lectures[which % 2].pk).update(
            cancelled_at=clock.now() if cancelled else None, organisation=self.both[to % 2]
        )

    @rule(which=WHICH, is_open=st.booleans())
    def open_or_close_check_in(self, which: int, is_open: bool) -> None:
        open_now = AttendanceSession.objects.filter(lecture=self.lectures[which % 2], closed_at__isnull=True)
        teacher = self.students[0]
        if is_open and not open_now.exists():
            ends_at = clock.now() + timedelta(minutes=15)
            AttendanceSession.objects.create(
                lecture=self.lectures[which % 2], opened_by=teacher, opened_at=clock.now(), ends_at=ends_at
            )
        elif not is_open:
            open_now.update(closed_at=clock.now(), closed_by=teacher)
